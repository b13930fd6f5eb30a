import { directionOf } from './conversation-view.ts'
import type { DisconnectType, Leg } from '../calls/legs.ts'
import type { DetailMoment } from '../notifications/topics.ts'
import type { World } from '../world.ts'

const DISCONNECTS: Readonly<Record<DisconnectType, string>> = {
  endpoint: 'ENDPOINT',
  client: 'CLIENT',
  system: 'SYSTEM',
  transfer: 'TRANSFER',
  'transfer.noanswer': 'NO_ANSWER_TRANSFER',
  'transport.failure': 'TRANSPORT_FAILURE',
  error: 'ERROR',
  peer: 'PEER',
}

const FIELDS: Readonly<Record<DetailMoment, (world: World, leg: Leg) => Record<string, unknown>>> = {
  'acd.start': (_, leg) => ({ queueId: leg.queueId, ...wanted(leg) }),
  'acd.end': (_, leg) => ({ queueId: leg.queueId, ...wanted(leg), ...ending(leg), ...outcome(leg), connectedDurationMs: talked(leg) }),
  'user.start': (_, { userId, queueId }) => ({ userId, queueId }),
  'user.end': (_, leg) => ({ userId: leg.userId, queueId: leg.queueId, ...ending(leg), ...durations(leg) }),
  'customer.end': (_, leg) => ({ ...ending(leg), interactingDurationMs: talked(leg) }),
}

/** The body of `v2.detail.events.conversation.{id}.*`: flat, epoch milliseconds, upper-case words (genesys-api §3.3 and §4). */
export function detailEventView(world: World, leg: Leg, moment: DetailMoment): unknown {
  const { conversation } = leg
  return {
    eventTime: world.clock.now(),
    conversationId: conversation.id,
    participantId: leg.id,
    sessionId: leg.callId,
    mediaType: 'VOICE',
    provider: 'Edge',
    direction: directionOf(leg).toUpperCase(),
    ani: conversation.ani,
    dnis: conversation.dnis,
    ...FIELDS[moment](world, leg),
  }
}

function wanted({ routing }: Leg): Record<string, unknown> {
  return { routingPriority: routing?.priority, requestedRoutingSkillIds: routing?.skillIds }
}

function ending({ disconnectType }: Leg): Record<string, unknown> {
  return { disconnectType: disconnectType === undefined ? undefined : DISCONNECTS[disconnectType] }
}

function talked({ connectedAt, endAt }: Leg): number {
  return connectedAt === undefined || endAt === undefined ? 0 : endAt - connectedAt
}

/** All of them are there, 0 where nothing of the kind happened, as in an event seen live after a blind transfer. */
function durations(leg: Leg): Record<string, number> {
  const { initialState, startAt, connectedAt, endAt = startAt } = leg
  return {
    interactingDurationMs: talked(leg),
    heldDurationMs: 0,
    alertingDurationMs: initialState === 'alerting' ? (connectedAt ?? endAt) - startAt : 0,
    contactingDurationMs: 0,
    dialingDurationMs: 0,
    callbackDurationMs: 0,
  }
}

/** Answered where an agent of this queue picked up; else the caller left, or was moved on [INF: also by a transfer command]. */
function outcome(acd: Leg): Record<string, unknown> {
  const { legs } = acd.conversation
  const later = legs.slice(legs.indexOf(acd) + 1)
  const answer = later.find(
    ({ purpose, queueId, connectedAt }) => purpose === 'agent' && queueId === acd.queueId && connectedAt !== undefined,
  )
  if (answer !== undefined) return { acdOutcome: 'ANSWERED', answeredUserId: answer.userId, usedRouting: 'STANDARD' }
  if (acd.disconnectType === 'peer') return { acdOutcome: 'ABANDON' }
  return { acdOutcome: acd.disconnectType === 'transfer' ? 'FLOW_OUT' : 'UNKNOWN' }
}
