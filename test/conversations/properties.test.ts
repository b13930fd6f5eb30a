import assert from 'node:assert/strict'
import fc from 'fast-check'
import t from 'tap'
import { isOutside } from '../../src/conversations/participants.ts'
import { connectedLeg } from '../../src/conversations/leg.ts'
import { UnreadableConversation, parseConversation } from '../../src/conversations/conversation.ts'
import type { Destination } from '../../src/conversations/pickup.ts'
import { observeProgress } from '../../src/conversations/progress.ts'
import { movedSince, snapshotOf } from '../../src/conversations/snapshot.ts'
import type { Snapshot } from '../../src/conversations/snapshot.ts'
import { transferable } from '../../src/conversations/transferable.ts'
import { callAt, flattened, notified, notifiedFlattened, recordedCall } from './recorded-call.ts'
import type { RecordedCall, RecordedParticipant } from './recorded-call.ts'

const START = Date.UTC(2026, 0, 5, 9)
const HANDED_OVER = 10_000
const END = 60_000
const iso = (ms: number) => new Date(START + ms).toISOString()

interface Life {
  id: string
  purpose: string
  userId?: string
  queueId?: string
  from: number
  answered?: number
  until: number
  how: string
  monitors?: boolean
}

const participant = ({ id, purpose, userId, queueId, from, answered, until, how, monitors }: Life): RecordedParticipant => ({
  id,
  purpose,
  startTime: iso(from),
  endTime: iso(until),
  attributes: {},
  ...(answered !== undefined && { connectedTime: iso(answered) }),
  ...(userId && { userId }),
  ...(queueId && { queueId }),
  ...(monitors && { monitoredParticipantId: 'x' }),
  calls: [
    {
      id: `leg-${id}`,
      state: 'terminated',
      held: false,
      disconnectType: how,
      disconnectedTime: iso(until),
      ...(answered !== undefined && { connectedTime: iso(answered) }),
    },
  ],
})

const purposes = ['agent', 'user', 'acd', 'ivr', 'voicemail', 'external', 'workflow', 'hologram']
const life = (idPrefix: string, from: fc.Arbitrary<number>, latest: number) =>
  fc
    .record({
      purpose: fc.constantFrom(...purposes),
      userId: fc.constantFrom('ann', 'bob', ''),
      queueId: fc.constantFrom('sales', 'billing', ''),
      from,
      rings: fc.integer({ min: 1, max: 8000 }),
      answers: fc.boolean(),
      talks: fc.integer({ min: 1, max: 40_000 }),
      how: fc.constantFrom('client', 'peer', 'transfer', 'transfer.noanswer', 'endpoint'),
    })
    .map(({ rings, answers, talks, ...one }): Omit<Life, 'id'> => ({
      ...one,
      ...(answers && { answered: Math.min(one.from + rings, latest - 1) }),
      until: Math.min(one.from + rings + (answers ? talks : 0), latest),
    }))
    .map((one) => (id: number): Life => ({ ...one, id: `${idPrefix}${id}` }))
const lives = (prefix: string, from: fc.Arbitrary<number>, latest: number, maxLength = 5) =>
  fc.array(life(prefix, from, latest), { maxLength }).map((made) => made.map((make, index) => make(index)))

const holders: Array<Omit<Life, 'until'>> = [
  { id: 'held-ivr', purpose: 'ivr', from: 0, answered: 1, how: 'transfer' },
  { id: 'held-acd', purpose: 'acd', queueId: 'billing', from: 0, answered: 1, how: 'transfer' },
  { id: 'held-agent', purpose: 'agent', userId: 'eve', queueId: 'billing', from: 0, answered: 1, how: 'transfer' },
]

interface History {
  call: RecordedCall
  snapshot: Snapshot
  callerEnd: number
}
const history: fc.Arbitrary<History> = fc
  .record({
    holder: fc.constantFrom(...holders),
    holderEnd: fc.integer({ min: HANDED_OVER + 1, max: END }),
    callerEnd: fc.integer({ min: HANDED_OVER + 1, max: END }),
    later: lives('n', fc.integer({ min: HANDED_OVER + 1, max: END - 10_000 }), END),
  })
  .map(({ holder, holderEnd, callerEnd, later }) => {
    const caller: Life = { id: 'caller', purpose: 'customer', from: 0, answered: 1, until: callerEnd, how: 'endpoint' }
    const call: RecordedCall = {
      id: 'call',
      startTime: iso(0),
      endTime: iso(END),
      participants: [caller, { ...holder, until: holderEnd }, ...later].map(participant),
      recentTransfers: [],
    }
    const before = parseConversation(callAt(START + HANDED_OVER, call))
    return {
      call,
      snapshot: snapshotOf(
        before,
        before.participants.find((one) => one.id === holder.id)!,
        START + HANDED_OVER,
      ),
      callerEnd,
    }
  })
