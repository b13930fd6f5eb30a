/** Reading, listing and counting transfers, and requests that are just within the limits. */
import { randomUUID } from 'node:crypto'
import { test } from 'tap'
import { startTestSystem } from '../support/test-system.ts'
import { setUpIvrCall } from '../support/calls.ts'
import type { Transfer } from '../../src/model/transfer.ts'

interface Page {
  transfers: Transfer[]
  nextCursor: string | null
}

test('given transfers of several conversations', async (t) => {
  const system = await startTestSystem(t)
  const { conversationId, queueId, otherQueueId, skillId } = setUpIvrCall(system.control, [{ after: 20, with: 'pickup' }])
  const list = async (query = '') => (await system.request<Page>('GET', `/v1/transfers${query}`)).body
  const ids: string[] = []
  for (const target of [
    { type: 'skill', skillId, queueId },
    { type: 'queue', queueId: otherQueueId },
    { type: 'queue', queueId: randomUUID() },
  ]) {
    const callId = ids.length === 0 ? conversationId : system.control.addConversation({ in: 'ivr' }).conversationId
    const { body } = await system.postTransfer({ conversationId: callId, target })
    ids.push(body.id ?? body.transferId)
  }
  const [pickedUp = '', waiting = '', refused = ''] = ids
  await system.waitForState(pickedUp, 'picked_up')

  await t.test('when they are listed, then the newest comes first, and pages lead to the end', async (t) => {
    t.strictSame(
      (await list()).transfers.map(({ id }) => id),
      ids.toReversed(),
    )
    const pages: string[][] = []
    for (let cursor: string | null = ''; cursor !== null;) {
      const page: Page = await list(`?limit=2${cursor && `&cursor=${cursor}`}`)
      pages.push(page.transfers.map(({ id }) => id))
      cursor = page.nextCursor
    }
    t.strictSame(pages, [[refused, waiting], [pickedUp]])
    t.strictSame(await list('?limit=3'), { ...(await list()), nextCursor: null }, 'a last page may be full')
  })

  await t.test('when they are filtered, then only the matching ones are returned', async (t) => {
    const listIds = async (query: string) => (await list(query)).transfers.map(({ id }) => id)
    t.strictSame(await listIds(`?conversationId=${conversationId}`), [pickedUp])
    t.strictSame(await listIds(`?conversationId=${conversationId.toUpperCase()}`), [pickedUp], 'an id in upper case is the same id')
    t.strictSame(await listIds(`?conversationId=${randomUUID()}`), [])
    t.strictSame(await listIds('?state=picked_up'), [pickedUp])
    t.strictSame(await listIds('?state=rejected&limit=200'), [refused])
    t.strictSame(await listIds('?state=picked_up,rejected'), [refused, pickedUp], 'several states, separated by commas')
    t.strictSame(await listIds('?state=picked_up&state=rejected'), [refused, pickedUp], 'several states, one a parameter')
    t.strictSame(await listIds(`?queueId=${otherQueueId.toUpperCase()}`), [waiting])
    t.strictSame(await listIds('?code=TARGET_NOT_FOUND'), [refused])
    t.strictSame(await listIds('?requestedBy=ops&state=initiated,picked_up'), [waiting, pickedUp])
    t.strictSame(await listIds('?requestedBy=nobody'), [])
    const { createdAt } = (await list()).transfers.at(-1) as Transfer
    t.strictSame(await listIds(`?since=${createdAt}`), ids.toReversed(), 'since is inclusive')
    t.notOk((await listIds(`?until=${createdAt}`)).includes(pickedUp), 'until is exclusive')
    t.strictSame(await listIds('?until=2020-01-01T00:00:00Z'), [])
  })

  await t.test('when one is read, then it is the same as in the list, with the id in any case', async (t) => {
    const [listed] = (await list(`?conversationId=${conversationId}`)).transfers
    for (const id of [pickedUp, pickedUp.toUpperCase()]) t.strictSame((await system.request('GET', `/v1/transfers/${id}`)).body, listed)
    t.match(listed, { state: 'picked_up', code: null, requestedBy: 'ops', latencyMs: Number, pickupMs: Number, transferDepth: 1 })
    t.match((await system.request('GET', `/v1/transfers/${refused}`)).body, { state: 'rejected', code: 'TARGET_NOT_FOUND' })
    t.match((await system.request<{ entries: object[] }>('GET', `/v1/transfers/${refused.toUpperCase()}/audit`)).body.entries, [
      { status: 'accepted' },
      { status: 'rejected', code: 'TARGET_NOT_FOUND' },
    ])
  })

  await t.test('when they are counted, then the count covers the last day, or the requested range of time', async (t) => {
    const { body } = await system.request('GET', '/v1/transfers/summary')
    t.match(body, {
      total: 3,
      byState: { picked_up: 1, rejected: 1 },
      byCode: { TARGET_NOT_FOUND: 1 },
      pickupRate: 1,
      latencyMs: { count: 2, p50: Number },
      pickupMs: { count: 1 },
    })
    t.equal(Date.parse(String(body['until'])) - Date.parse(String(body['since'])), 86_400_000)
    t.match((await system.request('GET', '/v1/transfers/summary?until=2020-01-02T00:00:00Z')).body, {
      since: '2020-01-01T00:00:00.000Z',
      until: '2020-01-02T00:00:00.000Z',
      total: 0,
      pickupRate: null,
      latencyMs: { count: 0, p50: null, p95: null, p99: null },
    })
  })

  await t.test(
    'when the range begins at the first or ends at the last possible time, then the answer has these times in the same format',
    async (t) => {
      for (const [query, expected] of [
        ['until=0000-01-01T12:00:00Z', { since: '0000-01-01T00:00:00.000Z', until: '0000-01-01T12:00:00.000Z' }],
        ['until=9999-12-31T23:59:59.999Z&since=9999-01-01T00:00:00Z', { until: '9999-12-31T23:59:59.999Z' }],
      ] as const)
        t.match(await system.request('GET', `/v1/transfers/summary?${query}`), { status: 200, body: { ...expected, total: 0 } })
    },
  )
})

