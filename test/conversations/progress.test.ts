import t from 'tap'
import { observeProgress } from '../../src/conversations/progress.ts'
import type { Destination } from '../../src/conversations/pickup.ts'
import { movedSince } from '../../src/conversations/snapshot.ts'
import { clock, customer, held, inQueue, ivr, offered, party, picture } from './scene.ts'

type Scene = Array<Record<string, unknown>>
const queue: Destination = { type: 'queue', queueId: 'sales' }
const agent: Destination = { type: 'agent', userId: 'ann' }
const number: Destination = { type: 'number' }

const fromIvr = held('ivr', [customer(), ivr()])
const fromQueue = held('acd', [customer(), inQueue('acd', 'billing')])
const fromAgent = held('old', [customer(), offered('old', 'bob', 'billing', { answered: 0 })])

const gone = customer({ until: 30, how: 'endpoint' })
const ivrLeft = ivr({ until: 2, how: 'transfer' })
const acdLeft = inQueue('acd', 'billing', { until: 2, how: 'transfer' })
const oldLeft = offered('old', 'bob', 'billing', { answered: 0, until: 2, how: 'transfer' })
const sales = (said = {}) => inQueue('acd2', 'sales', { from: 2, ...said })
const ann = (said = {}) => offered('a1', 'ann', 'sales', { from: 3, ...said })
const dialled = (said = {}) => party('ext', 'external', { from: 3, ...said })
const failedOnRecord = (more = {}) => ({ recentTransfers: [{ id: 't9', state: 'Failed', dateIssued: clock(2), ...more }] })

