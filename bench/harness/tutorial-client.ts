/** A client that transfers calls without Handoff: the tutorial's steps (README.md#where-the-tutorials-calls-went), with requests that exist. */
import { setTimeout } from 'node:timers/promises'
import type { Agent } from 'undici'
import { sendJson, type JsonResponse } from './http-client.ts'
import type { TestCall } from './test-calls.ts'

const pollMs = 2_000
const pickupTimeoutMs = 30_000
const attemptLimit = 3

interface ConversationBody {
  participants: Array<{ id: string; purpose: string; calls?: Array<{ state: string }> }>
}

const findConnected = ({ participants }: ConversationBody, purpose: string) =>
  participants.find((participant) => participant.purpose === purpose && participant.calls?.some(({ state }) => state === 'connected'))

/** Creates the client. It sends each platform request at most three times: after a 429, again when Retry-After has passed. */
export function createTutorialClient(simulatorUrl: string, token: string, dispatcher: Agent) {
  const headers = { authorization: `Bearer ${token}` }
  async function send(method: 'GET' | 'POST', path: string, body?: unknown): Promise<JsonResponse> {
    for (let attempt = 1; ; attempt++) {
      const response = await sendJson(dispatcher, method, `${simulatorUrl}/api/v2${path}`, headers, body)
      if (response.status !== 429 || attempt === attemptLimit) return response
      await setTimeout(response.retryAfterSeconds * 1000)
    }
  }
  async function get(path: string): Promise<ConversationBody> {
    const { status, body } = await send('GET', path)
    if (status !== 200) throw new Error(`${status}`)
    return body as unknown as ConversationBody
  }
  return {
    /**
     * Moves a phone call from the IVR to its queue, with five platform requests one after the other: the conversation, the conversation again
     * for validation, the skill, the idle agents, and the transfer. Resolves with undefined, like every client of the load, when it is accepted.
     * @throws Error with the status of a refusal
     */
    async transfer({ conversationId, skillId, queueId }: TestCall): Promise<undefined> {
      await get(`/conversations/${conversationId}`)
      const ivr = findConnected(await get(`/conversations/${conversationId}`), 'ivr')
      await get(`/routing/skills/${skillId}`)
      await get(`/routing/queues/${queueId}/members?joined=true&routingStatus=IDLE&expand=skills&pageSize=100`)
      const command = await send('POST', `/conversations/${conversationId}/participants/${ivr?.id}/replace/queue`, {
        queueId,
        transferType: 'Unattended',
      })
      if (command.status !== 202) throw new Error(`${command.status}`)
      return undefined
    },
    /** Polls every 2 s. Resolves with whether an agent picked up within 30 s. */
    async waitForPickup(conversationId: string): Promise<boolean> {
      for (const end = Date.now() + pickupTimeoutMs; Date.now() < end;) {
        await setTimeout(pollMs)
        const { status, body } = await send('GET', `/conversations/${conversationId}`)
        if (status === 200 && findConnected(body as unknown as ConversationBody, 'agent')) return true
      }
      return false
    },
  }
}
