/** Listing webhook deliveries, and delivering one again. */
import { randomUUID } from 'node:crypto'
import { test } from 'tap'
import type { Delivery } from '../../src/ledger/contract/deliveries.ts'
import { startTestSystem } from '../support/test-system.ts'
import { setUpIvrCall } from '../support/calls.ts'
import { waitFor } from '../support/wait-for.ts'

interface Page {
  deliveries: Delivery[]
  nextCursor: string | null
}

test('given webhooks that were delivered', async (t) => {
  const system = await startTestSystem(t)
  const { conversationId, queueId } = setUpIvrCall(system.control, [{ after: 20, with: 'pickup' }])
  const list = async (query = '') => (await system.request<Page>('GET', `/v1/webhook-deliveries${query}`)).body
  const {
    body: { id },
  } = await system.postTransfer({ conversationId, target: { type: 'queue', queueId } })
  const refused = await system.postTransfer({ conversationId: randomUUID(), target: { type: 'queue', queueId } })
  await waitFor(() => system.crm.accepted.length === 3, 'three events')
  await waitFor(async () => (await list('?state=delivered')).deliveries.length === 3, 'three deliveries')

  await t.test('when they are listed, then the newest comes first, with its attempts, and the pages lead to the end', async (t) => {
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
    const pagedIds: string[] = []
    for (let cursor: string | null = ''; cursor !== null;) {
      const page: Page = await list(`?limit=1${cursor && `&cursor=${cursor}`}`)
      pagedIds.push(...page.deliveries.map((delivery) => delivery.id))
      cursor = page.nextCursor
    }
    t.strictSame(
      pagedIds,
      deliveries.map((delivery) => delivery.id),
    )
    t.strictSame((await list(`?transferId=${id.toUpperCase()}`)).deliveries.map(({ type }) => type).toSorted(), [
      'transfer.initiated',
      'transfer.picked_up',
    ])
    t.strictSame(
      (await list(`?transferId=${refused.body.transferId}`)).deliveries.map(({ type }) => type),
      ['transfer.rejected'],
    )
    t.strictSame((await list('?state=pending')).deliveries, [])
  })

  await t.test('when one is delivered again, then the CRM receives it again with the same id', async (t) => {
    const [delivery] = (await list(`?transferId=${id}`)).deliveries
    const acceptedBefore = system.crm.accepted.length
    const { status, body } = await system.request<Delivery>('POST', `/v1/webhook-deliveries/${delivery?.id}/redeliver`)
    t.match(
      { status, body },
      { status: 202, body: { id: String(delivery?.id), transferId: id, state: 'pending', tries: 0, nextAttemptAt: String } },
    )
    await waitFor(() => system.crm.accepted.length > acceptedBefore, 'the event again')
    t.equal(system.crm.accepted.at(-1)?.id, delivery?.id)
    await waitFor(
      async () =>
        (await list(`?transferId=${id}`)).deliveries.find(({ id: deliveryId }) => deliveryId === delivery?.id)?.attempts.length === 2,
      'both attempts',
    )
  })

  await t.test('when the request to deliver it again has a JSON body, then the body is ignored', async (t) => {
    const [delivery] = (await list(`?transferId=${id}`)).deliveries
    t.equal((await system.request('POST', `/v1/webhook-deliveries/${delivery?.id}/redeliver`, '{}')).status, 202)
  })
})

test('given a delivery whose attempt the CRM has not answered, when it is delivered again, then the request is a conflict until the attempt is over', async (t) => {
  const system = await startTestSystem(t)
  let answer = (): void => {}
  system.crm.respondWith((response) => void (answer = () => response.writeHead(200).end()))
  const { conversationId, queueId } = setUpIvrCall(system.control, ['never'])
  await system.postTransfer({ conversationId, target: { type: 'queue', queueId } })
  const [event] = await waitFor(() => system.crm.attempts.length > 0 && system.crm.attempts, 'the attempt')
  const redeliver = () => system.request('POST', `/v1/webhook-deliveries/${event?.id}/redeliver`)

  t.match(await redeliver(), { status: 409, body: { code: 'STATE_CONFLICT', retryable: false } })
  answer()
  await waitFor(async () => (await redeliver()).status === 202, 'the end of the attempt')
  await waitFor(() => system.crm.attempts.length === 2, 'the second attempt')
  answer()
})
