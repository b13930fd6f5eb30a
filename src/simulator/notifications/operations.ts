import type { Channel } from './channels.ts'
import { socketPath } from './sockets.ts'
import { availableTopicsView, fitsPattern, kindOfTopic, type TopicKind } from './topics.ts'
import { PlatformError } from '../platform/platform-errors.ts'
import { listParameter, objectBody, optionalString, type Operation, type PlatformRequest } from '../platform/platform-operation.ts'
import type { World } from '../world.ts'

const MOST_TOPICS = 1_000

interface Verdict {
  readonly id: string
  readonly state: 'Permitted' | 'Rejected'
  readonly rejectionReason?: string
  readonly missingPermissions?: readonly string[]
}

/** `connectUri` names the host that the request was sent to, so that it holds behind a container's name as well. */
function channelView({ id, expiresAt }: Channel, { host }: PlatformRequest): unknown {
  return { connectUri: `ws://${host}${socketPath(id)}`, id, expires: new Date(expiresAt).toISOString() }
}

function channelOf(world: World, { params }: PlatformRequest): Channel {
  const { channelId = '' } = params
  const channel = world.notifications.channels.find(channelId)
  if (channel === undefined) throw new PlatformError('not.found', { entityId: channelId })
  return channel
}

/** The channels of this token; with `includechannels=oauthclient` the others too, without a word on which they are. */
function listChannels(world: World, request: PlatformRequest): ReturnType<Operation['answer']> {
  const all = world.notifications.channels.all()
  const own = (channel: Channel) => channel.token === request.token
  const shown = request.query['includechannels'] === 'oauthclient' ? all : all.filter(own)
  const entities = shown.map((channel) => {
    return own(channel) ? channelView(channel, request) : { expires: new Date(channel.expiresAt).toISOString() }
  })
  return { status: 200, body: { entities } }
}

/** POST adds topics, PUT puts them in the place of all others. One refused topic refuses the request, unless errors are ignored. */
function subscribe(kept: (channel: Channel) => Iterable<string>): Operation['answer'] {
  return (world, request) => {
    const channel = channelOf(world, request)
    const verdicts = topicsIn(request.body).map(([name, kind]) => verdictOn(world, name, kind))
    const missing = new Set(verdicts.flatMap(({ missingPermissions = [] }) => missingPermissions))
    if (request.query['ignoreErrors'] !== 'true' && verdicts.some(({ state }) => state === 'Rejected')) {
      throw new PlatformError('missing.permissions', { values: [`[${[...missing].join(', ')}]`] })
    }
    const permitted = verdicts.filter(({ state }) => state === 'Permitted').map(({ id }) => id)
    const topics = new Set([...kept(channel), ...permitted])
    if (topics.size > MOST_TOPICS) throw new PlatformError('notification.subscription.too.many.subscriptions')
    world.notifications.channels.subscribe(channel.id, topics, { extend: true })
    return { status: 200, body: { entities: verdicts } }
  }
}

/** The topics that a body asks for, each once. Throws 400 for a body that is no list of them, and for a name that is none. */
function topicsIn(body: unknown): [name: string, kind: TopicKind][] {
  if (!Array.isArray(body)) throw new PlatformError('bad.request')
  const names = new Set(body.map((entry) => optionalString(objectBody(entry), 'id') ?? ''))
  return [...names].map((name) => {
    const kind = kindOfTopic(name)
    if (kind === undefined) throw new PlatformError('notification.invalid.topic', { entityId: name })
    return [name, kind]
  })
}

function verdictOn({ notifications, settings }: World, id: string, { permissions }: TopicKind): Verdict {
  const ban = notifications.forbidden.find(({ pattern }) => fitsPattern(id, pattern))
  const { permissions: granted } = settings
  const lacking = granted === 'all' ? [] : permissions.filter((permission) => !granted.includes(permission))
  const missingPermissions = ban === undefined ? lacking : (ban.missingPermissions ?? permissions)
  if (ban === undefined && lacking.length === 0) return { id, state: 'Permitted' }
  return { id, state: 'Rejected', rejectionReason: 'Missing required permissions for the topic', missingPermissions }
}

const subscriptions = '/notifications/channels/:channelId/subscriptions'

/** The notification service over HTTP (genesys-api §4): no permission is needed for the endpoints themselves. */
export const NOTIFICATION_OPERATIONS: readonly Operation[] = [
  {
    method: 'POST',
    path: '/notifications/channels',
    answer: (world, request) => ({
      status: 200,
      body: channelView(world.notifications.channels.create(request.token), request),
    }),
  },
  { method: 'GET', path: '/notifications/channels', answer: listChannels },
  { method: 'POST', path: subscriptions, answer: subscribe(({ topics }) => topics) },
  { method: 'PUT', path: subscriptions, answer: subscribe(() => []) },
  {
    method: 'GET',
    path: subscriptions,
    answer: (world, request) => ({
      status: 200,
      body: { entities: [...channelOf(world, request).topics].map((id) => ({ id, state: 'Permitted' })) },
    }),
  },
  {
    method: 'DELETE',
    path: subscriptions,
    answer: (world, request) => {
      world.notifications.channels.subscribe(channelOf(world, request).id, new Set(), { extend: false })
      return { status: 200 }
    },
  },
  {
    method: 'GET',
    path: '/notifications/availabletopics',
    answer: (_world, { query }) => ({ status: 200, body: { entities: availableTopicsView(new Set(listParameter(query['expand']))) } }),
  },
]
