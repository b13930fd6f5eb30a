/** Properties of all conversations, checked with random calls: for example, the order of participants, monitors and the platform's model change no decision. */
import assert from 'node:assert/strict'
import fc from 'fast-check'
import t from 'tap'
import { isOutside } from '../../src/conversations/participants.ts'
import { findConnectedLeg } from '../../src/conversations/leg.ts'
import { parseConversation } from '../../src/conversations/conversation.ts'
import type { Destination } from '../../src/conversations/pickup.ts'
import { observeProgress } from '../../src/conversations/progress.ts'
import { hasMovedSince, takeSnapshot } from '../../src/conversations/snapshot.ts'
import type { Snapshot } from '../../src/model/snapshot.ts'
import { UnreadableJson } from '../../src/model/json-fields.ts'
import { checkTransferable } from '../../src/conversations/transferable.ts'
import {
  anyDestination,
  anyParticipants,
  anyTime,
  anyTransferredCall,
  callEndMs,
  callStart,
  hasForwardedAnswer,
  snapshotMs,
  toParticipant,
  type RandomParticipant,
} from './random-call.ts'
import { callAt, recordedCall, toCallConversation, toCallEvent, toConversationEvent } from './recorded-call.ts'
import type { RecordedCall } from './recorded-call.ts'

const observeAt = (call: RecordedCall, time: number, snapshot: Snapshot, destination: Destination) =>
  observeProgress(parseConversation(callAt(time, call)), snapshot, destination)

/** Inside a property use node:assert: fast-check shrinks only failures that throw, and tap's do not. */
function testProperty<T>(name: string, property: fc.IProperty<T>): void {
  t.test(name, async (t) => {
    t.doesNotThrow(() => fc.assert(property, { numRuns: 400 }))
  })
}

function parsesOrThrowsUnreadable(payload: unknown): void {
  let conversation
  try {
    conversation = parseConversation(payload)
  } catch (error) {
    if (error instanceof UnreadableJson) return
    throw error
  }
  checkTransferable(conversation)
  const [holder] = conversation.participants
  if (holder === undefined) return
  const snapshot = takeSnapshot(conversation, holder, 0)
  for (const destination of [{ type: 'queue', queueId: 'sales' }, { type: 'agent', userId: 'ann' }, { type: 'number' }] as const) {
    observeProgress(conversation, { ...snapshot, participantIds: [] }, destination)
    observeProgress(conversation, snapshot, destination)
  }
  hasMovedSince(conversation, snapshot)
}
testProperty(
  'given any JSON, when it is parsed, then it is refused as unreadable, or every decision about it can be made',
  fc.property(fc.jsonValue(), parsesOrThrowsUnreadable),
)

const corruptedCall = fc.tuple(fc.nat(), fc.jsonValue()).map(([which, value]) => {
  const copy = structuredClone(recordedCall) as unknown
  const replacements: Array<() => void> = []
  const visit = (node: unknown): void => {
    if (typeof node !== 'object' || node === null) return
    for (const key of Object.keys(node)) {
      replacements.push(() => {
        ;(node as Record<string, unknown>)[key] = value
      })
      visit((node as Record<string, unknown>)[key])
    }
  }
  visit(copy)
  replacements[which % replacements.length]?.()
  return copy
})
testProperty(
  'given the recorded call with any one field corrupted, when it is parsed, then it is refused as unreadable, or every decision can be made',
  fc.property(corruptedCall, parsesOrThrowsUnreadable),
)

testProperty(
  'given participants in any order, when the call is read, then the decisions are the same',
  fc.property(anyTransferredCall, anyTime, anyDestination, fc.infiniteStream(fc.nat()), ({ call, snapshot }, time, to, random) => {
    const payload = callAt(time, call)
    const shuffled = {
      ...payload,
      participants: payload.participants
        .map((participant) => ({ participant, key: random.next().value as number }))
        .toSorted((a, b) => a.key - b.key)
        .map(({ participant }) => participant),
    }
    const [inOrder, outOfOrder] = [parseConversation(payload), parseConversation(shuffled)]
    assert.deepEqual(observeProgress(outOfOrder, snapshot, to), observeProgress(inOrder, snapshot, to))
    assert.deepEqual(checkTransferable(outOfOrder), checkTransferable(inOrder))
    assert.equal(hasMovedSince(outOfOrder, snapshot), hasMovedSince(inOrder, snapshot))
  }),
)

const earlierParticipants = anyParticipants('old', fc.integer({ min: 0, max: snapshotMs - 2 }), snapshotMs - 1)
const earlierCustomers = fc.array(fc.integer({ min: 2, max: snapshotMs - 2 }), { maxLength: 2 }).map((ends) =>
  ends.map((endedMs, index): RandomParticipant => ({
    id: `gone${index}`,
    purpose: 'customer',
    startedMs: endedMs - 1,
    answeredMs: endedMs - 1,
    endedMs,
    disconnectType: 'endpoint',
  })),
)
testProperty(
  'given participants that left before the snapshot, when the call is read, then they never change the progress',
  fc.property(
    anyTransferredCall,
    anyTime,
    anyDestination,
    earlierParticipants,
    earlierCustomers,
    ({ call, snapshot }, time, to, others, customers) => {
      const earlier = [...others, ...customers].map(toParticipant)
      const longerCall = { ...call, participants: [...earlier, ...call.participants] }
      const longerSnapshot = { ...snapshot, participantIds: [...snapshot.participantIds, ...earlier.map(({ id }) => id)] }
      assert.deepEqual(observeAt(longerCall, time, longerSnapshot, to), observeAt(call, time, snapshot, to))
    },
  ),
)

