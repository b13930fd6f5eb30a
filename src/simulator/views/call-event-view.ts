import { directionOf, isoTime, wrapupView } from './conversation-view.ts'
import type { Conversation, Leg, RoutingData } from '../calls/legs.ts'
import type { World } from '../world.ts'

/**
 * The body of `…conversations.calls` events: QueueConversationCallEventTopicCallConversation, which is the same as the users'
 * topic has. Flattened like `GET /conversations/calls/{id}`, but without links and `recentTransfers` (genesys-api §3.3).
 */
export function callEventView(world: World, conversation: Conversation): unknown {
  return {
    id: conversation.id,
    participants: conversation.legs.map((leg) => participantView(world, conversation, leg)),
    otherMediaUris: [],
    address: conversation.dnis,
    divisions: [],
    recordingState: 'none',
    securePause: false,
  }
}

function participantView(world: World, conversation: Conversation, leg: Leg): unknown {
  return {
    id: leg.id,
    name: leg.name,
    address: leg.address,
    startTime: isoTime(leg.startAt),
    connectedTime: isoTime(leg.connectedAt),
    endTime: isoTime(leg.endAt),
    purpose: leg.purpose,
    state: leg.state,
    initialState: leg.initialState,
    direction: directionOf(leg),
    disconnectType: leg.disconnectType,
    held: false,
    ...wrapupEventView(leg),
    user: leg.userId === undefined ? undefined : { id: leg.userId, name: leg.name },
    queue: leg.queueId === undefined ? undefined : { id: leg.queueId, name: world.queues.get(leg.queueId)?.name },
    attributes: leg.attributes,
    errorInfo: leg.error,
    alertingTimeoutMs: leg.alertingTimeoutMs,
    provider: 'Edge',
    conversationRoutingData: routingEventView(leg.routing),
    peer: leg.peerId,
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

/** As in the answers, but the code of a wrap-up comes without its name. */
function wrapupEventView(leg: Leg): Record<string, unknown> {
  const { wrapup, ...fields } = wrapupView(leg) as { wrapup?: { name: string } }
  if (wrapup === undefined) return fields
  const { name: _, ...event } = wrapup
  return { ...fields, wrapup: event }
}

function routingEventView(routing: RoutingData | undefined): unknown {
  if (routing === undefined) return undefined
  const { queueId, languageId, priority, skillIds } = routing
  return {
    queue: { id: queueId },
    ...(languageId !== undefined && { language: { id: languageId } }),
    priority,
    skills: skillIds.map((id) => ({ id })),
    scoredAgents: [],
  }
}