type Case = [given: string, from: typeof fromIvr, scene: Scene, to: Destination, expected: object, more?: Record<string, unknown>]
const cases: Case[] = [
  // rule 4
  ['the old picture right after the 202', fromIvr, [customer(), ivr()], queue, { status: 'unmoved', bounces: 0 }],
  ['the moment between two legs', fromIvr, [customer(), ivrLeft], queue, { status: 'unmoved', bounces: 0 }],
  ['the call waits in the destination queue', fromIvr, [customer(), ivrLeft, sales()], queue, { status: 'waiting', bounces: 0 }],
  [
    'the queue has it but its leg is not connected yet',
    fromIvr,
    [customer(), ivrLeft, sales({ state: 'alerting' })],
    queue,
    { status: 'waiting', bounces: 0 },
  ],
  [
    'the call waits with skills and priority',
    fromIvr,
    [customer(), ivrLeft, sales({ more: { conversationRoutingData: { priority: 5, skills: [{ id: 's1' }, { id: 's2' }] } } })],
    queue,
    { status: 'waiting', bounces: 0, routing: { skillIds: ['s1', 's2'], priority: 5 } },
  ],
  [
    'the queue has let go and nobody has it yet',
    fromIvr,
    [customer(), ivrLeft, sales({ until: 9, how: 'transfer' })],
    queue,
    { status: 'waiting', bounces: 0 },
  ],
  ["the destination agent's phone rings", fromIvr, [customer(), ivrLeft, ann()], agent, { status: 'ringing', userId: 'ann', bounces: 0 }],
  ['the number is being dialled', fromIvr, [customer(), ivrLeft, dialled({ state: 'dialing' })], number, { status: 'ringing', bounces: 0 }],
  [
    'two phones of the queue ring at once',
    fromIvr,
    [customer(), ivrLeft, sales(), ann(), offered('a0', 'bob', 'sales', { from: 3 })],
    queue,
    { status: 'ringing', userId: 'bob', bounces: 0 },
  ],
  // rule 3
  [
    'an agent of the queue answered',
    fromIvr,
    [customer(), ivrLeft, sales({ until: 4 }), ann({ answered: 4 })],
    queue,
    { status: 'picked_up', participantId: 'a1', userId: 'ann', at: clock(4), bounces: 0 },
  ],
  [
    'an agent answered and hung up before anybody looked, and the caller is gone',
    fromIvr,
    [gone, ivrLeft, sales({ until: 4 }), ann({ answered: 4, until: 30, how: 'peer' })],
    queue,
    { status: 'picked_up', participantId: 'a1', userId: 'ann', at: clock(4), bounces: 0 },
    { endTime: clock(30) },
  ],
  [
    'an agent answered and passed the call on to the next',
    fromIvr,
    [customer(), ivrLeft, sales({ until: 4 }), ann({ answered: 4, until: 8 }), offered('a2', 'bob', 'sales', { from: 8, answered: 9 })],
    queue,
    { status: 'picked_up', participantId: 'a1', userId: 'ann', at: clock(4), bounces: 0 },
  ],
  [
    'the agent answered',
    fromQueue,
    [customer(), acdLeft, ann({ answered: 4 })],
    agent,
    { status: 'picked_up', participantId: 'a1', userId: 'ann', at: clock(4), bounces: 0 },
  ],
  [
    'the number answered',
    fromIvr,
    [customer(), ivrLeft, dialled({ answered: 7 })],
    number,
    { status: 'picked_up', participantId: 'ext', at: clock(7), bounces: 0 },
  ],
  [
    "the number turned out to be a colleague's line",
    fromIvr,
    [customer(), ivrLeft, party('u', 'user', { answered: 7, more: { userId: 'bob' } })],
    number,
    { status: 'picked_up', participantId: 'u', userId: 'bob', at: clock(7), bounces: 0 },
  ],
  [
    'the same user picks up whom the caller came from',
    held('old', [customer(), offered('old', 'ann', 'sales', { answered: 0 })]),
    [customer(), offered('old', 'ann', 'sales', { answered: 0, until: 2, how: 'transfer' }), ann({ answered: 5 })],
    agent,
    { status: 'picked_up', participantId: 'a1', userId: 'ann', at: clock(5), bounces: 0 },
  ],
  [
    'an agent is connected but the platform has no time for it yet',
    fromIvr,
    [customer(), ivrLeft, ann({ state: 'connected' })],
    agent,
    { status: 'ringing', userId: 'ann', bounces: 0 },
  ],
  [
    'a ringing leg that already has a connected time',
    fromIvr,
    [customer(), ivrLeft, ann({ answered: 4, state: 'alerting' })],
    agent,
    { status: 'ringing', userId: 'ann', bounces: 0 },
  ],
  [
    'an agent whose leg has no time but who has one himself',
    fromIvr,
    [customer(), ivrLeft, { ...ann({ answered: 4 }), calls: [{ id: 'l', state: 'connected' }] }],
    agent,
    { status: 'picked_up', participantId: 'a1', userId: 'ann', at: clock(4), bounces: 0 },
  ],
  [
    'a declined offer whose participant has a connected time all the same',
    fromIvr,
    [
      customer(),
      ivrLeft,
      sales(),
      { ...ann({ answered: 4, until: 5 }), calls: [{ id: 'l', state: 'terminated', disconnectedTime: clock(5) }] },
    ],
    queue,
    { status: 'waiting', bounces: 1 },
  ],
  [
    'the number is connected but the platform has no time for it',
    fromIvr,
    [customer(), ivrLeft, dialled({ state: 'connected' })],
    number,
    { status: 'picked_up', participantId: 'ext', bounces: 0 },
  ],
  [
    'a supervisor joined the ringing call',
    fromIvr,
    [customer(), ivrLeft, sales(), offered('sup', 'eve', 'sales', { answered: 4, more: { monitoredParticipantId: 'acd2' } })],
    queue,
    { status: 'waiting', bounces: 0 },
  ],
  // rule 5
  [
    "two agents declined and a third's phone rings",
    fromIvr,
    [
      customer(),
      ivrLeft,
      sales(),
      ann({ until: 4, how: 'client' }),
      offered('a2', 'bob', 'sales', { until: 6, how: 'transfer.noanswer' }),
      offered('a3', 'ann', 'sales', { from: 7 }),
    ],
    queue,
    { status: 'ringing', userId: 'ann', bounces: 2 },
  ],
  [
    'an agent declined and the call waits on',
    fromIvr,
    [customer(), ivrLeft, sales(), ann({ until: 4, how: 'client' })],
    queue,
    { status: 'waiting', bounces: 1 },
  ],
  // rule 6
  [
    'the caller hung up in the queue',
    fromIvr,
    [gone, ivrLeft, sales({ until: 30 })],
    queue,
    { status: 'abandoned', at: clock(30), bounces: 0 },
  ],
  [
    'the caller hung up while a phone rang: that is no bounce',
    fromIvr,
    [gone, ivrLeft, sales({ until: 30 }), ann({ until: 30, how: 'peer' })],
    queue,
    { status: 'abandoned', at: clock(30), bounces: 0 },
  ],
  [
    'the caller hung up after an agent had declined',
    fromIvr,
    [gone, ivrLeft, sales({ until: 30 }), ann({ until: 9, how: 'client' })],
    queue,
    { status: 'abandoned', at: clock(30), bounces: 1 },
  ],
  [
    'the caller hung up before anything moved',
    fromIvr,
    [gone, ivr({ until: 30, how: 'peer' })],
    queue,
    { status: 'abandoned', at: clock(30), bounces: 0 },
  ],
  [
    'only the conversation says that it is over',
    fromIvr,
    [customer(), ivrLeft, sales()],
    queue,
    { status: 'abandoned', at: clock(40), bounces: 0 },
    { endTime: clock(40) },
  ],
  [
    'the caller hung up and the platform then calls the transfer failed',
    fromIvr,
    [gone, ivrLeft],
    queue,
    { status: 'abandoned', at: clock(30), bounces: 0 },
    failedOnRecord(),
  ],
  [
    'the caller hung up while the holder consulted somebody: nothing had moved',
    fromAgent,
    [
      gone,
      offered('old', 'bob', 'billing', { answered: 0, until: 31, how: 'peer' }),
      offered('c', 'eve', undefined, { answered: 5, until: 32 }),
    ],
    queue,
    { status: 'abandoned', at: clock(30), bounces: 0 },
  ],
  [
    'the caller hung up while the queue played its own flow',
    fromIvr,
    [gone, ivrLeft, sales({ until: 31 }), party('ivr2', 'ivr', { from: 9, answered: 9, until: 31 })],
    queue,
    { status: 'abandoned', at: clock(30), bounces: 0 },
  ],
  // rule 7
  [
    'the queue took and dropped it while the platform has no time for that, an agent having declined',
    fromIvr,
    [customer(), ivrLeft, party('acd2', 'acd', { from: 2, until: 9, more: { queueId: 'sales' } }), ann({ until: 8, how: 'client' })],
    queue,
    { status: 'unmoved', bounces: 1 },
  ],
  [
    'the agent declined and another agent answered',
    fromIvr,
    [customer(), ivrLeft, ann({ until: 5, how: 'client' }), offered('a2', 'eve', 'billing', { answered: 7 })],
    agent,
    { status: 'elsewhere', bounces: 1 },
  ],
  [
    "an error on the one new leg, which is not the destination's",
    fromQueue,
    [customer(), inQueue('acd', 'billing'), offered('a9', 'eve', 'billing', { error: 'e.one' })],
    queue,
    { status: 'unmoved', bounces: 0 },
  ],
  [
    "the destination agent's phone rings while another flow plays",
    fromIvr,
    [customer(), ivrLeft, ann(), party('ivr2', 'ivr', { from: 2, answered: 2 })],
    agent,
    { status: 'ringing', userId: 'ann', bounces: 0 },
  ],
  [
    'the queue plays its own flow as a participant of its own',
    fromIvr,
    [customer(), ivrLeft, sales(), party('ivr2', 'ivr', { from: 9, answered: 9 })],
    queue,
    { status: 'waiting', bounces: 0 },
  ],
  [
    'the one agent declined and the caller is back with the old holder',
    fromAgent,
    [customer(), offered('old', 'bob', 'billing', { answered: 0 }), ann({ until: 5, how: 'client' })],
    agent,
    { status: 'failed', why: 'the agent did not answer', bounces: 1 },
  ],
  [
    'the one agent did not answer and voicemail took the call',
    fromIvr,
    [customer(), ivrLeft, ann({ until: 5, how: 'transfer.noanswer' }), party('vm', 'voicemail', { from: 5, answered: 5 })],
    agent,
    { status: 'failed', why: 'the agent did not answer', bounces: 1 },
  ],
  [
    'the one agent did not answer and a queue has the caller',
    fromQueue,
    [customer(), acdLeft, ann({ until: 5 }), inQueue('acd3', 'billing', { from: 5 })],
    agent,
    { status: 'failed', why: 'the agent did not answer', bounces: 1 },
  ],
  [
    'the number was busy',
    fromIvr,
    [customer(), ivr(), dialled({ until: 5, how: 'error' })],
    number,
    { status: 'failed', why: 'the number did not answer', bounces: 0 },
  ],
  [
    'the queue refused the call',
    fromIvr,
    [customer(), ivr(), party('acd2', 'acd', { from: 2, until: 2, more: { queueId: 'sales' } })],
    queue,
    { status: 'failed', why: 'the queue did not take the call', bounces: 0 },
  ],
  [
    'an error on the one new leg',
    fromIvr,
    [customer(), ivr(), dialled({ state: 'contacting', error: 'error.ininedgecontrol.session.inactive' })],
    number,
    { status: 'failed', why: 'the platform reported error.ininedgecontrol.session.inactive', bounces: 0 },
  ],
  [
    'an error that quotes the number',
    fromIvr,
    [customer(), ivr(), dialled({ state: 'contacting', error: 'cannot dial +18125550100' })],
    number,
    { status: 'failed', why: 'the platform reported an error on the new leg', bounces: 0 },
  ],
  [
    'an error on one leg while another rings',
    fromIvr,
    [customer(), ivrLeft, ann({ state: 'contacting', error: 'e.one' }), offered('a2', 'ann', 'sales', { from: 4 })],
    agent,
    { status: 'ringing', userId: 'ann', bounces: 0 },
  ],
  [
    "the platform's record says that it failed",
    fromIvr,
    [customer(), ivr()],
    queue,
    { status: 'failed', why: 'the platform says the transfer failed', bounces: 0 },
    failedOnRecord(),
  ],
  [
    "the record of the agent's transfer says timeout",
    fromIvr,
    [customer(), ivr()],
    agent,
    { status: 'failed', why: 'the platform says the transfer timed out', bounces: 0 },
    failedOnRecord({ state: 'timeout', destination: { userId: 'ann' } }),
  ],
  [
    "the record of the queue's transfer says canceled",
    fromIvr,
    [customer(), ivr()],
    queue,
    { status: 'failed', why: 'the platform says the transfer was canceled', bounces: 0 },
    failedOnRecord({ state: 'Canceled', destination: { address: 'sip:sales@127.0.0.1;user=acd' } }),
  ],
  [
    "somebody else's transfer failed",
    fromIvr,
    [customer(), ivr()],
    agent,
    { status: 'unmoved', bounces: 0 },
    failedOnRecord({ destination: { userId: 'bob' } }),
  ],
  [
    "another queue's transfer failed",
    fromIvr,
    [customer(), ivr()],
    queue,
    { status: 'unmoved', bounces: 0 },
    failedOnRecord({ destination: { address: 'sip:billing@127.0.0.1;user=acd' } }),
  ],
  [
    "a user's transfer failed while ours went to a number",
    fromIvr,
    [customer(), ivr()],
    number,
    { status: 'unmoved', bounces: 0 },
    failedOnRecord({ destination: { userId: 'bob' } }),
  ],
  [
    'the record says failed but the call is seen waiting',
    fromIvr,
    [customer(), ivrLeft, sales()],
    queue,
    { status: 'waiting', bounces: 0 },
    failedOnRecord(),
  ],
  [
    'the queue gave the call back to the old holder',
    fromAgent,
    [customer(), offered('old', 'bob', 'billing', { answered: 0 }), sales({ until: 9 })],
    queue,
    { status: 'failed', why: 'the call went back to where it was', bounces: 0 },
  ],
  // rule 8
  [
    "the queue's own flow sent the caller to voicemail",
    fromIvr,
    [customer(), ivrLeft, sales({ until: 9, how: 'transfer' }), party('vm', 'voicemail', { from: 9, answered: 9 })],
    queue,
    { status: 'flowed_out', to: 'voicemail', bounces: 0 },
  ],
  [
    "the queue's own flow sent the caller to another flow",
    fromIvr,
    [customer(), ivrLeft, sales({ until: 9 }), party('ivr2', 'ivr', { from: 9, answered: 9 })],
    queue,
    { status: 'flowed_out', to: 'ivr', bounces: 0 },
  ],
  [
    "the queue's own flow sent the caller to a number",
    fromIvr,
    [customer(), ivrLeft, sales({ until: 9 }), dialled({ from: 9, answered: 12 })],
    queue,
    { status: 'flowed_out', to: 'external', bounces: 0 },
  ],
  [
    "the queue's own flow sent the caller to something unheard of",
    fromIvr,
    [customer(), ivrLeft, sales({ until: 9 }), party('x', '+1812555', { from: 9, answered: 9 })],
    queue,
    { status: 'flowed_out', to: 'other', bounces: 0 },
  ],
  [
    'the caller hung up in the voicemail he was sent to',
    fromIvr,
    [gone, ivrLeft, sales({ until: 9 }), party('vm', 'voicemail', { from: 9, answered: 9, until: 30 })],
    queue,
    { status: 'flowed_out', to: 'voicemail', bounces: 0 },
  ],
  [
    "the agent's calls go to voicemail at once",
    fromIvr,
    [customer(), ivrLeft, party('vm', 'voicemail', { from: 3, answered: 3 })],
    agent,
    { status: 'flowed_out', to: 'voicemail', bounces: 0 },
  ],
  [
    'the flow it was sent to consulted a number',
    fromIvr,
    [
      customer(),
      ivrLeft,
      sales({ until: 9 }),
      party('ivr2', 'ivr', { from: 9, answered: 9 }),
      dialled({ from: 10, answered: 11, until: 12 }),
    ],
    queue,
    { status: 'flowed_out', to: 'ivr', bounces: 0 },
  ],
  // elsewhere
  [
    'the destination queue passed the call to somebody who answered',
    fromIvr,
    [customer(), ivrLeft, sales({ until: 9 }), offered('a9', 'eve', 'billing', { from: 9, answered: 12 })],
    queue,
    { status: 'elsewhere', bounces: 0 },
  ],
  [
    'the call waits in another queue',
    fromIvr,
    [customer(), ivrLeft, inQueue('acd3', 'billing', { from: 2 })],
    queue,
    { status: 'elsewhere', bounces: 0 },
  ],
  [
    'the destination queue passed the call to another queue',
    fromIvr,
    [customer(), ivrLeft, sales({ until: 9 }), inQueue('acd3', 'billing', { from: 9 })],
    queue,
    { status: 'elsewhere', bounces: 0 },
  ],
  [
    'an agent of another queue answered',
    fromQueue,
    [customer(), acdLeft, offered('a9', 'ann', 'billing', { from: 2, answered: 3 })],
    queue,
    { status: 'elsewhere', bounces: 0 },
  ],
  [
    'another agent answered',
    fromQueue,
    [customer(), acdLeft, offered('a9', 'eve', 'billing', { from: 2, answered: 3 })],
    agent,
    { status: 'elsewhere', bounces: 0 },
  ],
  [
    'another agent answered, talked, and the caller hung up',
    fromQueue,
    [gone, acdLeft, offered('a9', 'eve', 'billing', { answered: 3, until: 30 })],
    agent,
    { status: 'elsewhere', bounces: 0 },
  ],
  [
    "the old queue's agent answered instead of the number",
    fromQueue,
    [customer(), acdLeft, offered('a9', 'eve', 'billing', { answered: 3 })],
    number,
    { status: 'elsewhere', bounces: 0 },
  ],
  [
    'the flow moved the call into another flow',
    fromIvr,
    [customer(), ivrLeft, party('ivr2', 'ivr', { from: 2, answered: 2 })],
    queue,
    { status: 'elsewhere', bounces: 0 },
  ],
  // still where it was
  [
    'the old queue offers the call to its own agent',
    fromQueue,
    [customer(), inQueue('acd', 'billing'), offered('a9', 'eve', 'billing')],
    queue,
    { status: 'unmoved', bounces: 0 },
  ],
  [
    "the old queue's own agent declined",
    fromQueue,
    [customer(), inQueue('acd', 'billing'), offered('a9', 'eve', 'billing', { until: 5, how: 'client' })],
    queue,
    { status: 'unmoved', bounces: 0 },
  ],
  [
    'the holder consults a colleague',
    fromAgent,
    [customer(), offered('old', 'bob', 'billing', { answered: 0 }), offered('c', 'eve', undefined, { answered: 5 })],
    queue,
    { status: 'unmoved', bounces: 0 },
  ],
]
for (const [given, from, scene, to, expected, more] of cases) {
  t.test(`given ${given}, sent to ${to.type}, then it is ${(expected as { status: string }).status}`, async (t) => {
    t.same(observeProgress(picture(scene, more), from, to), expected)
    t.same(observeProgress(picture(scene.toReversed(), more), from, to), expected, 'in whatever order they stand')
  })
}

