import t from 'tap'
import { transferable } from '../../src/conversations/transferable.ts'
import { clock, customer, inQueue, ivr, offered, party, picture } from './scene.ts'

const leg = (id: string) => `leg-${id}`
const agent = (id = 'ann', said = {}) => offered(id, `user-${id}`, 'billing', { answered: 5, ...said })
const over = { until: 9, how: 'transfer' }

const movable: Array<[given: string, participants: object[], holder: string, replaces: string]> = [
  ['a call in the IVR', [customer(), ivr()], 'ivr', 'ivr'],
  ['a call waiting in a queue', [customer(), ivr(over), inQueue('acd', 'billing')], 'acd', 'acd'],
  ['a call with an agent', [customer(), inQueue('acd', 'billing', over), agent()], 'ann', 'agent'],
  ['a call with a user who was called directly', [customer(), party('bob', 'user', { answered: 1 })], 'bob', 'agent'],
  ['a call with voicemail', [customer(), party('vm', 'voicemail', { answered: 1 })], 'vm', 'other'],
  ['a call with a participant of a purpose nobody has heard of', [customer(), party('x', 'constructor', { answered: 1 })], 'x', 'other'],
  [
    'a waiting call whose offers were declined',
    [customer(), inQueue('acd', 'billing'), offered('a1', 'u', 'billing', { until: 3 }), offered('a2', 'u', 'billing', { until: 4 })],
    'acd',
    'acd',
  ],
  [
    'an agent call that a supervisor listens to',
    [
      customer(),
      agent(),
      agent('eve', { more: { monitoredParticipantId: 'ann' } }),
      agent('eva', { more: { coachedParticipantId: 'ann' } }),
    ],
    'ann',
    'agent',
  ],
  [
    "a waiting call, while a supervisor's phone rings to listen in",
    [customer(), inQueue('acd', 'billing'), party('eve', 'user', { more: { bargedParticipantId: 'acd' } })],
    'acd',
    'acd',
  ],
  ['a call without a customer, where the caller is external', [party('caller', 'external', { answered: 0 }), ivr()], 'ivr', 'ivr'],
  [
    'a call whose first customer leg dropped and whose second is connected',
    [customer({ until: 2 }), party('again', 'customer', { from: 1, answered: 1 }), ivr()],
    'ivr',
    'ivr',
  ],
  [
    "a call where only one of two connected legs is the caller's",
    [customer(), ivr({ peer: leg('customer') }), party('other', 'workflow', { answered: 1, peer: 'leg-nobody' })],
    'ivr',
    'ivr',
  ],
  [
    'a call without a customer, where somebody outside listens in',
    [
      party('caller', 'external', { answered: 0 }),
      ivr(),
      party('ear', 'external', { from: 1, answered: 1, more: { coachedParticipantId: 'ivr' } }),
    ],
    'ivr',
    'ivr',
  ],
  [
    'a call on hold',
    [customer(), { ...agent(), calls: [{ id: 'l', state: 'connected', connectedTime: clock(5), held: true }] }],
    'ann',
    'agent',
  ],
]
for (const [given, participants, holder, replaces] of movable) {
  t.test(`given ${given}, then it can be moved by replacing ${holder}`, async (t) => {
    const caller = participants.some((one) => (one as { purpose: string }).purpose === 'customer')
      ? { purpose: 'customer' }
      : { id: 'caller' }
    t.match(transferable(picture(participants as Array<Record<string, unknown>>)), {
      transferable: true,
      holder: { id: holder },
      customer: caller,
      replaces,
    })
  })
}

const pending = (state: string) => ({ recentTransfers: [{ id: 't1', state, dateIssued: clock(1) }] })
const stuck: Array<[given: string, participants: object[], saw: string, ended: boolean, more?: object]> = [
  ['a conversation that has ended', [customer(), ivr()], 'the conversation has ended', true, { endTime: clock(9) }],
  ['a caller who has hung up', [customer({ until: 9, how: 'endpoint' }), ivr()], 'the caller has hung up', true],
  ['a caller whose phone still rings', [customer({ state: 'alerting' }), ivr()], "the caller's leg is alerting", false],
  ['a caller being dialled', [customer({ state: 'dialing' }), ivr()], "the caller's leg is dialing", false],
  ['a caller in a state nobody has heard of', [customer({ state: '+1812555' }), ivr()], "the caller's leg is in an unknown state", false],
  ['nobody but an agent', [agent()], 'there is no caller in this conversation', false],
  ['a finished call without a caller', [agent('ann', { until: 9 })], 'there is no caller in this conversation', true],
  [
    'a finished call of one agent, and a participant who only chatted',
    [agent('ann', { until: 9 }), { id: 'chat', purpose: 'user', calls: [] }],
    'there is no caller in this conversation',
    true,
  ],
  ['an empty conversation', [], 'there is no caller in this conversation', false],
  ['another transfer pending', [customer(), ivr()], 'another transfer of this call is pending', false, pending('Pending')],
  ['another transfer active', [customer(), ivr()], 'another transfer of this call is active', false, pending('active')],
  [
    'an agent whose phone rings',
    [customer(), inQueue('acd', 'billing'), offered('a', 'u', 'billing')],
    "an agent's leg is alerting",
    false,
  ],
  ['a user being contacted', [customer(), ivr(), party('bob', 'user', { state: 'contacting' })], "a user's leg is contacting", false],
  [
    "an agent's and a user's phone ringing",
    [customer(), ivr(), party('z', 'user', { state: 'dialing' }), offered('a', 'u', 'billing')],
    "an agent's leg is alerting",
    false,
  ],
  ['a conference of two agents', [customer(), agent(), agent('bob')], 'more than one agent is on the call', false],
  [
    'a call with a second outside party',
    [customer(), agent(), party('ext', 'external', { answered: 6 })],
    'another outside party is on the call',
    false,
  ],
  ['a call between two legs', [customer(), ivr(over)], 'nobody holds the call at this moment', false],
  [
    'a call being handed from queue to agent',
    [customer(), inQueue('acd', 'billing'), agent()],
    'the call is between an agent and the queue',
    false,
  ],
  [
    'an agent with a caller in a secure flow',
    [customer(), agent(), party('flow', 'ivr', { from: 6, answered: 6 })],
    'the call is between the IVR and an agent',
    false,
  ],
  [
    'a call that only a supervisor listens to',
    [customer(), agent('eve', { more: { monitoredParticipantId: 'x' } })],
    'nobody holds the call at this moment',
    false,
  ],
  ['a holder who has left by his end time', [customer(), { ...ivr(), endTime: clock(8) }], 'nobody holds the call at this moment', false],
]
for (const [given, participants, saw, ended, more] of stuck) {
  t.test(`given ${given}, then it cannot be moved and the reason is said`, async (t) => {
    t.same(transferable(picture(participants as Array<Record<string, unknown>>, more as Record<string, unknown>)), {
      transferable: false,
      ended,
      saw,
    })
    t.same(
      transferable(picture(participants.toReversed() as Array<Record<string, unknown>>, more as Record<string, unknown>)),
      { transferable: false, ended, saw },
      'in whatever order they stand',
    )
  })
}

t.test('given transfers that are long done, then the call can be moved again', async (t) => {
  for (const state of ['Complete', 'Canceled', 'Failed', 'Timeout', 'Unknown', 'Whatever'])
    t.equal(transferable(picture([customer(), ivr()], pending(state))).transferable, true, state)
})
