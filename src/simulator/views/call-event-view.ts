/** Which fields a `…conversations.calls` event carries about a call. */
import { createErrorView, createWrapupView, formatTime, getDirection } from './conversation-view.ts'
import type { Conversation, Leg, RoutingData } from '../model/conversation.ts'
import type { PlatformState } from '../model/platform-state.ts'

/**
 * The body of `…conversations.calls` events, the same for the topics of queues and of users: `QueueConversationCallEventTopicCallConversation`
 * of the SDK. It is flat like `GET /conversations/calls/{id}`, but has no links and no `recentTransfers` (docs/genesys-cloud.md rule 16).
 */
export function createCallEventView(platform: PlatformState, conversation: Conversation): unknown {
  return {
    id: conversation.id,
    participants: conversation.legs.map((leg) => createParticipantView(platform, conversation, leg)),
    otherMediaUris: [],
    address: conversation.dnis,
    divisions: [],
    recordingState: 'none',
    securePause: false,
  }
}

function createParticipantView(platform: PlatformState, conversation: Conversation, leg: Leg): unknown {
  return {
    id: leg.id,
    name: leg.name,
    address: leg.address,
    startTime: formatTime(leg.startAt),
    connectedTime: formatTime(leg.connectedAt),
    endTime: formatTime(leg.endAt),
    purpose: leg.purpose,
    state: leg.state,
    initialState: leg.initialState,
    direction: getDirection(leg),
    disconnectType: leg.disconnectType,
    held: false,
    ...createWrapupEventView(leg),
    user: leg.userId === undefined ? undefined : { id: leg.userId, name: leg.name },
    queue: leg.queueId === undefined ? undefined : { id: leg.queueId, name: platform.queues.get(leg.queueId)?.name },
    attributes: leg.attributes,
    errorInfo: createErrorView(leg),
    alertingTimeoutMs: leg.alertingTimeoutMs,
    provider: 'Edge',
    conversationRoutingData: createRoutingEventView(leg.routing),
    peer: leg.peerId,
    consultParticipantId: leg.consultParticipantId,
    mediaRoles: ['full'],
    muted: false,
    confined: false,
    recording: false,
    recordingState: 'none',
    securePause: false,
    ani: conversation.ani,
    dnis: conversation.dnis,
  }
}

/** The same wrap-up fields as in a conversation, but without the name of the wrap-up code. */
function createWrapupEventView(leg: Leg): Record<string, unknown> {
  const { wrapup, ...fields } = createWrapupView(leg) as { wrapup?: { name: string } }
  if (wrapup === undefined) return fields
  const { name: _, ...wrapupWithoutName } = wrapup
  return { ...fields, wrapup: wrapupWithoutName }
}

function createRoutingEventView(routing: RoutingData | undefined): unknown {
  if (routing === undefined) return undefined
  const { queueId, languageId, priority, skillIds, scoredAgents = [] } = routing
  return {
    queue: { id: queueId },
    ...(languageId !== undefined && { language: { id: languageId } }),
    priority,
    skills: skillIds.map((id) => ({ id })),
    scoredAgents: scoredAgents.map(({ userId, score }) => ({ agent: { id: userId }, score })),
  }
}
