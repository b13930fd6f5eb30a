import { idleMembersOf, queueOf, routingOf, skillOf, userOf } from './responses.ts'
import type { IdleMember, Queue, Routing, Skill, User } from './responses.ts'
import { createBreaker } from './http/breaker.ts'
import type { BreakerState } from './http/breaker.ts'
import { clockOver, steadyClock, wallClock } from './clock.ts'
import { GenesysError } from './http/errors.ts'
import { createTransport } from './http/exchange.ts'
import type { Answer } from './http/exchange.ts'
import { LANES } from './http/rate-limiter.ts'
import type { Lane } from './http/rate-limiter.ts'
import { createHttpClient, inContext } from './http/http-client.ts'
import type { CallContext, GenesysObservers } from './http/http-client.ts'
import { createTokenPool } from './auth/token-pool.ts'
import { createRetryBudget } from './http/retry-budget.ts'
import { clientCredentials } from './auth/login.ts'
import { notificationCalls } from './notifications/calls.ts'
import type { NotificationCalls } from './notifications/calls.ts'
import { endpoints } from './auth/regions.ts'
import { loadSdk } from './sdk.ts'

/**
 * `deadline` in epoch ms. The lane is 'read' for what asks and 'command' for what changes, unless said otherwise. `mayLeave` is asked in
 * the moment before the first byte leaves: a process that was stopped for long must not send what it was about to (design §5).
 */
export interface CallOptions {
  deadline: number
  lane?: Lane | undefined
  signal?: AbortSignal | undefined
  traceparent?: string | undefined
  mayLeave?: (() => boolean) | undefined
}
export interface Accepted {
  correlationId?: string
}

/** Every call rejects with GenesysError only. */
export interface GenesysClient extends NotificationCalls {
  conversation(conversationId: string, options: CallOptions): Promise<unknown>
  skill(skillId: string, options: CallOptions): Promise<Skill>
  queue(queueId: string, options: CallOptions): Promise<Queue>
  /** `presence` is the system presence in capitals, e.g. AVAILABLE, ON_QUEUE; UNKNOWN where the platform does not tell. */
  user(userId: string, options: CallOptions): Promise<User>
  /** Joined members whose routing status is IDLE and who are neither offline nor away, of the first 500; with their active skills. */
  idleMembers(queueId: string, options: CallOptions): Promise<IdleMember[]>
  replaceWithQueue(conversationId: string, participantId: string, queueId: string, options: CallOptions): Promise<Accepted>
  replaceWithAgent(conversationId: string, participantId: string, userId: string, options: CallOptions): Promise<Accepted>
  transferToNumber(conversationId: string, participantId: string, address: string, options: CallOptions): Promise<Accepted>
  setAttributes(conversationId: string, participantId: string, attributes: Record<string, string>, options: CallOptions): Promise<void>
  /** Skills, priority and language of a conversation that waits in a queue. Resolves with what the platform then has. */
  setRouting(conversationId: string, routing: Routing, options: CallOptions): Promise<Routing>
  /** A command is likely to follow soon: a connection for it is opened meanwhile. */
  prepare(): void
  /** Resolves when a token is, or before `deadline` (epoch ms) can be, had. */
  ready(deadline: number): Promise<void>
  /** One entry per token: calls allowed and used in the last 60 s, ms left of a pause after 429. */
  headroom(): Array<{ limit: number; used: number; pausedMs: number }>
  /** Whether the platform is taken to be down, and how many calls wait under the rate limit, by lane. */
  load(): { breaker: BreakerState; waiting: Record<Lane, number> }
  close(): Promise<void>
}

export interface GenesysSettings {
  observers?: GenesysObservers | undefined

  clientId: string
  clientSecret: string
  environment: string
  gatewayUrl?: string | undefined
  requestsPerMinute: number
  tokenPoolSize: number
  /** Epoch ms; for tests. */
  clock?: (() => number) | undefined
}

const PROBE_MS = 2000
const PAGE_SIZE = 100
const MOST_PAGES = 5
const UNATTENDED = { transferType: 'Unattended' } as const

/**
 * The platform, as far as Handoff uses it (genesys-api §1), over the official SDK. Nothing is sent yet; the first call logs in.
 * Throws a plain Error that names the setting when the region or the gateway is not acceptable.
 */
