/** Which fields `GET /conversations/calls/{id}` returns for a call. */
import {
  createErrorView,
  createRecentTransfersView,
  createRoutingDataView,
  createWrapupView,
  formatTime,
  getDirection,
} from './conversation-view.ts'
import type { Conversation, Leg } from '../model/conversation.ts'
import type { PlatformState } from '../model/platform-state.ts'

/** `GET /conversations/calls/{id}`: the flattened model, with the call's fields on the participant (docs/genesys-cloud.md rule 16). */
export function createCallConversationView(platform: PlatformState, conversation: Conversation): unknown {
  return {
    id: conversation.id,
    participants: conversation.legs.map((leg) => createParticipantView(platform, conversation, leg)),
    otherMediaUris: [],
    recentTransfers: createRecentTransfersView(conversation.commands),
    recordingState: 'none',
    divisions: [],
    securePause: false,
    selfUri: `/api/v2/conversations/calls/${conversation.id}`,
  }
}

function createParticipantView(platform: PlatformState, conversation: Conversation, leg: Leg): unknown {
  const queue = leg.queueId === undefined ? undefined : platform.queues.get(leg.queueId)
  return {
    id: leg.id,
    name: leg.name,
    address: leg.address,
    startTime: formatTime(leg.startAt),
    startAlertingTime: leg.initialState === 'alerting' ? formatTime(leg.startAt) : undefined,
    connectedTime: formatTime(leg.connectedAt),
    endTime: formatTime(leg.endAt),
    purpose: leg.purpose,
    state: leg.state,
    direction: getDirection(leg),
    disconnectType: leg.disconnectType,
    held: false,
    ...createWrapupView(leg),
    mediaRoles: ['full'],
    user: leg.userId === undefined ? undefined : { id: leg.userId, name: leg.name, selfUri: `/api/v2/users/${leg.userId}` },
    queue: leg.queueId === undefined ? undefined : { id: leg.queueId, name: queue?.name, selfUri: `/api/v2/routing/queues/${leg.queueId}` },
    attributes: leg.attributes,
    errorInfo: createErrorView(leg),
    alertingTimeoutMs: leg.alertingTimeoutMs,
    provider: 'Edge',
    peer: leg.peerId,
    consultParticipantId: leg.consultParticipantId,
    conversationRoutingData: createRoutingDataView(leg.routing),
    muted: false,
    confined: false,
    recording: false,
    recordingState: 'none',
    ani: conversation.ani,
    dnis: conversation.dnis,
    securePause: false,
  }
}
