/** Which topics a channel may subscribe to, and how its subscriptions are read and changed over HTTP. */
import { PlatformError } from '../model/platform-error.ts'
import type { Channel } from '../notifications/channel.ts'
import { findTopicKind, matchesPattern, type TopicKind } from '../notifications/topics.ts'
import type { Operation, OperationContext, PlatformRequest, PlatformResponse } from './operation.ts'
import { parseObject, parseOptionalString } from './parameters.ts'

/** How many topics one channel can hold (docs/genesys-cloud.md rule 58). */
const maxTopics = 1_000

/** The platform's decision on one topic of a subscription request. */
interface SubscriptionResult {
  readonly id: string
  readonly state: 'Permitted' | 'Rejected'
  readonly rejectionReason?: string
  readonly missingPermissions?: readonly string[]
}

function findChannel({ notifications }: OperationContext, { params }: PlatformRequest): Channel {
  const { channelId = '' } = params
  const channel = notifications.channels.find(channelId)
  if (channel === undefined) throw new PlatformError('not.found', { entityId: channelId })
  return channel
}

/**
 * Creates the handler of a subscription request. One rejected topic refuses the whole request, unless `ignoreErrors`
 * is set (docs/genesys-cloud.md rule 57).
 *
 * @param getKeptTopics Returns the topics that the channel keeps besides the requested ones.
 */
function createSubscribeHandler(getKeptTopics: (channel: Channel) => Iterable<string>): Operation['handle'] {
  return (context, request) => {
    const channel = findChannel(context, request)
    const results = parseTopics(request.body).map(([name, kind]) => checkTopic(context, name, kind))
    if (request.query['ignoreErrors'] !== 'true' && results.some(({ state }) => state === 'Rejected')) {
      const missing = new Set(results.flatMap(({ missingPermissions = [] }) => missingPermissions))
      throw new PlatformError('missing.permissions', { values: [`[${[...missing].join(', ')}]`] })
    }
    const permitted = results.filter(({ state }) => state === 'Permitted').map(({ id }) => id)
    const topics = new Set([...getKeptTopics(channel), ...permitted])
    if (topics.size > maxTopics) throw new PlatformError('notification.subscription.too.many.subscriptions')
    context.notifications.channels.subscribe(channel.id, topics, { shouldExtend: true })
    return { status: 200, body: { entities: results } }
  }
}

/**
 * The topics of a request body, without duplicates.
 *
 * @throws {PlatformError} 400 for a body that is not a list of topics, or a name that is not a topic.
 */
function parseTopics(body: unknown): [name: string, kind: TopicKind][] {
  if (!Array.isArray(body)) throw new PlatformError('bad.request')
  const names = new Set(body.map((entry) => parseOptionalString(parseObject(entry), 'id') ?? ''))
  return [...names].map((name) => {
    const kind = findTopicKind(name)
    if (kind === undefined) throw new PlatformError('notification.invalid.topic', { entityId: name })
    return [name, kind]
  })
}

/** Rejects a topic that the control API forbids, or for which the client lacks a permission. */
function checkTopic({ notifications, platform }: OperationContext, id: string, { permissions }: TopicKind): SubscriptionResult {
  const forbidden = notifications.forbidden.find(({ pattern }) => matchesPattern(id, pattern))
  const { permissions: granted } = platform.settings
  const lacking = granted === 'all' ? [] : permissions.filter((permission) => !granted.includes(permission))
  if (forbidden === undefined && lacking.length === 0) return { id, state: 'Permitted' }
  const missingPermissions = forbidden === undefined ? lacking : (forbidden.missingPermissions ?? permissions)
  return { id, state: 'Rejected', rejectionReason: 'Missing required permissions for the topic', missingPermissions }
}

function listSubscriptions(context: OperationContext, request: PlatformRequest): PlatformResponse {
  const { topics } = findChannel(context, request)
  return { status: 200, body: { entities: [...topics].map((id) => ({ id, state: 'Permitted' })) } }
}

function removeSubscriptions(context: OperationContext, request: PlatformRequest): PlatformResponse {
  context.notifications.channels.subscribe(findChannel(context, request).id, new Set(), { shouldExtend: false })
  return { status: 200 }
}

const path = '/notifications/channels/:channelId/subscriptions'

/** POST adds topics, PUT replaces all of them. */
export const notificationSubscriptionOperations: readonly Operation[] = [
  { method: 'POST', path, handle: createSubscribeHandler(({ topics }) => topics) },
  { method: 'PUT', path, handle: createSubscribeHandler(() => []) },
  { method: 'GET', path, handle: listSubscriptions },
  { method: 'DELETE', path, handle: removeSubscriptions },
]