t.test('given a caller who is external, sent to a number, then his own leg is never the pickup and his hang-up is seen', async (t) => {
  const caller = party('caller', 'external', { answered: 0 })
  const from = held('ivr', [caller, ivr()])
  t.same(observeProgress(picture([caller, ivrLeft]), from, number), { status: 'unmoved', bounces: 0 })
  t.same(observeProgress(picture([caller, ivrLeft, dialled({ answered: 9 })]), from, number), {
    status: 'picked_up',
    participantId: 'ext',
    at: clock(9),
    bounces: 0,
  })
  const consulting = held('old', [caller, offered('old', 'bob', 'billing', { answered: 0 })])
  t.same(
    observeProgress(
      picture([
        party('caller', 'external', { answered: 0, until: 8 }),
        offered('old', 'bob', 'billing', { answered: 0 }),
        dialled({ answered: 5 }),
      ]),
      consulting,
      queue,
    ),
    { status: 'abandoned', at: clock(8), bounces: 0 },
    'a party dialled since is not the caller',
  )
  t.same(
    observeProgress(
      picture([party('caller', 'external', { answered: 0, until: 8 }), ivrLeft, dialled({ until: 8, how: 'peer' })]),
      from,
      number,
    ),
    { status: 'abandoned', at: clock(8), bounces: 0 },
  )
})

