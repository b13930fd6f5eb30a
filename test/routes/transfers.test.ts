import { test } from 'tap'
import { newId, startWorld, usualScene } from '../support/service.ts'
import type { Transfer } from '../../src/model/transfer.ts'

interface Page {
  transfers: Transfer[]
  nextCursor: string | null
}

test('given transfers of several conversations', async (t) => {
  const world = await startWorld(t)
  const { conversationId, queueId, otherQueueId, skillId } = usualScene(world.scene, [{ after: 20, with: 'pickup' }])
  const list = async (query = '') => (await world.ask<Page>('GET', `/v1/transfers${query}`)).body
  const made: string[] = []
  for (const target of [
    { type: 'skill', skillId, queueId },
    { type: 'queue', queueId: otherQueueId },
    { type: 'queue', queueId: newId() },
  ]) {
    const call = made.length === 0 ? conversationId : world.scene.addConversation({ in: 'ivr' }).conversationId
    const { body } = await world.transfer({ conversationId: call, target })
    made.push(body.id ?? body.transferId)
  }
  const [first = '', second = '', refused = ''] = made
  await world.reaches(first, 'picked_up')

  await t.test('when they are listed, then the newest comes first, and pages lead to the end', async (t) => {
    t.strictSame(
      (await list()).transfers.map(({ id }) => id),
      made.toReversed(),
    )
    const pages: string[][] = []
    for (let cursor: string | null = ''; cursor !== null;) {
      const page: Page = await list(`?limit=2${cursor && `&cursor=${cursor}`}`)
      pages.push(page.transfers.map(({ id }) => id))
      cursor = page.nextCursor
    }
    t.strictSame(pages, [[refused, second], [first]])
    t.strictSame(await list('?limit=3'), { ...(await list()), nextCursor: null }, 'a page that is just full is the last')
  })

  await t.test('when they are filtered, then only those come', async (t) => {
    const ids = async (query: string) => (await list(query)).transfers.map(({ id }) => id)
    t.strictSame(await ids(`?conversationId=${conversationId}`), [first])
    t.strictSame(await ids(`?conversationId=${conversationId.toUpperCase()}`), [first], 'ids in capitals are the same ids')
    t.strictSame(await ids(`?conversationId=${newId()}`), [])
    t.strictSame(await ids('?state=picked_up'), [first])
    t.strictSame(await ids('?state=rejected&limit=200'), [refused])
    const { createdAt } = (await list()).transfers.at(-1) as Transfer
    t.strictSame(await ids(`?since=${createdAt}`), made.toReversed(), 'since is inclusive')
    t.notOk((await ids(`?until=${createdAt}`)).includes(first), 'until is exclusive')
    t.strictSame(await ids('?until=2020-01-01T00:00:00Z'), [])
  })

  await t.test('when one is read, then it is what the list says, whatever the case of its id', async (t) => {
    const [inList] = (await list(`?conversationId=${conversationId}`)).transfers
    for (const id of [first, first.toUpperCase()]) t.strictSame((await world.ask('GET', `/v1/transfers/${id}`)).body, inList)
    t.match(inList, { state: 'picked_up', code: null, requestedBy: 'ops', latencyMs: Number, pickupMs: Number, transferDepth: 1 })
    t.match((await world.ask('GET', `/v1/transfers/${refused}`)).body, { state: 'rejected', code: 'TARGET_NOT_FOUND' })
    t.match((await world.ask<{ entries: object[] }>('GET', `/v1/transfers/${refused.toUpperCase()}/audit`)).body.entries, [
      { status: 'accepted' },
      { status: 'rejected', code: 'TARGET_NOT_FOUND' },
    ])
  })

  await t.test('when they are counted, then the last day is, or the span that was asked for', async (t) => {
    const { body } = await world.ask('GET', '/v1/transfers/summary')
    t.match(body, {
      total: 3,
      byState: { picked_up: 1, rejected: 1 },
      byCode: { TARGET_NOT_FOUND: 1 },
      pickupRate: 1,
      latencyMs: { count: 2, p50: Number },
      pickupMs: { count: 1 },
    })
    t.equal(Date.parse(String(body['until'])) - Date.parse(String(body['since'])), 86_400_000)
    t.match((await world.ask('GET', '/v1/transfers/summary?until=2020-01-02T00:00:00Z')).body, {
      since: '2020-01-01T00:00:00.000Z',
      until: '2020-01-02T00:00:00.000Z',
      total: 0,
      pickupRate: null,
      latencyMs: { count: 0, p50: null, p95: null, p99: null },
    })
  })
})

test('given a configured default queue, when a skill is asked for without one, then it is that queue', async (t) => {
  const queueId = newId()
  const world = await startWorld(t, { DEFAULT_QUEUE_ID: queueId.toUpperCase() })
  world.scene.addQueue({ id: queueId })
  const skillId = world.scene.addSkill().id
  world.scene.addAgent({ skillIds: [skillId], queueIds: [queueId] })
  const { conversationId } = world.scene.addConversation({ in: 'ivr' })
  t.match(await world.transfer({ conversationId, target: { type: 'skill', skillId }, mode: 'dryRun' }), {
    status: 200,
    body: { resolvedTarget: { queueId, skillIds: [skillId] } },
  })
})

test('given limits, when a request just keeps them, then it is accepted', async (t) => {
  const world = await startWorld(t)
  const { queueId, otherQueueId } = usualScene(world.scene)
  const call = () => world.scene.addConversation({ in: 'ivr' }).conversationId
  const target = { type: 'queue', queueId }
  const context = Object.fromEntries(Array.from({ length: 10 }, (_, at) => [`${'n'.repeat(62)}_${at}`, 'ü'.repeat(256)]))
  for (const [what, body, headers] of [
    ['ten context values of 256 characters', { conversationId: call(), target, context }],
    [
      'five fallbacks',
      { conversationId: call(), target, fallback: Array.from({ length: 5 }, () => ({ type: 'queue', queueId: otherQueueId })) },
    ],
    ['the highest priority', { conversationId: call(), target, priority: 25_000_000 }],
    ['the lowest priority', { conversationId: call(), target, priority: -25_000_000 }],
    ['a priority of 1e1', `{"conversationId":"${call()}","target":${JSON.stringify(target)},"priority":1e1}`],
    ['a key of 255 characters', { conversationId: call(), target }, { 'idempotency-key': 'k'.repeat(255) }],
    ['a key of one character, in both places', { conversationId: call(), target, idempotencyKey: '~' }, { 'idempotency-key': '~' }],
    ['ids in capitals', { conversationId: call().toUpperCase(), target: { type: 'queue', queueId: queueId.toUpperCase() } }],
    ['a media type with a charset', { conversationId: call(), target }, { 'content-type': 'application/json; charset=utf-8' }],
    ['a malformed traceparent', { conversationId: call(), target }, { traceparent: '00-zz-zz-01' }],
    ['a byte order mark', `\uFEFF${JSON.stringify({ conversationId: call(), target })}`],
  ] as Array<[string, unknown, Record<string, string>?]>) {
    const {
      status,
      body: { detail },
    } = await world.ask('POST', '/v1/transfers', body, headers)
    t.strictSame([status, detail], [202, undefined], what)
  }
})
