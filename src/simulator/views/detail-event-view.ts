/** Which fields a `v2.detail.events.conversation.{id}.*` event carries about a leg. */
import { getDirection } from './conversation-view.ts'
import type { DisconnectType, Leg } from '../model/conversation.ts'
import type { PlatformState } from '../model/platform-state.ts'

/** The last part of the topic's name: which change of which kind of leg the event is about. */
export type DetailEventKind = 'acd.start' | 'acd.end' | 'user.start' | 'user.end' | 'customer.end'

const disconnectTypes: Readonly<Record<DisconnectType, string>> = {
  endpoint: 'ENDPOINT',
  client: 'CLIENT',
  system: 'SYSTEM',
  transfer: 'TRANSFER',
  'transfer.noanswer': 'NO_ANSWER_TRANSFER',
  'transfer.forward': 'FORWARD_TRANSFER',
  'transport.failure': 'TRANSPORT_FAILURE',
  error: 'ERROR',
  peer: 'PEER',
}

const fieldsByKind: Readonly<Record<DetailEventKind, (leg: Leg) => Record<string, unknown>>> = {
  'acd.start': (leg) => ({ queueId: leg.queueId, ...getRequestedRouting(leg) }),
  'acd.end': (leg) => ({
    queueId: leg.queueId,
    ...getRequestedRouting(leg),
    ...getDisconnectType(leg),
    ...getAcdOutcome(leg),
    connectedDurationMs: getConnectedDurationMs(leg),
  }),
  'user.start': ({ userId, queueId }) => ({ userId, queueId }),
  'user.end': (leg) => ({ userId: leg.userId, queueId: leg.queueId, ...getDisconnectType(leg), ...getUserDurations(leg) }),
  'customer.end': (leg) => ({ ...getDisconnectType(leg), interactingDurationMs: getConnectedDurationMs(leg) }),
}

/**
 * The body of a `v2.detail.events.conversation.{id}.*` event: flat, with times in epoch ms and enum values in upper case
 * (docs/genesys-cloud.md rules 16 and 55).
 */
export function createDetailEventView(platform: PlatformState, leg: Leg, kind: DetailEventKind): unknown {
  const { conversation } = leg
  return {
    eventTime: platform.clock.now(),
    conversationId: conversation.id,
    participantId: leg.id,
    sessionId: leg.callId,
    mediaType: 'VOICE',
    provider: 'Edge',
    direction: getDirection(leg).toUpperCase(),
    ani: conversation.ani,
    dnis: conversation.dnis,
    ...fieldsByKind[kind](leg),
  }
}

function getRequestedRouting({ routing }: Leg): Record<string, unknown> {
  return { routingPriority: routing?.priority, requestedRoutingSkillIds: routing?.skillIds }
}

function getDisconnectType({ disconnectType }: Leg): Record<string, unknown> {
  return { disconnectType: disconnectType === undefined ? undefined : disconnectTypes[disconnectType] }
}

function getConnectedDurationMs({ connectedAt, endAt }: Leg): number {
  return connectedAt === undefined || endAt === undefined ? 0 : endAt - connectedAt
}

/** All durations are always present, and 0 if they do not apply, as in an event recorded after a blind transfer. */
function getUserDurations(leg: Leg): Record<string, number> {
  const { initialState, startAt, connectedAt, endAt = startAt } = leg
  return {
    interactingDurationMs: getConnectedDurationMs(leg),
    heldDurationMs: 0,
    alertingDurationMs: initialState === 'alerting' ? (connectedAt ?? endAt) - startAt : 0,
    contactingDurationMs: 0,
    dialingDurationMs: 0,
    callbackDurationMs: 0,
  }
}

/**
 * How the wait in a queue ended: answered if an agent of this queue picked up afterwards, else abandoned, moved elsewhere or unknown.
 * That a move by a transfer command also counts as FLOW_OUT is an assumption.
 */
function getAcdOutcome(acdLeg: Leg): Record<string, unknown> {
  const { legs } = acdLeg.conversation
  const laterLegs = legs.slice(legs.indexOf(acdLeg) + 1)
  const answeredLeg = laterLegs.find(
    ({ purpose, queueId, connectedAt }) => purpose === 'agent' && queueId === acdLeg.queueId && connectedAt !== undefined,
  )
  if (answeredLeg !== undefined) return { acdOutcome: 'ANSWERED', answeredUserId: answeredLeg.userId, usedRouting: 'STANDARD' }
  if (acdLeg.disconnectType === 'peer') return { acdOutcome: 'ABANDON' }
  return { acdOutcome: acdLeg.disconnectType === 'transfer' ? 'FLOW_OUT' : 'UNKNOWN' }
}
