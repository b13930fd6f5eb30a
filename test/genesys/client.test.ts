import t from 'tap'
import { connected, failure, inMs, json, text } from './platform.ts'
import type { GenesysClient } from '../../src/genesys/client.ts'
import { until } from '../support/until.ts'

const C = '0e1f0e5c-0000-4000-8000-00000000000c'
const P = '0e1f0e5c-0000-4000-8000-00000000000a'

t.test('each command is the documented call', async (t) => {
  const { genesys, at } = await connected(t)
  at.answers(text(202, '', { 'inin-correlation-id': 'corr-0a1b2c3d' }))
  const participant = `/api/v2/conversations/${C}/participants/${P}`
  const rows: Array<[() => Promise<unknown>, string, string, object]> = [
    [
      () => genesys.replaceWithQueue(C, P, 'q1', inMs(3000)),
      'POST',
      `${participant}/replace/queue`,
      { transferType: 'Unattended', queueId: 'q1' },
    ],
    [
      () => genesys.replaceWithAgent(C, P, 'u1', inMs(3000)),
      'POST',
      `${participant}/replace/agent`,
      { transferType: 'Unattended', userId: 'u1' },
    ],
    [
      () => genesys.transferToNumber(C, P, '+15551234567', inMs(3000)),
      'POST',
      `${participant}/transfer`,
      { transferType: 'Unattended', address: '+15551234567' },
    ],
    [
      () => genesys.setAttributes(C, P, { transferDepth: '1' }, inMs(3000)),
      'PATCH',
      `${participant}/attributes`,
      { attributes: { transferDepth: '1' } },
    ],
  ]
  for (const [call, method, url, body] of rows) {
    at.calls.length = 0
    const accepted = await call()
    t.match(at.calls, [{ method, url }])
    t.same(JSON.parse(at.calls[0]!.body), body)
    t.equal(at.calls[0]!.headers['content-type'], 'application/json')
    t.same(accepted, method === 'POST' ? { correlationId: 'corr-0a1b2c3d' } : undefined)
  }
})

t.test('given skills, priority and a language, the routing of the conversation is set and read back', async (t) => {
  const { genesys, at } = await connected(t)
  at.answers(json(200, { priority: 7, skills: [{ id: 's1', name: 'Billing' }], language: { id: 'l1' } }))
  t.same(await genesys.setRouting(C, { skillIds: ['s1'], priority: 7, languageId: 'l1' }, inMs(3000)), {
    skillIds: ['s1'],
    priority: 7,
    languageId: 'l1',
  })
  t.match(at.calls, [{ method: 'PATCH', url: `/api/v2/routing/conversations/${C}` }])
  t.same(JSON.parse(at.calls[0]!.body), { skillIds: ['s1'], priority: 7, languageId: 'l1' })
  at.answers(json(200, { priority: 0 }))
  t.same(await genesys.setRouting(C, { skillIds: [], priority: 0 }, inMs(3000)), { skillIds: [], priority: 0 })
  t.same(JSON.parse(at.calls[1]!.body), { skillIds: [], priority: 0 })
})

t.test('given a trace, it travels; without one, or with nonsense, there is no header', async (t) => {
  const { genesys, at } = await connected(t)
  const traceparent = '00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01'
  await genesys.conversation(C, inMs(3000, { traceparent }))
  await genesys.conversation(C, inMs(3000))
  await genesys.conversation(C, inMs(3000, { traceparent: 'nonsense\r\nx: y' }))
  t.same(
    at.calls.map(({ headers }) => headers['traceparent']),
    [traceparent, undefined, undefined],
  )
})

t.test('given many calls at once, each keeps its own trace and correlation id', async (t) => {
  const { genesys, at } = await connected(t)
  at.answers(
    (response, { url }) => void setImmediate(() => response.writeHead(202, { 'inin-correlation-id': `corr-${url.split('/')[4]}` }).end()),
  )
  const ids = Array.from({ length: 30 }, (_, i) => `conversation${i}`)
  const accepted = await Promise.all(ids.map((id) => genesys.replaceWithQueue(id, P, 'q1', inMs(5000))))
  t.same(
    accepted.map(({ correlationId }) => correlationId),
    ids.map((id) => `corr-${id}`),
  )
})

