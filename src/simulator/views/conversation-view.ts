/** Which fields `GET /conversations/{id}` returns for a call, and the parts that other views share with it. */
import type { Callback, Conversation, Leg, Medium, RoutingData, TransferCommand } from '../model/conversation.ts'
import type { PlatformState } from '../model/platform-state.ts'

/** Formats epoch ms as ISO 8601 with milliseconds; undefined stays undefined. */
export function formatTime(epochMs: number | undefined): string | undefined {
  return epochMs === undefined ? undefined : new Date(epochMs).toISOString()
}

const recentTransferCount = 20
const defaultWrapup = { code: '7fb334b0-0e9e-11e4-9191-0800200c9a66', name: 'Default Wrap-up Code', notes: '', tags: [] }

/** `recentTransfers`: the last 20 commands, oldest first (docs/genesys-cloud.md rule 22). */
export function createRecentTransfersView(commands: readonly TransferCommand[]): unknown[] {
  return commands.slice(-recentTransferCount).map(({ id, state, issuedAt, destination, transferType }) => ({
    id,
    state,
    dateIssued: formatTime(issuedAt),
    initiator: {},
    modifiedBy: {},
    destination,
    transferType,
  }))
}

/** `conversationRoutingData`; undefined for a participant that never waited in a queue. */
export function createRoutingDataView(routing: RoutingData | undefined): unknown {
  if (routing === undefined) return undefined
  return {
    queue: { id: routing.queueId, selfUri: `/api/v2/routing/queues/${routing.queueId}` },
    ...(routing.languageId !== undefined && {
      language: { id: routing.languageId, selfUri: `/api/v2/routing/languages/${routing.languageId}` },
    }),
    priority: routing.priority,
    skills: routing.skillIds.map((id) => ({ id, selfUri: `/api/v2/routing/skills/${id}` })),
    scoredAgents: createScoredAgentsView(routing),
  }
}

/** `scoredAgents`: the preferred agents of a waiting call. */
export function createScoredAgentsView({ scoredAgents = [] }: RoutingData): unknown[] {
  return scoredAgents.map(({ userId, score }) => ({ agent: { id: userId, selfUri: `/api/v2/users/${userId}` }, score }))
}

/** The wrap-up fields of a participant; an agent has a wrap-up code only when after-call work is over. */
export function createWrapupView(leg: Leg): Record<string, unknown> {
  if (leg.purpose !== 'agent') return { wrapupRequired: false }
  const { acwStartAt, acwEndAt } = leg
  return {
    wrapupRequired: true,
    wrapupPrompt: 'optional',
    startAcwTime: formatTime(acwStartAt),
    endAcwTime: formatTime(acwEndAt),
    ...(acwStartAt !== undefined &&
      acwEndAt !== undefined && {
        wrapup: { ...defaultWrapup, durationSeconds: Math.round((acwEndAt - acwStartAt) / 1000), endTime: formatTime(acwEndAt) },
      }),
  }
}

/** `errorInfo`: an empty object for a leg without an error, as on recorded calls (docs/genesys-cloud.md rule 24). */
export function createErrorView(leg: Leg): unknown {
  return leg.error ?? {}
}

/** The direction from the organization's point of view: only a dialed number is outbound. */
export function getDirection(leg: Leg): string {
  return leg.purpose === 'external' ? 'outbound' : 'inbound'
}

/** `GET /conversations/{id}`: the state is in `participants[].calls[]`, the conversation itself has none (docs/genesys-cloud.md rule 15). */
export function createConversationView(platform: PlatformState, conversation: Conversation): unknown {
  const { id, startAt, dnis } = conversation
  // A callback is part of the conversation, which therefore outlives the call.
  const endAt = conversation.callbacks.length > 0 ? undefined : conversation.endAt
  return {
    id,
    startTime: formatTime(startAt),
    endTime: formatTime(endAt),
    address: dnis,
    participants: conversation.legs.map((leg) => createParticipantView(platform, conversation, leg)),
    recordingState: 'NONE',
    divisions: [],
    recentTransfers: createRecentTransfersView(conversation.commands),
    securePause: false,
    selfUri: `/api/v2/conversations/${id}`,
  }
}

function createParticipantView(platform: PlatformState, conversation: Conversation, leg: Leg): unknown {
  const callbacks = leg === conversation.legs[0] ? conversation.callbacks.map(createCallbackView) : []
  return {
    id: leg.id,
    startTime: formatTime(leg.startAt),
    connectedTime: formatTime(leg.connectedAt),
    endTime: callbacks.length > 0 ? undefined : formatTime(leg.endAt),
    name: leg.name,
    userId: leg.userId,
    queueId: leg.queueId,
    queueName: leg.queueId === undefined ? undefined : platform.queues.get(leg.queueId)?.name,
    purpose: leg.purpose,
    address: leg.address,
    ani: conversation.ani,
    dnis: conversation.dnis,
    ...createWrapupView(leg),
    mediaRoles: ['full'],
    conversationRoutingData: createRoutingDataView(leg.routing),
    alertingTimeoutMs: leg.alertingTimeoutMs,
    attributes: leg.attributes,
    consultParticipantId: leg.consultParticipantId,
    calls: conversation.medium === undefined ? [createCallView(conversation, leg)] : [],
    callbacks: [...createOtherMediumView('callback', conversation, leg), ...callbacks],
    chats: createOtherMediumView('chat', conversation, leg),
    emails: createOtherMediumView('email', conversation, leg),
    messages: createOtherMediumView('message', conversation, leg),
  }
}

/** A callback that nobody has called back yet. */
const createCallbackView = ({ id, numbers, userName, scheduledTime }: Callback): unknown => ({
  state: 'scheduled',
  initialState: 'scheduled',
  id,
  direction: 'outbound',
  held: false,
  callbackNumbers: numbers,
  callbackUserName: userName,
  callbackScheduledTime: scheduledTime,
  skipEnabled: false,
  timeoutSeconds: 0,
  provider: 'PureCloud Callback',
})

function createOtherMediumView(medium: Medium, conversation: Conversation, leg: Leg): unknown[] {
  if (conversation.medium !== medium) return []
  return [
    { id: leg.callId, state: leg.state, held: false, connectedTime: formatTime(leg.connectedAt), disconnectedTime: formatTime(leg.endAt) },
  ]
}

function createCallView(conversation: Conversation, leg: Leg): unknown {
  return {
    state: leg.state,
    initialState: leg.initialState,
    id: leg.callId,
    direction: getDirection(leg),
    recording: false,
    recordingState: 'none',
    muted: false,
    confined: false,
    held: false,
    securePause: false,
    errorInfo: createErrorView(leg),
    disconnectType: leg.disconnectType,
    startAlertingTime: leg.initialState === 'alerting' ? formatTime(leg.startAt) : undefined,
    connectedTime: formatTime(leg.connectedAt),
    disconnectedTime: formatTime(leg.endAt),
    disconnectReasons: [],
    provider: 'Edge',
    peerId: leg.peerId,
    self: { name: leg.name, addressRaw: leg.address },
    other: { addressRaw: leg.purpose === 'customer' ? conversation.dnis : conversation.ani },
    afterCallWorkRequired: leg.purpose === 'agent',
  }
}
