/** A client of Handoff, or of the bare server, which takes the same request. */
import type { Agent } from 'undici'
import { sendJson } from './http-client.ts'
import { apiKey } from './service-process.ts'
import type { TestCall } from './test-calls.ts'

/** Requests a transfer. Resolves with undefined when it was accepted, otherwise with the reason, for example status and code. */
export type TransferClient = (call: TestCall) => Promise<string | undefined>

/** What the calls are transferred to: a skill with a priority, or the queue alone. */
export type TargetKind = 'skill' | 'queue'

/** Creates a client that transfers calls to a skill, or to the queue. */
export function createHandoffClient(url: string, dispatcher: Agent, targetKind: TargetKind = 'skill'): TransferClient {
  const headers = { authorization: `Bearer ${apiKey}` }
  return async ({ conversationId, skillId, queueId }) => {
    const { status, body } = await sendJson(dispatcher, 'POST', `${url}/v1/transfers`, headers, {
      conversationId,
      ...(targetKind === 'skill' ? { target: { type: 'skill', skillId, queueId }, priority: 10 } : { target: { type: 'queue', queueId } }),
    })
    return status === 202 ? undefined : `${status} ${String(body['code'])}`
  }
}
