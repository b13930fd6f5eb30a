import type { Conversation, Leg, RoutingData, TransferCommand } from '../calls/legs.ts'
import type { World } from '../world.ts'

/** ISO-8601 with milliseconds, or nothing for an instant that has not come. */
export function isoTime(at: number | undefined): string | undefined {
  return at === undefined ? undefined : new Date(at).toISOString()
}

const RECENT = 20
const WRAPUP = { code: '7fb334b0-0e9e-11e4-9191-0800200c9a66', name: 'Default Wrap-up Code', notes: '', tags: [] }

/** `recentTransfers`: the last 20 commands, oldest first. */
export function recentTransfersView(commands: readonly TransferCommand[]): unknown[] {
  return commands.slice(-RECENT).map(({ id, state, issuedAt, destination, transferType }) => ({
    id,
    state,
    dateIssued: isoTime(issuedAt),
    initiator: {},
    modifiedBy: {},
    destination,
    transferType,
  }))
}

export function routingDataView(routing: RoutingData | undefined): unknown {
  if (routing === undefined) return undefined
  return {
    queue: { id: routing.queueId, selfUri: `/api/v2/routing/queues/${routing.queueId}` },
    ...(routing.languageId !== undefined && {
      language: { id: routing.languageId, selfUri: `/api/v2/routing/languages/${routing.languageId}` },
    }),
    priority: routing.priority,
    skills: routing.skillIds.map((id) => ({ id, selfUri: `/api/v2/routing/skills/${id}` })),
    scoredAgents: [],
  }
}

/** The wrap-up fields of an agent's participant: a wrap-up code is there only when after-call work is over. */
export function wrapupView(leg: Leg): Record<string, unknown> {
  if (leg.purpose !== 'agent') return { wrapupRequired: false }
  const { acwStartAt, acwEndAt } = leg
  return {
    wrapupRequired: true,
    wrapupPrompt: 'optional',
    startAcwTime: isoTime(acwStartAt),
    endAcwTime: isoTime(acwEndAt),
    ...(acwStartAt !== undefined &&
      acwEndAt !== undefined && {
        wrapup: { ...WRAPUP, durationSeconds: Math.round((acwEndAt - acwStartAt) / 1000), endTime: isoTime(acwEndAt) },
      }),
  }
}

export function directionOf(leg: Leg): string {
  return leg.purpose === 'external' ? 'outbound' : 'inbound'
}

/** `GET /conversations/{id}`: the state lives in `participants[].calls[]`, the conversation itself has none (genesys-api §3.1). */
export function conversationView(world: World, conversation: Conversation): unknown {
  const { id, startAt, endAt, dnis } = conversation
  return {
    id,
    startTime: isoTime(startAt),
    endTime: isoTime(endAt),
    address: dnis,
    participants: conversation.legs.map((leg) => participantView(world, conversation, leg)),
    recordingState: 'NONE',
    divisions: [],
    recentTransfers: recentTransfersView(conversation.commands),
    securePause: false,
    selfUri: `/api/v2/conversations/${id}`,
  }
}

function participantView(world: World, conversation: Conversation, leg: Leg): unknown {
  return {
    id: leg.id,
    startTime: isoTime(leg.startAt),
    connectedTime: isoTime(leg.connectedAt),
    endTime: isoTime(leg.endAt),
    name: leg.name,
    userId: leg.userId,
    queueId: leg.queueId,
    queueName: leg.queueId === undefined ? undefined : world.queues.get(leg.queueId)?.name,
    purpose: leg.purpose,
    address: leg.address,
    ani: conversation.ani,
    dnis: conversation.dnis,
    ...wrapupView(leg),
    mediaRoles: ['full'],
    conversationRoutingData: routingDataView(leg.routing),
    alertingTimeoutMs: leg.alertingTimeoutMs,
    attributes: leg.attributes,
    calls: [callView(conversation, leg)],
    callbacks: [],
    chats: [],
    emails: [],
    messages: [],
  }
}

function callView(conversation: Conversation, leg: Leg): unknown {
  return {
    state: leg.state,
    initialState: leg.initialState,
    id: leg.callId,
    direction: directionOf(leg),
    recording: false,
    recordingState: 'none',
    muted: false,
    confined: false,
    held: false,
    securePause: false,
    errorInfo: leg.error,
    disconnectType: leg.disconnectType,
    startAlertingTime: leg.initialState === 'alerting' ? isoTime(leg.startAt) : undefined,
    connectedTime: isoTime(leg.connectedAt),
    disconnectedTime: isoTime(leg.endAt),
    disconnectReasons: [],
    provider: 'Edge',
    peerId: leg.peerId,
    self: { name: leg.name, addressRaw: leg.address },
    other: { addressRaw: leg.purpose === 'customer' ? conversation.dnis : conversation.ani },
    afterCallWorkRequired: leg.purpose === 'agent',
  }
}