t.test('given a transfer that had failed before the snapshot, then it says nothing of the next one, whatever the clocks say', async (t) => {
  const from = held('ivr', [customer(), ivr()], failedOnRecord())
  t.same(observeProgress(picture([customer(), ivr()], failedOnRecord()), from, queue), { status: 'unmoved', bounces: 0 })
  const { transferIds, ...older } = from
  t.same(transferIds, ['t9'])
  t.equal(
    observeProgress(picture([customer(), ivr()], failedOnRecord()), older, queue).status,
    'failed',
    'a snapshot without ids goes by the time of issue',
  )
  t.equal(observeProgress(picture([customer(), ivr()], failedOnRecord({ dateIssued: clock(0) })), older, queue).status, 'unmoved')
})

t.test('given times with and without milliseconds, then the first pickup is the first in time', async (t) => {
  const scene = [
    customer(),
    ivrLeft,
    { ...ann(), calls: [{ id: '1', state: 'connected', connectedTime: '2026-01-05T09:00:04Z' }] },
    { ...offered('a0', 'bob', 'sales'), calls: [{ id: '2', state: 'connected', connectedTime: '2026-01-05T09:00:04.500Z' }] },
  ]
  t.match(observeProgress(picture(scene), fromIvr, queue), { status: 'picked_up', participantId: 'a1' })
})