const moment = fc.integer({ min: HANDED_OVER, max: END }).map((ms) => START + ms)
const destination: fc.Arbitrary<Destination> = fc.constantFrom<Destination>(
  { type: 'queue', queueId: 'sales' },
  { type: 'agent', userId: 'ann' },
  { type: 'number' },
)
const judge = (call: RecordedCall, at: number, snapshot: Snapshot, to: Destination) =>
  observeProgress(parseConversation(callAt(at, call)), snapshot, to)

// Inside a property only what throws is a failure that fast-check can shrink: node:assert, not tap.
function holds<T>(name: string, property: fc.IProperty<T>): void {
  t.test(name, async (t) => {
    t.doesNotThrow(() => fc.assert(property, { numRuns: 400 }))
  })
}

const readsOrRefuses = (payload: unknown) => {
  let read
  try {
    read = parseConversation(payload)
  } catch (error) {
    if (error instanceof UnreadableConversation) return
    throw error
  }
  transferable(read)
  const [holder] = read.participants
  if (holder === undefined) return
  const snapshot = snapshotOf(read, holder, 0)
  for (const to of [{ type: 'queue', queueId: 'sales' }, { type: 'agent', userId: 'ann' }, { type: 'number' }] as const) {
    observeProgress(read, { ...snapshot, participantIds: [] }, to)
    observeProgress(read, snapshot, to)
  }
  movedSince(read, snapshot)
}
holds('any JSON is read or refused as unreadable, and what was read can be judged', fc.property(fc.jsonValue(), readsOrRefuses))

const spoilt = fc.tuple(fc.nat(), fc.jsonValue()).map(([where, value]) => {
  const copy = structuredClone(recordedCall) as unknown
  const places: Array<() => void> = []
  const visit = (node: unknown): void => {
    if (typeof node !== 'object' || node === null) return
    for (const key of Object.keys(node)) {
      places.push(() => {
        ;(node as Record<string, unknown>)[key] = value
      })
      visit((node as Record<string, unknown>)[key])
    }
  }
  visit(copy)
  places[where % places.length]?.()
  return copy
})
holds('the recorded call with any one field spoilt is read or refused as unreadable', fc.property(spoilt, readsOrRefuses))

holds(
  'the order of the participants does not matter',
  fc.property(history, moment, destination, fc.infiniteStream(fc.nat()), ({ call, snapshot }, at, to, dice) => {
    const seen = callAt(at, call)
    const shuffled = {
      ...seen,
      participants: seen.participants
        .map((one) => ({ one, key: dice.next().value as number }))
        .toSorted((a, b) => a.key - b.key)
        .map(({ one }) => one),
    }
    const [one, other] = [parseConversation(seen), parseConversation(shuffled)]
    assert.deepEqual(observeProgress(other, snapshot, to), observeProgress(one, snapshot, to))
    assert.deepEqual(transferable(other), transferable(one))
    assert.equal(movedSince(other, snapshot), movedSince(one, snapshot))
  }),
)

const finishedEarlier = lives('old', fc.integer({ min: 0, max: HANDED_OVER - 2 }), HANDED_OVER - 1)
const earlierCustomers = fc.array(fc.integer({ min: 2, max: HANDED_OVER - 2 }), { maxLength: 2 }).map((ends) =>
  ends.map((until, index): Life => ({
    id: `gone${index}`,
    purpose: 'customer',
    from: until - 1,
    answered: until - 1,
    until,
    how: 'endpoint',
  })),
)
holds(
  'legs that were over before the snapshot never change the sight',
  fc.property(history, moment, destination, finishedEarlier, earlierCustomers, ({ call, snapshot }, at, to, finished, customers) => {
    const earlier = [...finished, ...customers].map(participant)
    const more = { ...call, participants: [...earlier, ...call.participants] }
    const taken = { ...snapshot, participantIds: [...snapshot.participantIds, ...earlier.map((one) => one.id)] }
    assert.deepEqual(judge(more, at, taken, to), judge(call, at, snapshot, to))
  }),
)

