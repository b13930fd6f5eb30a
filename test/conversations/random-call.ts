/** Random calls for property tests: a transfer away from an IVR, a queue or an agent, and any participants after it. */
import fc from 'fast-check'
import { parseConversation } from '../../src/conversations/conversation.ts'
import type { Destination } from '../../src/conversations/pickup.ts'
import { takeSnapshot } from '../../src/conversations/snapshot.ts'
import type { Snapshot } from '../../src/model/snapshot.ts'
import { callAt } from './recorded-call.ts'
import type { RecordedCall, RecordedParticipant } from './recorded-call.ts'

/** Epoch ms. */
export const callStart = Date.UTC(2026, 0, 5, 9)
/** Ms from the start of the call: when the snapshot is taken, and when the conversation ends. */
export const snapshotMs = 10_000
export const callEndMs = 60_000
const isoAt = (ms: number) => new Date(callStart + ms).toISOString()

/** When and how one participant was on the call. Times are in ms from the start of the call. */
export interface RandomParticipant {
  id: string
  purpose: string
  userId?: string
  queueId?: string
  startedMs: number
  answeredMs?: number
  endedMs: number
  disconnectType: string
  isMonitor?: boolean
}

/** The participant as GET /conversations/{id} describes it after the call. */
export const toParticipant = (participant: RandomParticipant): RecordedParticipant => {
  const { id, purpose, userId, queueId, startedMs, answeredMs, endedMs, disconnectType, isMonitor } = participant
  return {
    id,
    purpose,
    startTime: isoAt(startedMs),
    endTime: isoAt(endedMs),
    attributes: {},
    ...(answeredMs !== undefined && { connectedTime: isoAt(answeredMs) }),
    ...(userId && { userId }),
    ...(queueId && { queueId }),
    ...(isMonitor && { monitoredParticipantId: 'x' }),
    calls: [
      {
        id: `leg-${id}`,
        state: 'terminated',
        held: false,
        disconnectType,
        disconnectedTime: isoAt(endedMs),
        ...(answeredMs !== undefined && { connectedTime: isoAt(answeredMs) }),
      },
    ],
  }
}

const purposes = ['agent', 'user', 'acd', 'ivr', 'voicemail', 'external', 'workflow', 'hologram']
const anyParticipant = (startedMs: fc.Arbitrary<number>, latestMs: number) =>
  fc
    .record({
      purpose: fc.constantFrom(...purposes),
      userId: fc.constantFrom('ann', 'bob', ''),
      queueId: fc.constantFrom('sales', 'billing', ''),
      startedMs,
      ringingMs: fc.integer({ min: 1, max: 8000 }),
      isAnswered: fc.boolean(),
      talkingMs: fc.integer({ min: 1, max: 40_000 }),
      disconnectType: fc.constantFrom('client', 'peer', 'transfer', 'transfer.noanswer', 'transfer.forward', 'endpoint'),
    })
    .map(({ ringingMs, isAnswered, talkingMs, ...participant }): Omit<RandomParticipant, 'id'> => ({
      ...participant,
      ...(isAnswered && { answeredMs: Math.min(participant.startedMs + ringingMs, latestMs - 1) }),
      endedMs: Math.min(participant.startedMs + ringingMs + (isAnswered ? talkingMs : 0), latestMs),
    }))

/** Random participants that begin at `startedMs` and end at `latestMs` at the latest. Their ids begin with `idPrefix`. */
export const anyParticipants = (
  idPrefix: string,
  startedMs: fc.Arbitrary<number>,
  latestMs: number,
  maxLength = 5,
): fc.Arbitrary<RandomParticipant[]> =>
  fc
    .array(anyParticipant(startedMs, latestMs), { maxLength })
    .map((participants) => participants.map((participant, index) => ({ ...participant, id: `${idPrefix}${index}` })))

const holders: Array<Omit<RandomParticipant, 'endedMs'>> = [
  { id: 'held-ivr', purpose: 'ivr', startedMs: 0, answeredMs: 1, disconnectType: 'transfer' },
  { id: 'held-acd', purpose: 'acd', queueId: 'billing', startedMs: 0, answeredMs: 1, disconnectType: 'transfer' },
  { id: 'held-agent', purpose: 'agent', userId: 'eve', queueId: 'billing', startedMs: 0, answeredMs: 1, disconnectType: 'transfer' },
]

export interface TransferredCall {
  /** The call after its end; the ids of the newcomers begin with `n`. */
  call: RecordedCall
  snapshot: Snapshot
  callerLeftMs: number
}

export const anyTransferredCall: fc.Arbitrary<TransferredCall> = fc
  .record({
    holder: fc.constantFrom(...holders),
    holderLeftMs: fc.integer({ min: snapshotMs + 1, max: callEndMs }),
    callerLeftMs: fc.integer({ min: snapshotMs + 1, max: callEndMs }),
    newcomers: anyParticipants('n', fc.integer({ min: snapshotMs + 1, max: callEndMs - 10_000 }), callEndMs),
  })
  .map(({ holder, holderLeftMs, callerLeftMs, newcomers }) => {
    const caller: RandomParticipant = {
      id: 'caller',
      purpose: 'customer',
      startedMs: 0,
      answeredMs: 1,
      endedMs: callerLeftMs,
      disconnectType: 'endpoint',
    }
    const call: RecordedCall = {
      id: 'call',
      startTime: isoAt(0),
      endTime: isoAt(callEndMs),
      participants: [caller, { ...holder, endedMs: holderLeftMs }, ...newcomers].map(toParticipant),
      recentTransfers: [],
    }
    const before = parseConversation(callAt(callStart + snapshotMs, call))
    const participant = before.participants.find(({ id }) => id === holder.id)!
    return { call, snapshot: takeSnapshot(before, participant, callStart + snapshotMs), callerLeftMs }
  })

/** Any time (epoch ms) from the snapshot to the end of the call. */
export const anyTime = fc.integer({ min: snapshotMs, max: callEndMs }).map((ms) => callStart + ms)

export const anyDestination: fc.Arbitrary<Destination> = fc.constantFrom<Destination>(
  { type: 'queue', queueId: 'sales' },
  { type: 'agent', userId: 'ann' },
  { type: 'number' },
)

/**
 * Whether a transfer of this kind has ended an unanswered offer to this agent, or of this queue, by `time` (epoch ms), and an outside party
 * has answered.
 * @param kind how the `disconnectType` of the offer begins
 */
export function hasForwardedAnswer(
  { participants }: RecordedCall,
  time: number,
  offeredTo: { userId: string } | { queueId: string },
  kind: string,
): boolean {
  const newcomers = participants.filter(({ id }) => id.startsWith('n'))
  const isPast = (moment: string | undefined) => moment !== undefined && Date.parse(moment) <= time
  const isForwardedOffer = (one: RecordedParticipant) =>
    ['agent', 'user'].includes(one.purpose) &&
    Object.entries(offeredTo).every(([key, value]) => one[key] === value) &&
    one.connectedTime === undefined &&
    isPast(one.endTime) &&
    one.calls[0]?.disconnectType?.startsWith(kind) === true
  return newcomers.some(isForwardedOffer) && newcomers.some((one) => one.purpose === 'external' && isPast(one.connectedTime))
}
