import t from 'tap'
import { UnreadableConversation, parseConversation } from '../../src/conversations/conversation.ts'

const call = (more: object = {}) => ({ id: 'c1', participants: [{ id: 'p1', purpose: 'agent', ...more }] })
const first = (more: object) => parseConversation(call(more)).participants[0]

t.test('states, purposes and transfer states are lower-cased and the short do-not-disturb spellings mapped', async (t) => {
  const one = first({
    purpose: 'AGENT',
    calls: [
      { id: 'l', state: 'Connected', disconnectType: 'Endpoint.DND' },
      { id: 'm', state: 'TERMINATED', disconnectType: 'transfer.dnd' },
    ],
  })
  t.match(one, {
    purpose: 'agent',
    calls: [
      { state: 'connected', disconnectType: 'endpoint.donotdisturb' },
      { state: 'terminated', disconnectType: 'transfer.donotdisturb' },
    ],
  })
  const states = ['Pending', 'ACTIVE', 'complete', 'Canceled', 'Failed', 'Timeout', 'Odd', undefined]
  t.same(
    parseConversation({ ...call(), recentTransfers: states.map((state, id) => ({ id: `t${id}`, state })) }).recentTransfers.map(
      (one) => one.state,
    ),
    ['pending', 'active', 'complete', 'canceled', 'failed', 'timeout', 'unknown', 'unknown'],
  )
})

t.test('null and empty text mean absent', async (t) => {
  t.same(
    parseConversation({
      id: 'c1',
      endTime: null,
      recentTransfers: null,
      participants: [
        {
          id: 'p1',
          purpose: null,
          userId: '',
          queueId: null,
          calls: [{ state: 'none', disconnectType: null, errorInfo: null, peerId: '' }],
        },
      ],
    }),
    {
      conversationId: 'c1',
      recentTransfers: [],
      participants: [{ id: 'p1', purpose: 'unknown', attributes: {}, monitors: false, calls: [{ id: '', state: 'none', held: false }] }],
    },
  )
})

t.test('a participant without calls and without a state (a chat, a callback) has no leg', async (t) => {
  t.same(first({ chats: [{}] })?.calls, [])
})

t.test('attributes are kept as they are, and what is not text is left out', async (t) => {
  const attributes = JSON.parse('{"transferDepth":"2","odd":3,"__proto__":"x","toString":"y"}') as object
  const read = first({ attributes })?.attributes ?? {}
  t.same(Object.entries(read), [
    ['transferDepth', '2'],
    ['__proto__', 'x'],
    ['toString', 'y'],
  ])
})

t.test('monitors, coaches and bargers are known', async (t) => {
  for (const key of ['monitoredParticipantId', 'coachedParticipantId', 'bargedParticipantId'])
    t.equal(first({ [key]: 'p2' })?.monitors, true, key)
  t.equal(first({ monitoredParticipantId: null })?.monitors, false)
})

t.test('a flattened participant is its own leg', async (t) => {
  t.match(first({ state: 'alerting', peer: 'x', held: true, user: { id: 'u' }, queue: { id: 'q' }, errorInfo: {} }), {
    userId: 'u',
    queueId: 'q',
    calls: [{ state: 'alerting', peerId: 'x', held: true, errorCode: 'unnamed' }],
  })
})

const unreadable: Array<[what: string, payload: unknown, message: string]> = [
  ['nothing', undefined, 'the conversation is not an object'],
  ["a bad gateway's page", '<html>502</html>', 'the conversation is not an object'],
  ['a list', [], 'the conversation is not an object'],
  ['an error body', { message: 'no', code: 'not.found', status: 404 }, 'id is missing'],
  ['no participants', { id: 'c1' }, 'participants is not a list'],
  ['a participant that is none', { id: 'c1', participants: [null] }, 'participants[0] is not an object'],
  ['a participant without id', { id: 'c1', participants: [{}] }, 'participants[0].id is missing'],
  ['calls that are no list', call({ calls: {} }), 'participants[0].calls is not a list'],
  ['a state that is no text', call({ calls: [{ state: 7 }] }), 'participants[0].calls[0].state is not text'],
  ['a time that is none', call({ connectedTime: 'yesterday +18125550100' }), 'participants[0].connectedTime is not a time'],
  [
    'an impossible time',
    call({ calls: [{ connectedTime: '2026-13-45T00:00:00Z' }] }),
    'participants[0].calls[0].connectedTime is not a time',
  ],
  ['a user that is no reference', call({ user: 'bob' }), 'participants[0].user is not an object'],
  [
    'a skill without id',
    call({ conversationRoutingData: { skills: [{}] } }),
    'participants[0].conversationRoutingData.skills[0].id is missing',
  ],
  [
    'a priority that is no number',
    call({ conversationRoutingData: { priority: '5' } }),
    'participants[0].conversationRoutingData.priority is not a number',
  ],
  ['an event without a body', { topicName: 'v2', eventBody: null }, 'eventBody is not an object'],
]
for (const [what, payload, message] of unreadable) {
  t.test(`given ${what}, then it is unreadable and says where, without quoting`, async (t) => {
    t.throws(() => parseConversation(payload), new UnreadableConversation(message))
  })
}
