/** How notification channels are created and listed over HTTP; the endpoints require no permission (docs/genesys-cloud.md rule 56). */
import { createAvailableTopicsView } from '../notifications/available-topics.ts'
import type { Channel } from '../notifications/channel.ts'
import { createSocketPath } from '../notifications/sockets.ts'
import type { Operation, OperationContext, PlatformRequest, PlatformResponse } from './operation.ts'
import { parseList } from './parameters.ts'

/** `connectUri` names the host that the request was sent to, so that it also works behind the name of a container. */
function createChannelView({ id, expiresAt }: Channel, { host }: PlatformRequest): unknown {
  return { connectUri: `ws://${host}${createSocketPath(id)}`, id, expires: new Date(expiresAt).toISOString() }
}

/** Lists the channels of this token. With `includechannels=oauthclient` the others are listed too, but only by their expiry. */
function listChannels({ notifications }: OperationContext, request: PlatformRequest): PlatformResponse {
  const channels = notifications.channels.list()
  const isOwn = (channel: Channel) => channel.token === request.token
  const listed = request.query['includechannels'] === 'oauthclient' ? channels : channels.filter(isOwn)
  const entities = listed.map((channel) =>
    isOwn(channel) ? createChannelView(channel, request) : { expires: new Date(channel.expiresAt).toISOString() },
  )
  return { status: 200, body: { entities } }
}

/** The operations for notification channels. */
export const notificationChannelOperations: readonly Operation[] = [
  {
    method: 'POST',
    path: '/notifications/channels',
    handle: ({ notifications }, request) => ({
      status: 200,
      body: createChannelView(notifications.channels.create(request.token), request),
    }),
  },
  { method: 'GET', path: '/notifications/channels', handle: listChannels },
  {
    method: 'GET',
    path: '/notifications/availabletopics',
    handle: (_context, { query }) => ({ status: 200, body: { entities: createAvailableTopicsView(new Set(parseList(query['expand']))) } }),
  },
]
