/** The calls of the notification service that Handoff uses, and how their responses are parsed (docs/genesys-cloud.md rules 56–58). */
import { asObject, asText, type JsonFields } from '../../model/json-fields.ts'
import type { CallOptions } from '../http/call-options.ts'
import type { HttpClient } from '../http/http-client.ts'
import { callAndParse, withDefaultLane } from '../http/operation.ts'
import { redactText } from '../http/redact.ts'
import { isTrustedConnectUri } from './trust.ts'

/** A channel of the notification service. Its `connectUri` has been checked by `isTrustedConnectUri`. */
export interface NotificationChannel {
  id: string
  connectUri: string
}

/** What the platform says about one requested topic. */
export interface TopicResult {
  topic: string
  isPermitted: boolean
  /** Redacted. */
  reason?: string
  missingPermissions?: string[]
}

/** In lane 'watch' unless the options say otherwise. Every call throws GenesysError only. */
export interface NotificationCalls {
  /** The channel lives for 24 h after its last subscription. @throws GenesysError `malformed` also if its `connectUri` is not trusted */
  openNotificationChannel(options: CallOptions): Promise<NotificationChannel>
  /** Adds at most 1,000 topics. A rejected topic does not affect the others, but a name that is no topic fails the whole call with 400. */
  addNotificationTopics(channelId: string, topics: readonly string[], options: CallOptions): Promise<TopicResult[]>
  /** As `addNotificationTopics`, but replaces all topics that the channel had. */
  replaceNotificationTopics(channelId: string, topics: readonly string[], options: CallOptions): Promise<TopicResult[]>
}

const maximumPermissions = 20

/** The calls go through the HTTP client itself: loading another module of the SDK would slow down every start (see `sdk.ts`). */
export function createNotificationCalls({
  http,
  apiUrl,
  isGateway,
}: {
  http: HttpClient
  apiUrl: string
  isGateway: boolean
}): NotificationCalls {
  const channelsUrl = `${apiUrl}/api/v2/notifications/channels`

  const createSubscribe =
    (operation: string, method: 'POST' | 'PUT') =>
    (channelId: string, topics: readonly string[], options: CallOptions): Promise<TopicResult[]> =>
      callAndParse(
        operation,
        channelId,
        withDefaultLane(options, 'watch'),
        async () => {
          const { data } = await http.request({
            method,
            url: `${channelsUrl}/${encodeURIComponent(channelId)}/subscriptions`,
            params: { ignoreErrors: 'true' },
            headers: { 'content-type': 'application/json' },
            data: topics.map((id) => ({ id })),
          })
          return data
        },
        parseTopicResults,
      )

  return {
    openNotificationChannel: (options) =>
      callAndParse(
        'openNotificationChannel',
        // The path has no id to check.
        'new',
        withDefaultLane(options, 'watch'),
        async () => (await http.request({ method: 'POST', url: channelsUrl })).data,
        (value) => {
          const channel = parseChannel(value)
          return channel && isTrustedConnectUri(channel.connectUri, { apiUrl, isGateway }) ? channel : undefined
        },
      ),
    addNotificationTopics: createSubscribe('addNotificationTopics', 'POST'),
    replaceNotificationTopics: createSubscribe('replaceNotificationTopics', 'PUT'),
  }
}

function parseChannel(value: unknown): NotificationChannel | undefined {
  const fields = asObject(value)
  const [id, connectUri] = [asText(fields?.['id']), asText(fields?.['connectUri'])]
  return id && connectUri ? { id, connectUri } : undefined
}

/** Parses a `ChannelTopicEntityListing`; entities without an id are skipped. */
function parseTopicResults(value: unknown): TopicResult[] | undefined {
  const entities = asObject(value)?.['entities']
  return Array.isArray(entities) ? entities.flatMap((entity) => parseTopicResult(asObject(entity) ?? {}) ?? []) : undefined
}

function parseTopicResult({ id, state, rejectionReason, missingPermissions }: JsonFields): TopicResult | undefined {
  if (typeof id !== 'string') return undefined
  const permissions = Array.isArray(missingPermissions) ? missingPermissions.filter((item) => typeof item === 'string') : []
  const reason = redactText(asText(rejectionReason) ?? '')
  return {
    topic: id,
    isPermitted: state === 'Permitted',
    ...(reason && { reason }),
    ...(permissions.length > 0 && { missingPermissions: permissions.slice(0, maximumPermissions) }),
  }
}
