/** Fields of a wrong type: one that decides nothing never prevents a transfer, and one that decides something never causes a wrong transfer. */
import assert from 'node:assert/strict'
import fc from 'fast-check'
import t from 'tap'
import { parseConversation } from '../../src/conversations/conversation.ts'
import { observeProgress } from '../../src/conversations/progress.ts'
import { takeSnapshot } from '../../src/conversations/snapshot.ts'
import { checkTransferable } from '../../src/conversations/transferable.ts'
import { UnreadableJson } from '../../src/model/json-fields.ts'
import { agentId, callAt, epochMsAt, queueId, toCallConversation } from './recorded-call.ts'

type Json = Record<string, unknown>

/** Moments of the recorded call: in the flow, in the queue, in the queue after two declined offers, and with the agent. */
const moments = ['05.000', '10.500', '20.000', '30.000'].map(epochMsAt)
/** A moment when an agent's phone rings. */
const ringingMoment = epochMsAt('22.000')
const finishedTransfer = { id: 't1', state: 'Complete', dateIssued: '2022-05-17T13:14:10.400Z', destination: { userId: agentId } }
const liveCall = (moment: number): Json => ({ ...callAt(moment), recentTransfers: [finishedTransfer] })

/** A list of words, written as one text so that it fits on a line. */
const list = (words: string) => words.split(' ')
const fieldsThatDecideNothing = {
  conversation: list('startTime address recordingState divisions externalTag maxParticipants selfUri'),
  participant: [
    list('name address ani dnis queueName attributes conversationRoutingData wrapup wrapupRequired alertingTimeoutMs mediaRoles'),
    list('externalContactId groupId chats callbacks emails screenMonitorings errorInfo aField'),
  ].flat(),
  leg: [
    list('errorInfo self other address disconnectType disconnectReasons disconnectedTime held muted confined initialState direction'),
    list('provider startAlertingTime wrapup afterCallWork queueMediaSettings segments aField'),
  ].flat(),
  recentTransfer: list('id dateIssued destination initiator modifiedBy transferType'),
} as const

/** Any JSON, and objects whose own fields have a wrong type. */
const anyValue = fc.oneof(
  fc.jsonValue(),
  fc.constantFrom('text', 'Error: +1 812', 7, -1, true, false, [], ['x'], [null], {}, { id: 7 }),
  fc
    .constantFrom('code', 'message', 'addressRaw', 'userId', 'address', 'id', 'skills')
    .chain((key) => fc.jsonValue().map((value) => ({ [key]: value }))),
)

const listOf = (value: unknown, key: string) => (value as Record<string, Json[]>)[key] ?? []
/** The objects in a call that have fields of this kind. */
function findObjects(call: Json, kind: keyof typeof fieldsThatDecideNothing): Json[] {
  const participants = listOf(call, 'participants')
  if (kind === 'conversation') return [call]
  if (kind === 'participant') return participants
  return kind === 'leg' ? participants.flatMap((one) => listOf(one, 'calls')) : listOf(call, 'recentTransfers')
}

const anyHarmlessField = fc
  .constantFrom(...(Object.keys(fieldsThatDecideNothing) as Array<keyof typeof fieldsThatDecideNothing>))
  .chain((kind) => fc.record({ kind: fc.constant(kind), field: fc.constantFrom(...fieldsThatDecideNothing[kind]) }))

const decide = (call: Json) => {
  const result = checkTransferable(parseConversation(call))
  return result.isTransferable ? { holder: result.holder.id, customer: result.customer.id } : result
}
/** Inside a property use node:assert: fast-check shrinks only failures that throw, and tap's do not. */
const testProperty = <T>(name: string, property: fc.IProperty<T>, numRuns: number): void =>
  void t.test(name, async (t) => t.doesNotThrow(() => fc.assert(property, { numRuns })))

testProperty(
  'given any value in a field that decides nothing, when a live call is checked, then the same participant can be replaced',
  fc.property(fc.constantFrom(...moments), anyHarmlessField, fc.nat(), anyValue, (moment, { kind, field }, which, value) => {
    const call = structuredClone(liveCall(moment))
    const objects = findObjects(call, kind)
    objects[which % objects.length]![field] = value
    assert.deepEqual(decide(call), decide(liveCall(moment)))
    assert.ok('holder' in decide(call))
  }),
  5_000,
)

