import { directionOf, isoTime, recentTransfersView, routingDataView, wrapupView } from './conversation-view.ts'
import type { Conversation, Leg } from '../calls/legs.ts'
import type { World } from '../world.ts'

/** `GET /conversations/calls/{id}`: the flattened model, with the call's fields on the participant (genesys-api §3.3). */
export function callConversationView(world: World, conversation: Conversation): unknown {
  return {
    id: conversation.id,
    participants: conversation.legs.map((leg) => mediaParticipantView(world, conversation, leg)),
    otherMediaUris: [],
    recentTransfers: recentTransfersView(conversation.commands),
    recordingState: 'none',
    divisions: [],
    securePause: false,
    selfUri: `/api/v2/conversations/calls/${conversation.id}`,
  }
}

function mediaParticipantView(world: World, conversation: Conversation, leg: Leg): unknown {
  const queue = leg.queueId === undefined ? undefined : world.queues.get(leg.queueId)
  return {
    id: leg.id,
    name: leg.name,
    address: leg.address,
    startTime: isoTime(leg.startAt),
    startAlertingTime: leg.initialState === 'alerting' ? isoTime(leg.startAt) : undefined,
    connectedTime: isoTime(leg.connectedAt),
    endTime: isoTime(leg.endAt),
    purpose: leg.purpose,
    state: leg.state,
    direction: directionOf(leg),
    disconnectType: leg.disconnectType,
    held: false,
    ...wrapupView(leg),
    mediaRoles: ['full'],
    user: leg.userId === undefined ? undefined : { id: leg.userId, name: leg.name, selfUri: `/api/v2/users/${leg.userId}` },
    queue: leg.queueId === undefined ? undefined : { id: leg.queueId, name: queue?.name, selfUri: `/api/v2/routing/queues/${leg.queueId}` },
    attributes: leg.attributes,
    errorInfo: leg.error,
    alertingTimeoutMs: leg.alertingTimeoutMs,
    provider: 'Edge',
    peer: leg.peerId,
    conversationRoutingData: routingDataView(leg.routing),
    muted: false,
    confined: false,
    recording: false,
    recordingState: 'none',
    ani: conversation.ani,
    dnis: conversation.dnis,
    securePause: false,
  }
}