testProperty(
  'given a call, when it is read twice, then a pickup stays the same pickup, and bounces never decrease',
  fc.property(anyTransferredCall, anyTime, anyTime, anyDestination, ({ call, snapshot }, one, other, to) => {
    const earlier = observeAt(call, Math.min(one, other), snapshot, to)
    const later = observeAt(call, Math.max(one, other), snapshot, to)
    assert.ok(later.bounces >= earlier.bounces)
    if (earlier.status === 'picked_up') assert.deepEqual(later, { ...earlier, bounces: later.bounces })
  }),
)

testProperty(
  'given a transfer to an agent or a queue, when the call is read, then it is picked up exactly if the agent, an agent of the queue or a number that an offer was forwarded to has answered',
  fc.property(anyTransferredCall, anyTime, ({ call, snapshot }, time) => {
    const hasAnswered = (key: 'userId' | 'queueId', value: string) =>
      call.participants.some(
        (participant) =>
          participant.id.startsWith('n') &&
          ['agent', 'user'].includes(participant.purpose) &&
          participant[key] === value &&
          participant.connectedTime !== undefined &&
          Date.parse(participant.connectedTime) <= time,
      )
    const isPickedUp = observeAt(call, time, snapshot, { type: 'agent', userId: 'ann' }).status === 'picked_up'
    assert.equal(isPickedUp, hasAnswered('userId', 'ann') || hasForwardedAnswer(call, time, { userId: 'ann' }, 'transfer'))
    const atQueue = observeAt(call, time, snapshot, { type: 'queue', queueId: 'sales' })
    if (hasAnswered('queueId', 'sales')) assert.equal(atQueue.status, 'picked_up')
    else if (atQueue.status === 'picked_up') assert.ok(hasForwardedAnswer(call, time, { queueId: 'sales' }, 'transfer.forward'))
  }),
)

testProperty(
  'given any call, when it is read, then the caller has left if it is abandoned, and has not left if it is waiting, ringing or unmoved',
  fc.property(anyTransferredCall, anyTime, anyDestination, ({ call, snapshot, callerLeftMs }, time, to) => {
    const { status } = observeAt(call, time, snapshot, to)
    const hasCallerLeft = time >= callStart + callerLeftMs
    if (status === 'abandoned') assert.ok(hasCallerLeft)
    if (['waiting', 'ringing', 'unmoved'].includes(status)) assert.ok(!hasCallerLeft, status)
  }),
)

const anyMonitors = anyParticipants('monitor', fc.integer({ min: 0, max: callEndMs - 10_000 }), callEndMs, 3).map((participants) =>
  participants.map((participant): RandomParticipant => ({ ...participant, isMonitor: true })),
)
testProperty(
  'given participants that monitor the call, when the call is read, then they change no decision',
  fc.property(anyTransferredCall, anyTime, anyDestination, anyMonitors, ({ call, snapshot }, time, to, monitors) => {
    const monitoredCall = { ...call, participants: [...monitors.map(toParticipant), ...call.participants] }
    const [monitored, plain] = [parseConversation(callAt(time, monitoredCall)), parseConversation(callAt(time, call))]
    assert.deepEqual(observeProgress(monitored, snapshot, to), observeProgress(plain, snapshot, to))
    assert.deepEqual(checkTransferable(monitored), checkTransferable(plain))
    assert.equal(hasMovedSince(monitored, snapshot), hasMovedSince(plain, snapshot))
  }),
)

testProperty(
  'given a call that can be transferred, when it is checked, then it has a connected internal holder and a connected caller outside',
  fc.property(anyTransferredCall, fc.integer({ min: 0, max: callEndMs }), ({ call }, ms) => {
    const check = checkTransferable(parseConversation(callAt(callStart + ms, call)))
    if (!check.isTransferable) return
    assert.ok(!(isOutside(check.holder) || check.holder.isMonitor))
    assert.ok(findConnectedLeg(check.holder) && findConnectedLeg(check.customer) && isOutside(check.customer))
  }),
)

testProperty(
  "given a call in each of the platform's models, when it is read, then the progress is the same",
  fc.property(anyTransferredCall, anyTime, anyDestination, ({ call, snapshot }, time, to) => {
    const { endTime: _notInEvents, ...payload } = callAt(time, call)
    const expected = observeProgress(parseConversation(payload), snapshot, to)
    for (const toModel of [toCallConversation, toConversationEvent, toCallEvent])
      assert.deepEqual(observeProgress(parseConversation(toModel(payload)), snapshot, to), expected, toModel.name)
  }),
)

testProperty(
  'given a phone number in any text of the platform, when the call is checked and read, then no reason quotes it',
  fc.property(
    anyTransferredCall,
    anyTime,
    anyDestination,
    fc.constantFrom('purpose', 'state', 'error'),
    ({ call, snapshot }, time, to, field) => {
      const number = '+18125550100'
      const payload = callAt(time, call)
      const conversation = parseConversation({
        ...payload,
        participants: payload.participants.map((participant) => ({
          ...participant,
          address: number,
          ...(field === 'purpose' && participant.id.startsWith('n') && { purpose: `x${number}` }),
          calls: participant.calls.map((leg) => ({
            ...leg,
            self: { addressRaw: number },
            ...(field === 'state' && { state: number }),
            ...(field === 'error' && { errorInfo: { code: number, message: number } }),
          })),
        })),
      })
      assert.doesNotMatch(JSON.stringify(observeProgress(conversation, snapshot, to)), /8125550100/)
      const check = checkTransferable(conversation)
      if (!check.isTransferable) assert.doesNotMatch(check.reason, /\d/)
    },
  ),
)
