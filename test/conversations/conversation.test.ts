/** How the platform's models of a conversation are parsed, and which payloads are refused as unreadable. */
import t from 'tap'
import type { Models } from 'purecloud-platform-client-v2'
import { mediumByField, parseConversation } from '../../src/conversations/conversation.ts'
import { UnreadableJson } from '../../src/model/json-fields.ts'

const payloadWith = (fields: object = {}) => ({ id: 'c1', participants: [{ id: 'p1', purpose: 'agent', ...fields }] })
const parseParticipant = (fields: object) => parseConversation(payloadWith(fields)).participants[0]

t.test(
  'given purposes, states and disconnect types in any case, when they are parsed, then they are in lower case, and dnd is written out',
  async (t) => {
    const participant = parseParticipant({
      purpose: 'AGENT',
      calls: [
        { id: 'l', state: 'Connected', disconnectType: 'Endpoint.DND' },
        { id: 'm', state: 'TERMINATED', disconnectType: 'transfer.dnd' },
      ],
    })
    t.match(participant, {
      purpose: 'agent',
      legs: [
        { state: 'connected', disconnectType: 'endpoint.donotdisturb' },
        { state: 'terminated', disconnectType: 'transfer.donotdisturb' },
      ],
    })
  },
)

t.test(
  'given states of recent transfers in any case, when they are parsed, then they are in lower case, and those that are not known are unknown',
  async (t) => {
    const states = ['Pending', 'ACTIVE', 'complete', 'Canceled', 'Failed', 'Timeout', 'Odd', undefined]
    t.same(
      parseConversation({ ...payloadWith(), recentTransfers: states.map((state, id) => ({ id: `t${id}`, state })) }).recentTransfers.map(
        (transfer) => transfer.state,
      ),
      ['pending', 'active', 'complete', 'canceled', 'failed', 'timeout', 'unknown', 'unknown'],
    )
  },
)

t.test('given fields that are null or empty text, when they are parsed, then they are absent', async (t) => {
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
      participants: [
        {
          id: 'p1',
          purpose: 'unknown',
          attributes: {},
          isMonitor: false,
          isInConsult: false,
          legs: [{ id: '', state: 'none' }],
          otherMedia: [],
        },
      ],
    },
  )
})

t.test('given a participant without calls and state, such as in a chat, when it is parsed, then it has no leg', async (t) => {
  t.same(parseParticipant({ chats: [{}] })?.legs, [])
})

type MediumList<P> = { [K in keyof P]-?: NonNullable<P[K]> extends Array<infer E> ? ('state' extends keyof E ? K : never) : never }[keyof P]
/** Compiles only if `mediumByField` names the medium of every list of connections in the SDK's Participant, except `calls`. */
const documentedMedia: Record<Exclude<MediumList<Models.Participant>, 'calls'>, string> = mediumByField

t.test(
  'given a connection in any other medium that the platform documents, when it is parsed, then the participant names the medium',
  async (t) => {
    for (const [list, medium] of Object.entries(documentedMedia)) t.same(parseParticipant({ [list]: [{}] })?.otherMedia, [medium], list)
    t.same(parseParticipant({ cobrowsesessions: [{}], chats: [{}], emails: [], messages: null })?.otherMedia, ['chat', 'cobrowse session'])
  },
)

t.test('given participant attributes, when they are parsed, then text is kept unchanged and everything else is left out', async (t) => {
  const attributes = JSON.parse('{"transferDepth":"2","odd":3,"__proto__":"x","toString":"y"}') as object
  const parsed = parseParticipant({ attributes })?.attributes ?? {}
  t.same(Object.entries(parsed), [
    ['transferDepth', '2'],
    ['__proto__', 'x'],
    ['toString', 'y'],
  ])
})

t.test('given a participant that monitors, coaches or barges in, when it is parsed, then it is a monitor', async (t) => {
  for (const key of ['monitoredParticipantId', 'coachedParticipantId', 'bargedParticipantId'])
    t.equal(parseParticipant({ [key]: 'p2' })?.isMonitor, true, key)
  t.equal(parseParticipant({ monitoredParticipantId: null })?.isMonitor, false)
})

t.test(
  'given a participant as events have it, with the fields of the call directly on it, when it is parsed, then these fields are its leg',
  async (t) => {
    t.match(parseParticipant({ state: 'alerting', peer: 'x', user: { id: 'u' }, queue: { id: 'q' }, consultParticipantId: 'p2' }), {
      userId: 'u',
      queueId: 'q',
      isInConsult: true,
      legs: [{ state: 'alerting', peerId: 'x' }],
    })
  },
)

t.test('given an errorInfo without a code and a message, when it is parsed, then there is no error', async (t) => {
  for (const errorInfo of [null, undefined, {}, { code: null }, { code: '', message: '' }, { details: [], errors: [], messageParams: {} }])
    t.notHas(parseParticipant({ calls: [{ state: 'terminated', errorInfo }] })?.legs[0], { errorCode: String }, JSON.stringify(errorInfo))
  t.match(parseParticipant({ calls: [{ errorInfo: { code: 'e.one', message: 'One.' } }] }), { legs: [{ errorCode: 'e.one' }] })
  t.match(parseParticipant({ calls: [{ errorInfo: { message: 'One.' } }] }), { legs: [{ errorCode: '(no code)' }] })
})

const unreadable: Array<[situation: string, payload: unknown, message: string]> = [
  ['nothing', undefined, 'the conversation is not an object'],
  ["a gateway's HTML page", '<html>502</html>', 'the conversation is not an object'],
  ['a list', [], 'the conversation is not an object'],
  ['an error body', { message: 'no', code: 'not.found', status: 404 }, 'id is missing'],
  ['no participants', { id: 'c1' }, 'participants is not a list'],
  ['a participant that is null', { id: 'c1', participants: [null] }, 'participants[0] is not an object'],
  ['a participant without id', { id: 'c1', participants: [{}] }, 'participants[0].id is missing'],
  ['calls that are not a list', payloadWith({ calls: {} }), 'participants[0].calls is not a list'],
  ['a state that is not text', payloadWith({ calls: [{ state: 7 }] }), 'participants[0].calls[0].state is not text'],
  ['a time that is not a time', payloadWith({ connectedTime: 'yesterday +18125550100' }), 'participants[0].connectedTime is not a time'],
  [
    'an impossible time',
    payloadWith({ calls: [{ connectedTime: '2026-13-45T00:00:00Z' }] }),
    'participants[0].calls[0].connectedTime is not a time',
  ],
  ['a user that is not a reference', payloadWith({ user: 'bob' }), 'participants[0].user is not an object'],
  ['an event without a body', { topicName: 'v2', eventBody: null }, 'eventBody is not an object'],
]
for (const [situation, payload, message] of unreadable) {
  t.test(`given ${situation}, when it is parsed, then it is unreadable, and the message names the field without its value`, async (t) => {
    t.throws(() => parseConversation(payload), new UnreadableJson(message))
  })
}

t.test('given malformed fields that no decision depends on, when they are parsed, then the conversation is readable', async (t) => {
  for (const conversationRoutingData of [{ skills: [{}] }, { priority: '5' }])
    t.doesNotThrow(() => parseConversation(payloadWith({ conversationRoutingData })))
})
