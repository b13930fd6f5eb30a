/** A request for a bulk transfer that is sent again, because its answer was lost (docs/architecture.md#bulk-transfers). */
import { test } from 'tap'
import type { BulkTransfer } from '../../../../src/model/bulk-transfer.ts'
import { holdQueueCommands } from '../../../support/hold-queue-commands.ts'
import { startTestSystem } from '../../../support/test-system.ts'
import { waitFor } from '../../../support/wait-for.ts'
import { listMoved, requestBulk, setUpWaitingCalls, waitUntilDone } from './scene.ts'

test('given a request with an idempotency key, when it is sent again, then there is one bulk transfer, and no call is moved twice', async (t) => {
  const system = await startTestSystem(t)
  const { body, conversationIds } = setUpWaitingCalls(system, 3)
  const post = (sent: object = body, key = 'night-shift') =>
    system.request<BulkTransfer>('POST', '/v1/bulk-transfers', sent, { 'idempotency-key': key })

  const dryRun = await post({ ...body, dryRun: true })
  t.equal(dryRun.status, 200, 'a dry run does not use the key')
  const [first, second] = await Promise.all([post(), post()])
  t.strictSame([first.status, second.status], [202, 202])
  t.equal(second.body.id, first.body.id, 'requests at the same time get the same one')
  const done = await waitUntilDone(system, first.body.id)
  t.equal(done.counts.moved, 3)
  const late = system.control.addConversation({ in: { queueId: body.fromQueueId } })

  const repeat = await post()
  t.match(repeat, { status: 202, body: { id: done.id, state: 'done', counts: { moved: 3 } } }, 'a repeat gets it as it is now')
  t.equal(repeat.headers.get('idempotent-replayed'), 'true')
  t.equal(repeat.headers.get('location'), `/v1/bulk-transfers/${done.id}`)
  t.strictSame(listMoved(system).toSorted(), conversationIds.toSorted())
  t.match(await post({ ...body, limit: 1 }), { status: 422, body: { code: 'IDEMPOTENCY_KEY_REUSED' } })
  t.match(await post(body, 'ü'), { status: 400, body: { code: 'INVALID_REQUEST' } })

  const other = await post(body, 'morning-shift')
  t.not(other.body.id, done.id, 'another key is another bulk transfer')
  await waitUntilDone(system, other.body.id)
  t.strictSame(listMoved(system).slice(3), [late.conversationId])
})

test('given two bulk transfers of the same queue, then each call is moved once, and the other one leaves it alone', async (t) => {
  const system = await startTestSystem(t)
  const { body, conversationIds } = setUpWaitingCalls(system, 4)
  const held = holdQueueCommands(t, system)
  const first = await requestBulk(system, body)
  const second = await requestBulk(system, body)
  t.equal(second.calls.length, 4)
  await waitFor(() => held.heldCount >= 1, 'the first command')
  held.release()
  const [one, other] = [await waitUntilDone(system, first.id), await waitUntilDone(system, second.id)]
  t.equal(one.counts.moved + other.counts.moved, 4)
  t.equal(one.counts.left + other.counts.left, 4)
  t.same(listMoved(system).toSorted(), conversationIds.toSorted())
})
