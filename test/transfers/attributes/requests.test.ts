/** Summary and reason in repeated requests, in lists and in reports. */
import t from 'tap'
import { operationsKey, readerKey, testSettings } from '../../support/settings.ts'
import { startScene } from './scene.ts'

t.setTimeout(240_000)

interface Summary {
  total: number
  groupBy?: string
  groups?: Array<{
    value: string | null
    total: number
    byState: Record<string, number>
    byCode: Record<string, number>
    pickupRate: number | null
  }>
}

t.test('given a key that was used, when the request comes again with another summary or reason, then it is refused', async (t) => {
  const { conversationId, queueId, postTransfer, request } = await startScene(t)
  const sent = { conversationId, target: { type: 'queue', queueId }, summary: 'Wants a refund.', reason: 'billing', idempotencyKey: 'once' }
  const { body } = await postTransfer(sent)
  t.match(await postTransfer(sent), { status: 202, body: { id: body.id } })
  t.match(
    await postTransfer({ ...sent, summary: '  Wants a refund.\n' }),
    { status: 202, body: { id: body.id } },
    'spaces around it do not count',
  )
  const flat = {
    conversationId,
    targetType: 'queue',
    targetId: queueId,
    summary: 'Wants a refund.',
    reason: 'billing',
    idempotencyKey: 'once',
  }
  t.match(
    (await request('POST', '/v1/architect/transfers', flat)).body,
    { ok: true, transferId: body.id },
    'the other route is the same request',
  )
  for (const other of [{ summary: 'Wants a manager.' }, { summary: '' }, { reason: 'sales' }, { reason: undefined }])
    t.match(await postTransfer({ ...sent, ...other }), { status: 422, body: { code: 'IDEMPOTENCY_KEY_REUSED' } })
  t.match((await request('POST', '/v1/architect/transfers', { ...flat, reason: '' })).body, { ok: false, code: 'IDEMPOTENCY_KEY_REUSED' })
})

t.test(
  'given a transfer that is not over, when the same is requested without a key and with another summary, then it is the same transfer',
  async (t) => {
    const { conversationId, queueId, postTransfer, countWrites, waitUntilUpdated } = await startScene(t, { LOOP_GUARD_ATTRIBUTES: 'off' })
    const { body } = await postTransfer({ conversationId, target: { type: 'queue', queueId }, summary: 'Wants a refund.' })
    await waitUntilUpdated(body.id)
    const { body: repeated } = await postTransfer({ conversationId, target: { type: 'queue', queueId }, summary: 'Wants a manager.' })
    t.match(repeated, { id: body.id, summary: 'Wants a refund.' })
    t.equal(countWrites(conversationId), 1)
  },
)

t.test('given transfers with reasons', async (t) => {
  const botKey = `hk_bot_${'b'.repeat(43)}`
  const { control, queueId, otherQueueId, postTransfer, request } = await startScene(t, {
    API_KEYS: `${testSettings('')['API_KEYS']},${botKey}:transfers:write`,
  })
  const send = async (queue: string, reason?: string, key = operationsKey) => {
    const { conversationId } = control.addConversation({ in: 'ivr' })
    const headers = { authorization: `Bearer ${key}` }
    return (
      await postTransfer({ conversationId, target: { type: 'queue', queueId: queue }, ...(reason !== undefined && { reason }) }, headers)
    ).body
  }
  const first = await send(queueId, 'billing')
  const second = await send(queueId, 'billing', botKey)
  await send(otherQueueId, 'sales')
  await send(otherQueueId)
  const wrongQueue = '9e0e0000-0000-4000-8000-00000000dead'
  t.match(await send(wrongQueue, 'sales'), { code: 'TARGET_NOT_FOUND' })
  const listIds = async (query: string) =>
    (await request<{ transfers: Array<{ id: string }> }>('GET', `/v1/transfers?${query}`)).body.transfers.map(({ id }) => id)
  const summarize = async (query: string) => (await request<Summary>('GET', `/v1/transfers/summary${query}`)).body

  await t.test('when they are listed by reason, then only those with this reason are listed, page by page', async (t) => {
    t.strictSame(await listIds('reason=billing'), [second.id, first.id])
    t.strictSame(await listIds('reason=billing&state=rejected'), [])
    t.strictSame((await listIds('reason=sales&state=rejected')).length, 1)
    t.strictSame(await listIds(`reason=billing&limit=1&cursor=${second.id}`), [first.id])
    t.match(await request('GET', '/v1/transfers?reason=Two%20words'), {
      status: 400,
      body: { code: 'INVALID_REQUEST', field: 'query.reason' },
    })
  })

  await t.test('when they are counted in groups, then each group has its counts, the largest first', async (t) => {
    t.match(await summarize('?groupBy=reason'), {
      total: 5,
      groupBy: 'reason',
      groups: [
        { value: 'billing', total: 2, byState: { initiated: 2 } },
        { value: 'sales', total: 2, byState: { initiated: 1, rejected: 1 }, byCode: { TARGET_NOT_FOUND: 1 } },
        { value: null, total: 1 },
      ],
    })
    t.match((await summarize('?groupBy=queue')).groups, [
      ...[queueId, otherQueueId].toSorted().map((value) => ({ value, total: 2 })),
      { value: wrongQueue, total: 1, byState: { rejected: 1 } },
    ])
    t.match((await summarize('?groupBy=caller')).groups, [
      { value: 'ops', total: 4 },
      { value: 'bot', total: 1 },
    ])
    t.match((await summarize('?groupBy=code')).groups, [
      { value: null, total: 4, pickupRate: null },
      { value: 'TARGET_NOT_FOUND', total: 1 },
    ])
  })

  await t.test('when they are counted without groupBy, then there are no groups; and an unknown groupBy is refused', async (t) => {
    const summary = await summarize('')
    t.notOk('groups' in summary || 'groupBy' in summary)
    t.match(await request('GET', '/v1/transfers/summary?groupBy=agent'), { status: 400, body: { field: 'query.groupBy' } })
    t.equal((await request('GET', '/v1/transfers/summary?groupBy=reason', undefined, { authorization: `Bearer ${readerKey}` })).status, 200)
    t.equal((await request('GET', '/v1/transfers/summary?groupBy=reason', undefined, { authorization: `Bearer ${botKey}` })).status, 403)
  })
})