t.test('movedSince tells a move from an end', async (t) => {
  const moved = (scene: Scene, from = fromIvr) => movedSince(picture(scene), from)
  t.equal(moved([customer(), ivr()]), false, 'still held')
  t.equal(moved([customer(), ivrLeft]), true, 'let go by a transfer')
  t.equal(moved([gone, ivr({ until: 30, how: 'peer' })]), false, 'the caller hung up')
  t.equal(moved([customer(), ivr({ until: 2 }), sales()]), true, 'somebody else has it')
  t.equal(moved([customer(), sales()]), true, 'the holder is not even listed any more')
  t.equal(
    moved(
      [gone, inQueue('acd', 'billing', { until: 30, how: 'peer' }), offered('a9', 'eve', 'billing', { until: 30, how: 'peer' })],
      fromQueue,
    ),
    false,
    'an offer that nobody answered moved nothing',
  )
  t.equal(
    moved([customer(), offered('old', 'bob', 'billing', { answered: 0 }), offered('c', 'eve', undefined, { answered: 5 })], fromAgent),
    false,
    'a consult',
  )
  t.equal(
    moved(
      [
        gone,
        offered('old', 'bob', 'billing', { answered: 0, until: 31, how: 'peer' }),
        offered('c', 'eve', undefined, { answered: 5, until: 32 }),
      ],
      fromAgent,
    ),
    false,
    'a consult that ended with the call',
  )
  t.equal(moved([customer(), oldLeft, sales()], fromAgent), true, "out of an agent's hands")
  t.equal(
    moved([customer(), ivr(), offered('sup', 'eve', undefined, { answered: 4, more: { monitoredParticipantId: 'ivr' } })]),
    false,
    'a supervisor listening',
  )
})
