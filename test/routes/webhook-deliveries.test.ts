import { test } from 'tap'
import type { Delivery } from '../../src/ledger/ledger.ts'
import { newId, startWorld, usualScene } from '../support/service.ts'
import { until } from '../support/until.ts'

interface Page {
  deliveries: Delivery[]
  nextCursor: string | null
}

test('given what the CRM was told', async (t) => {
  const world = await startWorld(t)
  const { conversationId, queueId } = usualScene(world.scene, [{ after: 20, with: 'pickup' }])
  const list = async (query = '') => (await world.ask<Page>('GET', `/v1/webhook-deliveries${query}`)).body
  const {
    body: { id },
  } = await world.transfer({ conversationId, target: { type: 'queue', queueId } })
  const other = await world.transfer({ conversationId: newId(), target: { type: 'queue', queueId } })
  await until(() => world.crm.told.length === 3, 'three events')
  await until(async () => (await list('?state=delivered')).deliveries.length === 3, 'three deliveries')

  await t.test('when it is listed, then the newest comes first, with its attempts, and pages lead to the end', async (t) => {
    const { deliveries, nextCursor } = await list()
    t.equal(nextCursor, null)
    t.match(
      deliveries,
      Array.from({ length: 3 }, () => ({
        state: 'delivered',
        tries: 1,
        nextAttemptAt: null,
        attempts: [{ status: 200, error: null, durationMs: Number }],
      })),
    )
    const seen: string[] = []
    for (let cursor: string | null = ''; cursor !== null;) {
      const page: Page = await list(`?limit=1${cursor && `&cursor=${cursor}`}`)
      seen.push(...page.deliveries.map((one) => one.id))
      cursor = page.nextCursor
    }
    t.strictSame(
      seen,
      deliveries.map((one) => one.id),
    )
    t.strictSame((await list(`?transferId=${id.toUpperCase()}`)).deliveries.map(({ type }) => type).toSorted(), [
      'transfer.initiated',
      'transfer.picked_up',
    ])
    t.strictSame(
      (await list(`?transferId=${other.body.transferId}`)).deliveries.map(({ type }) => type),
      ['transfer.rejected'],
    )
    t.strictSame((await list('?state=pending')).deliveries, [])
  })

  await t.test('when one is delivered again, then the CRM hears it once more under the same id', async (t) => {
    const [delivery] = (await list(`?transferId=${id}`)).deliveries
    const before = world.crm.told.length
    const { status, body } = await world.ask<Delivery>('POST', `/v1/webhook-deliveries/${delivery?.id}/redeliver`)
    t.match(
      { status, body },
      { status: 202, body: { id: String(delivery?.id), transferId: id, state: 'pending', tries: 0, nextAttemptAt: String } },
    )
    await until(() => world.crm.told.length > before, 'the event again')
    t.equal(world.crm.told.at(-1)?.id, delivery?.id)
    await until(
      async () => (await list(`?transferId=${id}`)).deliveries.find((one) => one.id === delivery?.id)?.attempts.length === 2,
      'both attempts kept',
    )
  })

  await t.test('when one is delivered again with JSON announced and none sent, then that is no reason to refuse', async (t) => {
    const [delivery] = (await list(`?transferId=${id}`)).deliveries
    t.equal((await world.ask('POST', `/v1/webhook-deliveries/${delivery?.id}/redeliver`, '{}')).status, 202)
  })
})