export async function connectGenesys(settings: GenesysSettings): Promise<GenesysClient> {
  const { login, api } = endpoints(settings.environment, settings.gatewayUrl)
  const { clientId, clientSecret } = settings
  const wall = settings.clock ? clockOver(settings.clock) : wallClock
  const steady = settings.clock ? wall : steadyClock
  const wire = createTransport()
  const lines = createTokenPool({
    size: settings.tokenPoolSize,
    requestsPerMinute: settings.requestsPerMinute,
    wall,
    steady,
    login: clientCredentials({ url: login, clientId, clientSecret, wire }),
  })
  /** Needs no permission and changes nothing; whatever a platform that works answers to it, it answers. */
  async function probe(): Promise<Answer> {
    try {
      const line = lines.pick('watch')
      const token = await line.token.get(wall.now() + PROBE_MS)
      await line.governor.admit('watch', steady.now() + PROBE_MS)
      const url = new URL(`${api}/api/v2/notifications/channels`)
      return await wire.send({
        url,
        method: 'GET',
        headers: { authorization: `Bearer ${token}`, 'user-agent': 'handoff' },
        withinMs: PROBE_MS,
      })
    } catch {
      return { sent: false, headers: {}, body: '', broke: { kind: 'network' } }
    }
  }
  const breaker = createBreaker({ probe })
  const http = createHttpClient({
    observers: settings.observers,
    api,
    lines,
    wire,
    breaker,
    budget: createRetryBudget(),
    wall,
    steady,
    secrets: [clientSecret],
  })
  const { conversations, routing, users } = await loadSdk({ api, request: (request) => http.request(request) })

  const call = async <T>(
    operation: string,
    ids: string[],
    expects: CallContext['expects'],
    { lane, ...options }: CallOptions,
    method: () => Promise<T>,
  ): Promise<{ value: T; correlationId?: string }> => {
    if (!ids.every(isId)) throw new GenesysError({ operation, reason: 'rejected', effect: 'none' })
    const context: CallContext = { ...options, operation, expects, lane: lane ?? (operation.startsWith('get') ? 'read' : 'command') }
    const value = await inContext(context, method)
    return { value, ...(context.correlationId && { correlationId: context.correlationId }) }
  }
  const read = async <T>(
    operation: string,
    id: string,
    options: CallOptions,
    method: () => Promise<unknown>,
    shape: (value: unknown) => T | undefined,
  ): Promise<T> => {
    const { value, correlationId } = await call(operation, [id], 'object', options, method)
    const shaped = shape(value)
    if (shaped === undefined) throw new GenesysError({ operation, reason: 'malformed', effect: 'unknown', status: 200, correlationId })
    return shaped
  }
  const command = async (operation: string, ids: string[], options: CallOptions, method: () => Promise<unknown>): Promise<Accepted> => {
    const { correlationId } = await call(operation, ids, 'nothing', options, method)
    return correlationId ? { correlationId } : {}
  }

  return {
    ...notificationCalls(api, Boolean(settings.gatewayUrl), (operation, id, options, request, shape) =>
      read(operation, id, options, async () => (await http.request(request)).data, shape),
    ),
    conversation: (id, options) =>
      read(
        'getConversation',
        id,
        options,
        () => conversations.getConversation(id),
        (value) => value,
      ),
    skill: (id, options) => read('getRoutingSkill', id, options, () => routing.getRoutingSkill(id), skillOf),
    queue: (id, options) => read('getRoutingQueue', id, options, () => routing.getRoutingQueue(id), queueOf),
    user: (id, options) => read('getUser', id, options, () => users.getUser(id, { expand: ['routingStatus', 'presence'] }), userOf),
    async idleMembers(id, options) {
      const found: IdleMember[] = []
      for (let pageNumber = 1; pageNumber <= MOST_PAGES; pageNumber++) {
        const query = {
          joined: true,
          routingStatus: ['IDLE'],
          expand: ['skills', 'routingStatus', 'presence'],
          pageSize: PAGE_SIZE,
          pageNumber,
        }
        const page = await read(
          'getRoutingQueueMembers',
          id,
          options,
          () => routing.getRoutingQueueMembers(id, query),
          (value) => idleMembersOf(value, PAGE_SIZE),
        )
        found.push(...page.members)
        if (!page.more) break
      }
      return found
    },
    replaceWithQueue: (conversationId, participantId, queueId, options) =>
      command('replaceWithQueue', [conversationId, participantId], options, () =>
        conversations.postConversationParticipantReplaceQueue(conversationId, participantId, { ...UNATTENDED, queueId }),
      ),
    replaceWithAgent: (conversationId, participantId, userId, options) =>
      command('replaceWithAgent', [conversationId, participantId], options, () =>
        conversations.postConversationParticipantReplaceAgent(conversationId, participantId, { ...UNATTENDED, userId }),
      ),
    transferToNumber: (conversationId, participantId, address, options) =>
      command('transferToNumber', [conversationId, participantId], options, () =>
        conversations.postConversationParticipantTransfer(conversationId, participantId, { ...UNATTENDED, address }),
      ),
    async setAttributes(conversationId, participantId, attributes, options) {
      await command('setAttributes', [conversationId, participantId], options, () =>
        conversations.patchConversationParticipantAttributes(conversationId, participantId, { attributes }),
      )
    },
    setRouting: (id, { skillIds, priority, languageId }, options) =>
      read(
        'setRouting',
        id,
        options,
        () => routing.patchRoutingConversation(id, { skillIds, priority, ...(languageId !== undefined && { languageId }) }),
        routingOf,
      ),
    prepare() {
      if (breaker.state === 'closed') wire.prepare(new URL(api))
    },
    async ready(deadline) {
      await Promise.any(lines.all.map((line) => line.token.get(deadline))).catch((error: AggregateError) => {
        throw error.errors[0]
      })
    },
    headroom: () => lines.all.map((line) => line.governor.headroom()),
    load() {
      const waiting: Record<Lane, number> = { command: 0, read: 0, watch: 0 }
      for (const { governor } of lines.all) for (const lane of LANES) waiting[lane] += governor.waiting()[lane]
      return { breaker: breaker.state, waiting }
    },
    async close() {
      lines.close()
      await wire.close()
    },
  }
}

/** Dots alone would climb up the path, whatever their encoding (WHATWG URL §4.5). */
const isId = (id: unknown): boolean => typeof id === 'string' && id.length <= 255 && !/^(\.|%2e){0,2}$/i.test(id)
