/** How the client parses the platform's responses to reads. */
import t from 'tap'
import type { GenesysClient } from '../../src/genesys/client.ts'
import { connectToFakePlatform, dueIn, rejection } from './support/connect.ts'
import { replyJson } from './support/fake-platform.ts'

const conversationId = '0e1f0e5c-0000-4000-8000-00000000000c'

interface ReadCase {
  name: string
  read: (genesys: GenesysClient) => Promise<unknown>
  good: Array<[response: unknown, expected: unknown]>
  malformed: unknown[]
}
const readCases: ReadCase[] = [
  {
    name: 'a skill',
    read: (genesys) => genesys.skill('s1', dueIn(20_000)),
    good: [
      [
        { id: 's1', name: 'Billing', state: 'inactive', version: '3' },
        { id: 's1', name: 'Billing', state: 'inactive' },
      ],
    ],
    malformed: [{}, { id: 's1', name: 'Billing' }, { id: 's1', name: 'Billing', state: 'paused' }, { id: 7, name: 'x', state: 'active' }],
  },
  {
    name: 'a queue',
    read: (genesys) => genesys.queue('q1', dueIn(20_000)),
    good: [
      [
        { id: 'q1', name: 'Billing', memberCount: 3 },
        { id: 'q1', name: 'Billing' },
      ],
    ],
    malformed: [{}, { id: 'q1' }, { name: 'x' }],
  },
  {
    name: 'a user',
    read: (genesys) => genesys.user('u1', dueIn(20_000)),
    good: [
      [
        {
          id: 'u1',
          state: 'active',
          routingStatus: { status: 'IDLE' },
          presence: { presenceDefinition: { systemPresence: 'On Queue' } },
        },
        { id: 'u1', state: 'active', routingStatus: 'IDLE', presence: 'ON_QUEUE' },
      ],
      [
        { id: 'u1', state: 'active' },
        { id: 'u1', state: 'active', routingStatus: 'UNKNOWN', presence: 'UNKNOWN' },
      ],
    ],
    malformed: [{}, { id: 'u1' }],
  },
  {
    name: 'a conversation',
    read: (genesys) => genesys.conversation(conversationId, dueIn(20_000)),
    good: [
      [
        { id: conversationId, participants: [] },
        { id: conversationId, participants: [] },
      ],
    ],
    malformed: [],
  },
  {
    name: 'queue members',
    read: (genesys) => genesys.idleMembers('q1', dueIn(20_000)),
    good: [[{ entities: [] }, []]],
    malformed: [{}, { entities: {} }],
  },
]

for (const { name, read, good, malformed } of readCases) {
  t.test(`given a response with ${name}, then it is reduced to the fields that Handoff uses; any other shape is malformed`, async (t) => {
    const { genesys, platform } = await connectToFakePlatform(t)
    for (const [response, expected] of good) {
      platform.replyWith(replyJson(200, response))
      t.same(await read(genesys), expected)
    }
    for (const response of malformed) {
      platform.replyWith(replyJson(200, response))
      t.match(
        await rejection(read(genesys)),
        { reason: 'malformed', effect: 'unknown', correlationId: 'corr-0a1b2c3d' },
        JSON.stringify(response),
      )
    }
  })
}

t.test('given the members of a queue, then only those who are joined, idle and present count, with their active skills', async (t) => {
  const { genesys, platform } = await connectToFakePlatform(t)
  const member = (
    id: string,
    changes: object = {},
    presence = 'On Queue',
    skills: object[] = [
      { id: 's1', state: 'active' },
      { id: 's2', state: 'inactive' },
    ],
  ) => ({
    id,
    joined: true,
    routingStatus: { status: 'IDLE' },
    user: { id, skills, presence: { presenceDefinition: { systemPresence: presence } } },
    ...changes,
  })
  platform.replyWith(
    replyJson(200, {
      entities: [
        member('present'),
        member('offline', {}, 'Offline'),
        ...['AWAY', 'Idle', 'Break', 'Meal', 'BUSY', 'Meeting', 'Training'].map((presence) => member(presence, {}, presence)),
        member('busy', { routingStatus: { status: 'INTERACTING' } }),
        member('not-joined', { joined: false }),
        member('available', {}, 'Available', []),
        null,
        { id: 'only-id' },
      ],
    }),
  )
  t.same(await genesys.idleMembers('q1', dueIn(20_000)), [
    { userId: 'present', skillIds: ['s1'] },
    { userId: 'available', skillIds: [] },
    { userId: 'only-id', skillIds: [] },
  ])
  t.equal(
    platform.requests[0]!.url,
    '/api/v2/routing/queues/q1/members?pageNumber=1&pageSize=100&expand=skills&expand=routingStatus&expand=presence&routingStatus=IDLE&joined=true',
  )
})

t.test('given a queue with more than 500 idle members, then five pages are read and no more', async (t) => {
  const { genesys, platform } = await connectToFakePlatform(t)
  platform.replyWith((response, request) => {
    const page = new URL(request.url, 'http://x').searchParams.get('pageNumber')
    const entities = Array.from({ length: 100 }, (_, index) => ({ id: `u${page}-${index}` }))
    replyJson(200, { entities, nextUri: '/more' })(response, request)
  })
  t.equal((await genesys.idleMembers('q1', dueIn(20_000))).length, 500)
  t.equal(platform.requests.length, 5)
})
