/** Who asks for transfers in the benches: the tutorial's own sequence of calls, and a caller of Handoff. */
import { setTimeout } from 'node:timers/promises'
import { Agent, request } from 'undici'

const pollMs = 2_000
const pickupTimeoutMs = 30_000
const tries = 3

export interface Wish {
  conversationId: string
  skillId: string
  queueId: string
}
interface Answered {
  status: number
  body: Record<string, unknown>
}

/** Keep-alive connections, as many as are wanted. */
export const connections = (): Agent => new Agent({ connections: 512, keepAliveTimeout: 60_000 })

export async function asks(
  dispatcher: Agent,
  method: 'GET' | 'POST',
  url: string,
  headers: Record<string, string>,
  body?: unknown,
): Promise<Answered & { retryAfter: number }> {
  const answer = await request(url, {
    method,
    dispatcher,
    headers: { ...headers, ...(body !== undefined && { 'content-type': 'application/json' }) },
    ...(body !== undefined && { body: JSON.stringify(body) }),
  })
  const text = await answer.body.text()
  return {
    status: answer.statusCode,
    body: (text === '' ? {} : JSON.parse(text)) as Record<string, unknown>,
    retryAfter: Number(answer.headers['retry-after'] ?? 0),
  }
}

export async function tokenOf(simulatorUrl: string): Promise<string> {
  const response = await fetch(`${simulatorUrl}/oauth/token`, {
    method: 'POST',
    headers: {
      authorization: `Basic ${Buffer.from('handoff-demo:handoff-demo-secret').toString('base64')}`,
      'content-type': 'application/x-www-form-urlencoded',
    },
    body: 'grant_type=client_credentials',
  })
  return ((await response.json()) as { access_token: string }).access_token
}

interface Participants {
  participants: Array<{ id: string; purpose: string; calls?: Array<{ state: string }> }>
}
const connected = ({ participants }: Participants, purpose: string) =>
  participants.find((one) => one.purpose === purpose && one.calls?.some(({ state }) => state === 'connected'))

/** The tutorial: get the conversation, validate it again, skill, users, transfer, one after the other; then a poll every 2 s. 429: Retry-After, at most three tries. */
export function tutorialClient(simulatorUrl: string, token: string, dispatcher: Agent) {
  const headers = { authorization: `Bearer ${token}` }
  async function ask(method: 'GET' | 'POST', path: string, body?: unknown): Promise<Answered> {
    for (let attempt = 1; ; attempt++) {
      const answer = await asks(dispatcher, method, `${simulatorUrl}/api/v2${path}`, headers, body)
      if (answer.status !== 429 || attempt === tries) return answer
      await setTimeout(answer.retryAfter * 1000)
    }
  }
  async function got(path: string): Promise<Record<string, unknown>> {
    const { status, body } = await ask('GET', path)
    if (status !== 200) throw new Error(`${status}`)
    return body
  }
  return {
    async transfer({ conversationId, skillId, queueId }: Wish): Promise<undefined> {
      await got(`/conversations/${conversationId}`)
      const holder = connected((await got(`/conversations/${conversationId}`)) as unknown as Participants, 'ivr')
      await got(`/routing/skills/${skillId}`)
      await got(`/routing/queues/${queueId}/members?joined=true&routingStatus=IDLE&expand=skills&pageSize=100`)
      const moved = await ask('POST', `/conversations/${conversationId}/participants/${holder?.id}/replace/queue`, {
        queueId,
        transferType: 'Unattended',
      })
      if (moved.status !== 202) throw new Error(`${moved.status}`)
      return undefined
    },
    /** True: somebody picked up. */
    async poll(conversationId: string): Promise<boolean> {
      for (const end = Date.now() + pickupTimeoutMs; Date.now() < end;) {
        await setTimeout(pollMs)
        const seen = await ask('GET', `/conversations/${conversationId}`)
        if (seen.status === 200 && connected(seen.body as unknown as Participants, 'agent')) return true
      }
      return false
    },
  }
}

/** A caller of Handoff (or of anything with its request). */
export function handoffClient(url: string, key: string, dispatcher: Agent) {
  const headers = { authorization: `Bearer ${key}` }
  return {
    async transfer({ conversationId, skillId, queueId }: Wish): Promise<string | undefined> {
      const { status, body } = await asks(dispatcher, 'POST', `${url}/v1/transfers`, headers, {
        conversationId,
        target: { type: 'skill', skillId, queueId },
        priority: 10,
      })
      return status === 202 ? undefined : `${status} ${String(body['code'])}`
    },
  }
}