test('given a default queue, when a skill is requested without a queue, then the default queue is used', async (t) => {
  const queueId = randomUUID()
  const system = await startTestSystem(t, { DEFAULT_QUEUE_ID: queueId.toUpperCase() })
  system.control.addQueue({ id: queueId })
  const skillId = system.control.addSkill().id
  system.control.addAgent({ skillIds: [skillId], queueIds: [queueId] })
  const { conversationId } = system.control.addConversation({ in: 'ivr' })
  t.match(await system.postTransfer({ conversationId, target: { type: 'skill', skillId }, mode: 'dryRun' }), {
    status: 200,
    body: { resolvedTarget: { queueId, skillIds: [skillId] } },
  })
})

test('given the limits of a request, when a request is exactly at a limit, then it is accepted', async (t) => {
  const system = await startTestSystem(t)
  const { queueId, otherQueueId } = setUpIvrCall(system.control)
  const addCall = () => system.control.addConversation({ in: 'ivr' }).conversationId
  const target = { type: 'queue', queueId }
  const context = Object.fromEntries(Array.from({ length: 10 }, (_, index) => [`${'n'.repeat(62)}_${index}`, 'ü'.repeat(256)]))
  for (const [description, body, headers] of [
    ['ten context values of 256 characters', { conversationId: addCall(), target, context }],
    [
      'five fallbacks',
      { conversationId: addCall(), target, fallback: Array.from({ length: 5 }, () => ({ type: 'queue', queueId: otherQueueId })) },
    ],
    ['the highest priority', { conversationId: addCall(), target, priority: 25_000_000 }],
    ['the lowest priority', { conversationId: addCall(), target, priority: -25_000_000 }],
    ['a priority of 1e1', `{"conversationId":"${addCall()}","target":${JSON.stringify(target)},"priority":1e1}`],
    ['a key of 255 characters', { conversationId: addCall(), target }, { 'idempotency-key': 'k'.repeat(255) }],
    ['a key of one character, in both places', { conversationId: addCall(), target, idempotencyKey: '~' }, { 'idempotency-key': '~' }],
    ['ids in upper case', { conversationId: addCall().toUpperCase(), target: { type: 'queue', queueId: queueId.toUpperCase() } }],
    ['a media type with a charset', { conversationId: addCall(), target }, { 'content-type': 'application/json; charset=utf-8' }],
    ['a malformed traceparent', { conversationId: addCall(), target }, { traceparent: '00-zz-zz-01' }],
    ['a byte order mark', `\uFEFF${JSON.stringify({ conversationId: addCall(), target })}`],
  ] as Array<[string, unknown, Record<string, string>?]>) {
    const {
      status,
      body: { detail },
    } = await system.request('POST', '/v1/transfers', body, headers)
    t.strictSame([status, detail], [202, undefined], description)
  }
})
