/** How the client parses the platform's responses about opening hours and waits. */
import t from 'tap'
import type { GenesysClient } from '../../src/genesys/client.ts'
import { connectToFakePlatform, dueIn, rejection } from './support/connect.ts'
import { replyJson } from './support/fake-platform.ts'

const times = { start: '2026-06-10T09:00:00.000000', end: '2026-06-10T17:00:00.000000' }
const group = { id: 'g1', name: 'Support', timeZone: 'Europe/Berlin', openSchedules: [{ id: 's1' }] }
const estimate = (intent: string | undefined, seconds: number) => ({ intent, formula: 'BEST', estimatedWaitTimeSeconds: seconds })

interface ReadCase {
  name: string
  url: string
  read: (genesys: GenesysClient) => Promise<unknown>
  good: Array<[response: unknown, expected: object]>
  malformed: unknown[]
}
const readCases: ReadCase[] = [
  {
    name: 'a schedule group',
    url: '/api/v2/architect/schedulegroups/g1',
    read: (genesys) => genesys.scheduleGroup('g1', dueIn(20_000)),
    good: [
      [group, { id: 'g1', timeZone: { name: 'Europe/Berlin' }, openScheduleIds: ['s1'], closedScheduleIds: [], holidayScheduleIds: [] }],
      [
        { ...group, openSchedules: null, closedSchedules: [], holidaySchedules: [{ id: 's2' }, { id: 's3' }] },
        { openScheduleIds: [], closedScheduleIds: [], holidayScheduleIds: ['s2', 's3'] },
      ],
    ],
    malformed: [
      {},
      { ...group, id: undefined },
      { ...group, timeZone: undefined },
      { ...group, timeZone: 'Mars/Olympus' },
      { ...group, openSchedules: {} },
      { ...group, holidaySchedules: [{ name: 'without an id' }] },
    ],
  },
  {
    name: 'a schedule',
    url: '/api/v2/architect/schedules/s1',
    read: (genesys) => genesys.schedule('s1', dueIn(20_000)),
    good: [
      [{ id: 's1', ...times }, { schedule: { id: 's1' } }],
      [{ id: 's1', ...times, rrule: 'FREQ=DAILY', state: 'active' }, { schedule: { id: 's1' } }],
      [{ id: 's1', ...times, rrule: null }, { schedule: { id: 's1' } }],
      [{ id: 's1', ...times, rrule: '' }, { schedule: { id: 's1' } }],
      [{ id: 's1', ...times, state: 'inactive' }, { schedule: null }],
      [{ id: 's1', ...times, state: 'deleted' }, { schedule: null }],
    ],
    malformed: [
      {},
      { id: 's1', start: times.start },
      { ...times },
      { id: 's1', ...times, rrule: 'every day' },
      { id: 's1', ...times, rrule: 7 },
      { id: 's1', start: times.end, end: times.start },
    ],
  },
  {
    name: 'an emergency group',
    url: '/api/v2/architect/emergencygroups/e1',
    read: (genesys) => genesys.emergencyGroup('e1', dueIn(20_000)),
    good: [
      [
        { id: 'e1', enabled: true },
        { id: 'e1', isEnabled: true },
      ],
      [
        { id: 'e1', enabled: false },
        { id: 'e1', isEnabled: false },
      ],
      [{ id: 'e1' }, { id: 'e1', isEnabled: false }],
      [
        { id: 'e1', enabled: true, state: 'deleted' },
        { id: 'e1', isEnabled: false },
      ],
    ],
    malformed: [{}, { enabled: true }, { id: 'e1', enabled: 'yes' }],
  },
  {
    name: 'an estimated wait',
    url: '/api/v2/routing/queues/q1/mediatypes/call/estimatedwaittime',
    read: (genesys) => genesys.estimatedWait('q1', dueIn(20_000)),
    good: [
      [{ results: [estimate('CALL', 42)] }, { seconds: 42 }],
      [{ results: [estimate('ALL', 7), estimate('CHAT', 8), estimate('CALL', 0)] }, { seconds: 0 }],
      [{ results: [estimate('CHAT', 8), estimate('ALL', 7)] }, { seconds: 7 }],
      [{ results: [estimate(undefined, 9)] }, { seconds: 9 }],
      [{ results: [estimate('CALL', -1), estimate('ALL', 7)] }, { seconds: 7 }],
      [{ results: [] }, { seconds: null }],
      [{ results: [estimate('CHAT', 8)] }, { seconds: null }],
      [{ results: [estimate('CALL', -1)] }, { seconds: null }],
      [{ results: [{ intent: 'CALL', formula: 'BEST' }, null] }, { seconds: null }],
    ],
    malformed: [{}, { results: {} }],
  },
]

for (const { name, url, read, good, malformed } of readCases) {
  t.test(`given a response with ${name}, then it is reduced to the fields that Handoff uses; any other shape is malformed`, async (t) => {
    const { genesys, platform } = await connectToFakePlatform(t)
    for (const [response, expected] of good) {
      platform.replyWith(replyJson(200, response))
      t.match(await read(genesys), expected, JSON.stringify(response))
    }
    t.strictSame([...new Set(platform.requests.map((request) => `${request.method} ${request.url}`))], [`GET ${url}`])
    for (const response of malformed) {
      platform.replyWith(replyJson(200, response))
      t.match(await rejection(read(genesys)), { reason: 'malformed', correlationId: 'corr-0a1b2c3d' }, JSON.stringify(response))
    }
  })
}