const READS: Array<{ what: string; call: (genesys: GenesysClient) => Promise<unknown>; good: Array<[unknown, unknown]>; bad: unknown[] }> =
  [
    {
      what: 'a skill',
      call: (genesys) => genesys.skill('s1', inMs(3000)),
      good: [
        [
          { id: 's1', name: 'Billing', state: 'inactive', version: '3' },
          { id: 's1', name: 'Billing', state: 'inactive' },
        ],
      ],
      bad: [{}, { id: 's1', name: 'Billing' }, { id: 's1', name: 'Billing', state: 'paused' }, { id: 7, name: 'x', state: 'active' }],
    },
    {
      what: 'a queue',
      call: (genesys) => genesys.queue('q1', inMs(3000)),
      good: [
        [
          { id: 'q1', name: 'Billing', memberCount: 3 },
          { id: 'q1', name: 'Billing' },
        ],
      ],
      bad: [{}, { id: 'q1' }, { name: 'x' }],
    },
    {
      what: 'a user',
      call: (genesys) => genesys.user('u1', inMs(3000)),
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
      bad: [{}, { id: 'u1' }],
    },
    {
      what: 'a conversation',
      call: (genesys) => genesys.conversation(C, inMs(3000)),
      good: [
        [
          { id: C, participants: [] },
          { id: C, participants: [] },
        ],
      ],
      bad: [],
    },
    {
      what: 'queue members',
      call: (genesys) => genesys.idleMembers('q1', inMs(3000)),
      good: [[{ entities: [] }, []]],
      bad: [{}, { entities: {} }],
    },
  ]

for (const { what, call, good, bad } of READS) {
  t.test(`given ${what}, it is cut down to what Handoff uses; another shape is malformed`, async (t) => {
    const { genesys, at } = await connected(t)
    for (const [answer, expected] of good) {
      at.answers(json(200, answer))
      t.same(await call(genesys), expected)
    }
    for (const answer of bad) {
      at.answers(json(200, answer))
      t.match(
        await failure(call(genesys)),
        { reason: 'malformed', effect: 'unknown', correlationId: 'corr-0a1b2c3d' },
        JSON.stringify(answer),
      )
    }
  })
}

t.test('given members of a queue, only those who are joined, idle and there count, with their active skills', async (t) => {
  const { genesys, at } = await connected(t)
  const member = (
    id: string,
    more: object = {},
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
    ...more,
  })
  at.answers(
    json(200, {
      entities: [
        member('here'),
        member('offline', {}, 'Offline'),
        member('away', {}, 'AWAY'),
        member('busy', { routingStatus: { status: 'INTERACTING' } }),
        member('left', { joined: false }),
        member('available', {}, 'Available', []),
        null,
        { id: 'bare' },
      ],
    }),
  )
  t.same(await genesys.idleMembers('q1', inMs(3000)), [
    { userId: 'here', skillIds: ['s1'] },
    { userId: 'available', skillIds: [] },
    { userId: 'bare', skillIds: [] },
  ])
  t.equal(
    at.calls[0]!.url,
    '/api/v2/routing/queues/q1/members?pageNumber=1&pageSize=100&expand=skills&expand=routingStatus&expand=presence&routingStatus=IDLE&joined=true',
  )
})

t.test('given a queue with more members than anybody should, five pages are read and no more', async (t) => {
  const { genesys, at } = await connected(t)
  at.answers((response, seen) => {
    const page = new URL(seen.url, 'http://x').searchParams.get('pageNumber')
    json(200, { entities: Array.from({ length: 100 }, (_, i) => ({ id: `u${page}-${i}` })), nextUri: '/more' })(response, seen)
  })
  t.equal((await genesys.idleMembers('q1', inMs(5000))).length, 500)
  t.equal(at.calls.length, 5)
})

t.test('given more calls than the platform allows, the rest is refused at once', async (t) => {
  const { genesys, at } = await connected(t, { requestsPerMinute: 20 })
  const calls = await Promise.allSettled(Array.from({ length: 40 }, () => genesys.replaceWithQueue(C, P, 'q1', inMs(3000))))
  const refused = calls.filter((call) => call.status === 'rejected').map((call) => call.reason)
  t.ok(at.calls.length <= 19 && at.calls.length + refused.length === 40)
  for (const error of refused)
    t.match(error, { operation: 'replaceWithQueue', reason: 'rate_limited', effect: 'none', retryAfterMs: Number })
})

