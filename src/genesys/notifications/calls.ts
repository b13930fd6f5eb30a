import type { CallOptions } from '../client.ts'
import { masked } from '../http/error-body.ts'
import { GenesysError } from '../http/errors.ts'
import type { SdkRequest } from '../http/http-client.ts'
import { isTrustedConnectUri } from './trust.ts'

/** A channel of the notification service; its `connectUri` has been found trustworthy. */
export interface NotificationChannel {
  id: string
  connectUri: string
}

/** What the platform says of one topic that was asked for. */
export interface TopicVerdict {
  topic: string
  permitted: boolean
  reason?: string
  missingPermissions?: string[]
}

/** The notification service over HTTP (genesys-api §4), in lane 'watch' unless said otherwise. Every call rejects with GenesysError only. */
export interface NotificationCalls {
  /** Lives for 24 h after its last subscription. A `connectUri` that leads elsewhere is a malformed answer. */
  openNotificationChannel(options: CallOptions): Promise<NotificationChannel>
  /** Adds at most 1,000 topics. Refused ones do not refuse the others; a name that is no topic (400) does. */
  addNotificationTopics(channelId: string, topics: readonly string[], options: CallOptions): Promise<TopicVerdict[]>
  /** The same in the place of all that the channel had. */
  replaceNotificationTopics(channelId: string, topics: readonly string[], options: CallOptions): Promise<TopicVerdict[]>
}

type Ask = <T>(
  operation: string,
  id: string,
  options: CallOptions,
  request: SdkRequest,
  shape: (value: unknown) => T | undefined,
) => Promise<T>

/**
 * `addNotificationTopics`, but a name that is no topic, which refuses the whole request, is looked for by halves and only then given
 * up, so that it keeps nothing else from being heard. Every topic is answered.
 */
export async function addTopicsByHalves(
  calls: NotificationCalls,
  channelId: string,
  asked: readonly string[],
  options: () => CallOptions,
): Promise<TopicVerdict[]> {
  const [only] = asked
  if (only === undefined) return []
  try {
    const answered = await calls.addNotificationTopics(channelId, asked, options())
    const named = new Set(answered.map(({ topic }) => topic))
    const silent = asked.filter((topic) => !named.has(topic))
    return [...answered, ...silent.map((topic) => ({ topic, permitted: false, reason: 'not answered' }))]
  } catch (error) {
    if (!(error instanceof GenesysError) || error.platformCode !== 'notification.invalid.topic') throw error
    if (asked.length === 1) return [{ topic: only, permitted: false, reason: 'no such topic' }]
    const half = Math.ceil(asked.length / 2)
    const first = await addTopicsByHalves(calls, channelId, asked.slice(0, half), options)
    return [...first, ...(await addTopicsByHalves(calls, channelId, asked.slice(half), options))]
  }
}

/** The three calls over the HTTP client itself: they are not worth another of the SDK's modules at every start (`sdk.ts`). */
export function notificationCalls(api: string, isGateway: boolean, ask: Ask): NotificationCalls {
  const channels = `${api}/api/v2/notifications/channels`
  const subscribe = (operation: string, method: 'POST' | 'PUT') => (channelId: string, topics: readonly string[], options: CallOptions) => {
    const request = {
      method,
      url: `${channels}/${encodeURIComponent(channelId)}/subscriptions`,
      params: { ignoreErrors: 'true' },
      headers: { 'content-type': 'application/json' },
      data: topics.map((id) => ({ id })),
    }
    return ask(operation, channelId, watching(options), request, verdictsOf)
  }
  return {
    openNotificationChannel: (options) =>
      ask('openNotificationChannel', 'new', watching(options), { method: 'POST', url: channels }, (value) => {
        const { id, connectUri } = fieldsOf(value)
        if (typeof id !== 'string' || id === '' || typeof connectUri !== 'string') return undefined
        return isTrustedConnectUri(connectUri, api, isGateway) ? { id, connectUri } : undefined
      }),
    addNotificationTopics: subscribe('addNotificationTopics', 'POST'),
    replaceNotificationTopics: subscribe('replaceNotificationTopics', 'PUT'),
  }
}

const watching = (options: CallOptions): CallOptions => ({ ...options, lane: options.lane ?? 'watch' })

const fieldsOf = (value: unknown): Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {}

/** `ChannelTopicEntityListing`; undefined where it is none. */
function verdictsOf(value: unknown): TopicVerdict[] | undefined {
  const { entities } = fieldsOf(value)
  if (!Array.isArray(entities)) return undefined
  return entities.map(fieldsOf).flatMap(({ id, state, rejectionReason, missingPermissions }) => {
    if (typeof id !== 'string') return []
    const missing = Array.isArray(missingPermissions) ? missingPermissions.filter((one) => typeof one === 'string').slice(0, 20) : []
    const reason = typeof rejectionReason === 'string' ? masked(rejectionReason) : undefined
    return [
      {
        topic: id,
        permitted: state === 'Permitted',
        ...(reason && { reason }),
        ...(missing.length > 0 && { missingPermissions: missing }),
      },
    ]
  })
}
