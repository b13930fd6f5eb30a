/** The timeline of a transfer as its route returns it. */
import { randomUUID } from 'node:crypto'
import { test } from 'tap'
import type { TimelineItem } from '../../../src/transfers/history/timeline.ts'
import { setUpIvrCall } from '../../support/calls.ts'
import { startTestSystem } from '../../support/test-system.ts'
import { waitFor } from '../../support/wait-for.ts'

test('given a transfer that was picked up and reported, when its timeline is read, then it has entries, hops and deliveries in order', async (t) => {
  const system = await startTestSystem(t)
  const { conversationId, queueId } = setUpIvrCall(system.control, [{ after: 20, with: 'pickup' }])
  const { body: transfer } = await system.postTransfer({ conversationId, target: { type: 'queue', queueId } })
  await system.waitForState(transfer.id, 'picked_up')
  const path = `/v1/transfers/${transfer.id.toUpperCase()}/timeline`
  const read = async () => (await system.request<{ items: TimelineItem[] }>('GET', path)).body.items
  const items = await waitFor(async () => {
    const found = await read()
    const attempted = found.filter(({ status }) => status === 'attempted')
    return attempted.length >= 2 && found
  }, 'the deliveries')
  const auditStatuses = items.flatMap(({ audit }) => (audit ? [audit.status] : []))
  t.strictSame(auditStatuses.slice(0, 2), ['accepted', 'executing'])
  t.ok(auditStatuses.includes('picked_up'))
  t.strictSame(
    items.filter(({ kind }) => kind === 'hop').map(({ status, hop }) => [status, hop?.number]),
    [
      ['started', 1],
      ['picked_up', 1],
    ],
  )
  t.match(
    items.find(({ status }) => status === 'attempted'),
    { kind: 'delivery', delivery: { id: /^evt_/, attempt: { status: Number } } },
  )

  t.equal((await system.request('GET', `/v1/transfers/${randomUUID()}/timeline`)).status, 404)
})
