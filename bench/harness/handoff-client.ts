/** A client of Handoff, or of a server that takes the same request. */
import type { Agent } from 'undici'
import { sendJson } from './http-client.ts'
import { apiKey } from './service-process.ts'
import type { TestCall } from './test-calls.ts'

/** Requests a transfer. Resolves with status and code of a refusal, or with undefined. */
export type TransferClient = (call: TestCall) => Promise<string | undefined>

/** Creates a client that transfers calls to a skill. */
export function createHandoffClient(url: string, dispatcher: Agent): TransferClient {
  const headers = { authorization: `Bearer ${apiKey}` }
  return async ({ conversationId, skillId, queueId }) => {
    const { status, body } = await sendJson(dispatcher, 'POST', `${url}/v1/transfers`, headers, {
      conversationId,
      target: { type: 'skill', skillId, queueId },
      priority: 10,
    })
    return status === 202 ? undefined : `${status} ${String(body['code'])}`
  }
}