t.test('given a platform that is down, it is left alone for a moment; then one call tries and the rest follow', async (t) => {
  const { genesys, at } = await connected(t)
  at.answers(json(503, { code: 'service.unavailable' }))
  const reasons: string[] = []
  while (!reasons.includes('overloaded') && reasons.length < 60) {
    const error = await failure(genesys.replaceWithQueue(C, P, 'q1', inMs(3000)))
    reasons.push(error.reason)
    if (error.reason === 'overloaded') t.match(error, { effect: 'none', retryAfterMs: Number })
  }
  t.equal(reasons.at(-1), 'overloaded')
  const whileDown = at.calls.length
  t.equal(whileDown, 20)
  await failure(genesys.conversation(C, inMs(3000)))
  t.equal(at.calls.length, whileDown, 'nothing goes out while it is open')

  at.answers(json(200, { id: C }))
  await until(() => genesys.conversation(C, inMs(3000)).catch(() => undefined), 'the platform, back')
  await t.resolves(Promise.all([genesys.conversation(C, inMs(3000)), genesys.replaceWithQueue(C, P, 'q1', inMs(3000))]))
})

t.test('given a platform that goes down after a long time of health, then it is left alone after twenty failures in a row', async (t) => {
  const { genesys, at } = await connected(t)
  at.answers(json(200, { id: C }))
  for (let i = 0; i < 60; i++) await genesys.conversation(C, inMs(3000))
  at.answers(json(503, { code: 'service.unavailable' }))
  const before = at.calls.length
  const reasons: string[] = []
  while (!reasons.includes('overloaded') && reasons.length < 100)
    reasons.push((await failure(genesys.replaceWithQueue(C, P, 'q1', inMs(3000)))).reason)
  t.equal(reasons.at(-1), 'overloaded')
  t.equal(at.calls.length - before, 20)
})

t.test('given reads that fail, then they are tried again only as far as one in ten, and what a quiet time has saved', async (t) => {
  const { genesys, at } = await connected(t)
  const failing = json(502, {})
  // Every second read fails: never twenty in a row, and never more than half.
  let asked = 0
  at.answers((response, seen) => (asked++ % 2 === 0 ? json(200, { id: C }) : failing)(response, seen))
  const reads = 100
  for (let i = 0; i < reads; i++) await genesys.conversation(C, inMs(3000)).catch(() => undefined)
  t.ok(at.calls.length <= reads * 1.1 + 10, `${at.calls.length} calls for ${reads} reads`)
  t.ok(at.calls.length > reads, 'some were tried again')
})

t.test('given refusals and 429s, however many, the platform does not count as down', async (t) => {
  const { genesys, at } = await connected(t)
  for (const status of [400, 403, 404, 409, 500]) {
    at.answers(json(status, { code: 'x.y' }))
    for (let i = 0; i < 10; i++) t.not((await failure(genesys.replaceWithQueue(C, P, 'q1', inMs(3000)))).reason, 'overloaded')
  }
})

t.test('given a client that is closed, calls are refused and nothing keeps the process alive', async (t) => {
  const { genesys } = await connected(t)
  await genesys.conversation(C, inMs(3000))
  await genesys.close()
  t.match(await failure(genesys.conversation(C, inMs(3000))), { reason: 'unavailable', effect: 'none' })
})

t.test('given a gateway behind a path, login and API keep it', async (t) => {
  const { platform, settings } = await import('./platform.ts')
  const { connectGenesys } = await import('../../src/genesys/client.ts')
  const at = await platform({ prefix: '/genesys/eu' })
  const genesys = await connectGenesys(settings(`${at.url}/`))
  t.teardown(async () => {
    await genesys.close()
    await at.close()
  })
  await genesys.conversation(C, inMs(3000))
  t.equal(at.logins.length, 1)
  t.equal(at.calls[0]!.url, `/genesys/eu/api/v2/conversations/${C}`)
})