testProperty(
  'given any errorInfo, address or attributes, when a transfer is watched, then its progress is the same',
  fc.property(
    fc.constantFrom(...moments, epochMsAt('50.000')),
    fc.constantFrom<[kind: 'participant' | 'leg', field: string]>(['leg', 'errorInfo'], ['leg', 'self'], ['participant', 'attributes']),
    fc.nat(),
    anyValue,
    (moment, [kind, field], which, value) => {
      const before = parseConversation(liveCall(moments[0]!))
      const snapshot = takeSnapshot(
        before,
        before.participants.find(({ purpose }) => purpose === 'ivr')!,
        moments[0]!,
      )
      const call = structuredClone(liveCall(moment))
      const objects = findObjects(call, kind)
      objects[which % objects.length]![field] = value
      for (const destination of [{ type: 'queue', queueId } as const, { type: 'agent', userId: agentId } as const])
        assert.deepEqual(
          observeProgress(parseConversation(call), snapshot, destination).status,
          observeProgress(parseConversation(liveCall(moment)), snapshot, destination).status,
        )
    },
  ),
  2_000,
)

/** Every value inside a JSON value, with a function that replaces it. */
function findReplaceableValues(node: unknown): Array<{ value: unknown; replace: (value: unknown) => void }> {
  if (typeof node !== 'object' || node === null) return []
  return Object.entries(node).flatMap(([key, value]) => [
    { value, replace: (other: unknown) => void ((node as Json)[key] = other) },
    ...findReplaceableValues(value),
  ])
}
const typeOf = (value: unknown) => (Array.isArray(value) ? 'list' : typeof value)

for (const [model, convert] of [
  ['GET /conversations/{id}', (call: Json) => call],
  ['GET /conversations/calls/{id}', (call: Json) => toCallConversation(call as Parameters<typeof toCallConversation>[0])],
] as const)
  testProperty(
    `given a live call as ${model} with a wrong type in any field, when it is checked, then the same participant is replaced, or the call is not moved`,
    fc.property(fc.constantFrom(...moments, ringingMoment), fc.nat(), anyValue, (moment, which, value) => {
      const call = structuredClone(convert(liveCall(moment)))
      const values = findReplaceableValues(call)
      const chosen = values[which % values.length]!
      fc.pre(value !== null && value !== '' && typeOf(value) !== typeOf(chosen.value))
      chosen.replace(value)
      try {
        const decision = decide(call)
        if ('holder' in decision) assert.deepEqual(decision, decide(liveCall(moment)))
      } catch (error) {
        assert.ok(error instanceof UnreadableJson, String(error))
      }
    }),
    10_000,
  )

testProperty(
  'given a wrong type in a field that can prevent a transfer, when the call is checked, then it is not moved',
  fc.property(
    fc.constantFrom(...moments),
    fc.constantFrom('endTime', 'consultParticipantId', 'monitoredParticipantId', 'coachedParticipantId', 'bargedParticipantId'),
    anyValue,
    (moment, field, value) => {
      fc.pre(value !== null && value !== '' && !(typeof value === 'string' && field !== 'consultParticipantId'))
      const call = structuredClone(liveCall(moment))
      const before = decide(call)
      listOf(call, 'participants').find(({ id }) => 'holder' in before && id === before.holder)![field] = value
      try {
        assert.ok(!('holder' in decide(call)))
      } catch (error) {
        assert.ok(error instanceof UnreadableJson, String(error))
      }
    },
  ),
  2_000,
)

t.test(
  'given a consult mark that is not an id, when the call is checked, then the conversation is readable, and the call is being handed over',
  async (t) => {
    for (const mark of [7, true, {}, ['customer']]) {
      const call = structuredClone(liveCall(epochMsAt('30.000')))
      listOf(call, 'participants').at(-1)!['consultParticipantId'] = mark
      t.match(decide(call), { canRetry: true, reason: /consult/ }, JSON.stringify(mark))
    }
  },
)

t.test(
  'given a running command whose destination cannot be read, when the call is checked, then another transfer is running',
  async (t) => {
    for (const destination of ['x', 7, [], { userId: 7 }]) {
      const recentTransfers = [{ id: 't2', state: 'Pending', destination }]
      t.match(decide({ ...liveCall(epochMsAt('30.000')), recentTransfers }), { reason: /another transfer/ }, JSON.stringify(destination))
    }
  },
)

t.test('given a failed command whose destination cannot be read, when the call is read, then this transfer has not failed', async (t) => {
  const before = parseConversation(callAt(epochMsAt('05.000')))
  const snapshot = takeSnapshot(
    before,
    before.participants.find(({ purpose }) => purpose === 'ivr')!,
    epochMsAt('05.000'),
  )
  const observe = (destination: unknown) => {
    const recentTransfers = [{ id: 't2', state: 'Failed', dateIssued: '2022-05-17T13:14:06Z', destination }]
    return observeProgress(parseConversation({ ...callAt(epochMsAt('07.000')), recentTransfers }), snapshot, { type: 'number' }).status
  }
  t.equal(observe({ address: 'tel:+18125550100' }), 'failed')
  t.equal(observe(undefined), 'failed')
  for (const destination of ['x', 7, [], { userId: 7 }, { address: {} }])
    t.equal(observe(destination), 'unmoved', JSON.stringify(destination))
})