holds(
  'a pickup stays the same pickup, and bounces never go down',
  fc.property(history, moment, moment, destination, ({ call, snapshot }, one, other, to) => {
    const [first, then] = [judge(call, Math.min(one, other), snapshot, to), judge(call, Math.max(one, other), snapshot, to)]
    assert.ok(then.bounces >= first.bounces)
    if (first.status === 'picked_up') assert.deepEqual(then, { ...first, bounces: then.bounces })
  }),
)

holds(
  "a pickup is seen exactly when one of the destination's people has answered",
  fc.property(history, moment, ({ call, snapshot }, at) => {
    const answered = (key: 'userId' | 'queueId', value: string) =>
      call.participants.some(
        (one) =>
          one.id.startsWith('n') &&
          ['agent', 'user'].includes(one.purpose) &&
          one[key] === value &&
          one.connectedTime !== undefined &&
          Date.parse(one.connectedTime) <= at,
      )
    assert.equal(judge(call, at, snapshot, { type: 'agent', userId: 'ann' }).status === 'picked_up', answered('userId', 'ann'))
    assert.equal(judge(call, at, snapshot, { type: 'queue', queueId: 'sales' }).status === 'picked_up', answered('queueId', 'sales'))
  }),
)

holds(
  'an abandonment needs a caller who left; waiting, ringing, unmoved and failed need one who stayed',
  fc.property(history, moment, destination, ({ call, snapshot, callerEnd }, at, to) => {
    const { status: seen } = judge(call, at, snapshot, to)
    const left = at >= START + callerEnd
    if (seen === 'abandoned') assert.ok(left)
    if (['waiting', 'ringing', 'unmoved'].includes(seen)) assert.ok(!left, seen)
  }),
)

const listeners = lives('spy', fc.integer({ min: 0, max: END - 10_000 }), END, 3).map((all) =>
  all.map((one): Life => ({ ...one, monitors: true })),
)
holds(
  'who only listens in changes nothing: not the holder, not the pickup, not a bounce',
  fc.property(history, moment, destination, listeners, ({ call, snapshot }, at, to, spies) => {
    const overheard = { ...call, participants: [...spies.map(participant), ...call.participants] }
    assert.deepEqual(judge(overheard, at, snapshot, to), judge(call, at, snapshot, to))
    assert.deepEqual(transferable(parseConversation(callAt(at, overheard))), transferable(parseConversation(callAt(at, call))))
    assert.equal(movedSince(parseConversation(callAt(at, overheard)), snapshot), movedSince(parseConversation(callAt(at, call)), snapshot))
  }),
)

holds(
  'a movable call has a connected internal holder and a connected caller outside',
  fc.property(history, fc.integer({ min: 0, max: END }), ({ call }, at) => {
    const can = transferable(parseConversation(callAt(START + at, call)))
    if (!can.transferable) return
    assert.ok(!(isOutside(can.holder) || can.holder.monitors))
    assert.ok(connectedLeg(can.holder) && connectedLeg(can.customer) && isOutside(can.customer))
  }),
)

holds(
  'the four models of one call give one sight',
  fc.property(history, moment, destination, ({ call, snapshot }, at, to) => {
    const { endTime: _unsent, ...seen } = callAt(at, call)
    const expected = observeProgress(parseConversation(seen), snapshot, to)
    for (const twin of [flattened, notified, notifiedFlattened])
      assert.deepEqual(observeProgress(parseConversation(twin(seen)), snapshot, to), expected, twin.name)
  }),
)

holds(
  'no sentence quotes what the platform wrote',
  fc.property(history, moment, destination, fc.constantFrom('purpose', 'state', 'error'), ({ call, snapshot }, at, to, where) => {
    const number = '+18125550100'
    const seen = callAt(at, call)
    const poisoned = parseConversation({
      ...seen,
      participants: seen.participants.map((one) => ({
        ...one,
        address: number,
        ...(where === 'purpose' && one.id.startsWith('n') && { purpose: `x${number}` }),
        calls: one.calls.map((leg) => ({
          ...leg,
          self: { addressRaw: number },
          ...(where === 'state' && { state: number }),
          ...(where === 'error' && { errorInfo: { code: number, message: number } }),
        })),
      })),
    })
    assert.doesNotMatch(JSON.stringify(observeProgress(poisoned, snapshot, to)), /8125550100/)
    const can = transferable(poisoned)
    if (!can.transferable) assert.doesNotMatch(can.saw, /\d/)
  }),
)
