/** Behaviors of bulk transfers: one node runs each at a time, its steps come in order, and another node goes on where it stopped. */
import { randomUUID } from 'node:crypto'
import fc from 'fast-check'
import { canSeeBulk } from '../../../src/auth/restriction.ts'
import { StaleBulkTransfer, TransferStillOpen } from '../../../src/ledger/contract/errors.ts'
import type { Ledger } from '../../../src/ledger/contract/ledger.ts'
import type { BulkCallRecord, BulkTransferRecord } from '../../../src/model/bulk-transfer.ts'
import { applyAction, endBulk, markWaiting, pauseForProblem, startBulk } from '../../../src/transfers/submission/bulk/bulk-changes.ts'
import { Problem } from '../../../src/model/problems.ts'
import { waitFor } from '../../support/wait-for.ts'
import type { DeclareBehavior } from '../conformance.ts'
import { isTrailSound, openAccepted, readWholeAudit } from '../fixtures.ts'
import { createBulk, createCall } from '../bulk-fixtures.ts'
import { eraseConversation } from '../personal-data.ts'

/** A lease that expires within the test: its node does not renew it, so another node can take over. */
const shortLeaseMs = 60

async function addBulk(ledger: Ledger, count: number, fields: Partial<BulkTransferRecord> = {}) {
  const bulk = createBulk(fields)
  const calls = Array.from({ length: count }, (_, index) => createCall(index + 1))
  await ledger.addBulkTransfer(startBulk(bulk, count), calls)
  return { bulk, calls }
}

const takeStep = (ledger: Ledger, bulk: Pick<BulkTransferRecord, 'id' | 'fence'>, now = Date.now()) =>
  ledger.takeBulkStep(bulk, now, (stored, counts) => endBulk(stored, counts, now))
const cancel = (ledger: Ledger, id: string) => ledger.updateBulkTransfer(id, (stored) => applyAction(stored, 'cancel', 'ops', Date.now()))
const moved = (call: BulkCallRecord, transferId: string | null = null): BulkCallRecord => ({ ...call, state: 'moved', transferId })

/** The audit entries about a bulk transfer, in order. */
const readBulkAudit = async (ledger: Ledger, id: string) =>
  (await readWholeAudit(ledger)).filter(({ detail }) => detail['bulkId'] === id).map(({ status }) => status)

const anyQueue = fc.constantFrom('q1', 'q2', 'q3')
const visibilityFields = fc.record({
  requestedBy: fc.constantFrom('one', 'two'),
  fromQueueId: anyQueue,
  queueIds: fc.array(fc.oneof(anyQueue, fc.constant('')), { minLength: 1, maxLength: 3 }),
})

export function testBulkTransfers(given: DeclareBehavior): void {
  given('bulk transfers, when they are listed, then the newest comes first, with its counts, filtered as requested', async (t, open) => {
    const ledger = await open()
    const createdAt = (second: number) => ({ createdAt: new Date(Date.UTC(2026, 0, 1) + second * 1_000).toISOString() })
    const list = async (filter: Partial<Parameters<Ledger['listBulkTransfers']>[0]> = {}) => {
      const { items, nextCursor } = await ledger.listBulkTransfers({ limit: 10, ...filter })
      return { ids: items.map(({ record }) => record.id), counts: items.map(({ counts }) => counts), nextCursor }
    }
    t.same(await list(), { ids: [], counts: [], nextCursor: null })
    const { bulk: first, calls } = await addBulk(ledger, 2, createdAt(0))
    const { bulk: second } = await addBulk(ledger, 1, createdAt(1))
    // Two of the same moment are in the order of their ids.
    const sameTime = [await addBulk(ledger, 1, createdAt(2)), await addBulk(ledger, 0, createdAt(2))]
    const [third, fourth] = sameTime.map(({ bulk }) => bulk.id).toSorted() as [string, string]
    await takeStep(ledger, first)
    await ledger.writeBulkCall(first, moved(calls[0]!))
    await cancel(ledger, second.id)
    await takeStep(ledger, second)
    await ledger.updateBulkTransfer(third, (stored) => applyAction(stored, 'pause', 'ops', Date.now()))

    t.same((await list()).ids, [fourth, third, second.id, first.id])
    t.same((await list()).counts.slice(2), [{ cancelled: 1 }, { moved: 1, pending: 1 }])
    t.same((await list({ states: ['running'] })).ids, [fourth, first.id])
    t.same((await list({ states: ['running', 'paused'] })).ids, [fourth, third, first.id])
    t.same((await list({ states: ['cancelled', 'done'] })).ids, [second.id])
    const page = await list({ limit: 3 })
    t.match(page, { ids: [fourth, third, second.id], nextCursor: second.id })
    t.match(await list({ limit: 3, cursor: second.id }), { ids: [first.id], nextCursor: null })
    t.match(await list({ limit: 1, cursor: fourth }), { ids: [third], nextCursor: third })
  })

  given(
    'keys that are limited to queues, when bulk transfers are listed for them, then only those that they may see are there',
    async (t, open) => {
      const ledger = await open()
      const bulks = []
      for (const fields of fc.sample(visibilityFields, 60)) bulks.push((await addBulk(ledger, 0, fields)).bulk)
      for (const queues of [[], ['q1'], ['q1', 'q2'], ['q1', 'q2', 'q3']])
        for (const id of ['one', 'three']) {
          const expected = bulks.filter((bulk) => canSeeBulk({ id, queues }, bulk)).map((bulk) => bulk.id)
          const { items } = await ledger.listBulkTransfers({ limit: 100, visibleTo: { id, queues } })
          t.same(
            items.map(({ record }) => record.id).toSorted(),
            expected.toSorted(),
            `${expected.length} bulk transfers for the key ${id} with the queues ${queues.join()}`,
          )
        }
    },
  )

  given('a bulk transfer, when its steps are taken, then its calls come in order, and it ends with the last one', async (t, open) => {
    const ledger = await open()
    const { bulk, calls } = await addBulk(ledger, 2)
    await ledger.addBulkTransfer(startBulk(bulk, 2), calls)
    const transfer = await openAccepted(ledger)
    const first = await takeStep(ledger, bulk)
    t.match(first, { next: 'move', call: { ...calls[0], state: 'moving' } })
    t.match(await takeStep(ledger, bulk), first, 'a call that is being moved comes first')
    await ledger.writeBulkCall(bulk, moved(calls[0]!, transfer.id))
    t.match(await takeStep(ledger, bulk), { next: 'move', call: { position: 2 } })
    await ledger.writeBulkCall(bulk, { ...calls[1]!, state: 'left', code: 'CONVERSATION_ENDED', message: 'Over.' })
    t.match(await takeStep(ledger, bulk), { next: 'stop' })
    t.match(await ledger.findBulkTransfer(bulk.id), {
      record: { state: 'done', owner: ledger.nodeId },
      calls: [
        { state: 'moved', transferId: transfer.id, transferState: 'accepted' },
        { state: 'left', code: 'CONVERSATION_ENDED', message: 'Over.', transferState: null },
      ],
    })
    t.same(await readBulkAudit(ledger, bulk.id), ['bulk_started', 'bulk_ended'])
    t.ok(await isTrailSound(ledger))
    await t.rejects(takeStep(ledger, bulk), StaleBulkTransfer, 'it is over')
    t.same(await ledger.claimBulkTransfers(), [])
    t.equal(await ledger.findBulkTransfer(randomUUID()), undefined)
  })

  given('postponed calls, when a step is taken, then the others come first, and it waits for the last ones', async (t, open) => {
    const ledger = await open()
    const { bulk, calls } = await addBulk(ledger, 2)
    await takeStep(ledger, bulk)
    await ledger.writeBulkCall(bulk, { ...calls[0]!, nextAt: 5_000 })
    t.match(await takeStep(ledger, bulk, 4_000), { next: 'move', call: { position: 2 } })
    await ledger.writeBulkCall(bulk, moved(calls[1]!))
    t.same(await takeStep(ledger, bulk, 4_000), { next: 'wait', ms: 1_000 })
    t.match(await takeStep(ledger, bulk, 5_000), { next: 'move', call: { position: 1 } })
  })

  given(
    'calls whose outcome is not known, when steps are taken, then they come again when they are due, unless they were given up',
    async (t, open) => {
      const ledger = await open()
      const { bulk, calls } = await addBulk(ledger, 3)
      const unknown = (index: number, nextAt: number): BulkCallRecord => ({ ...calls[index]!, state: 'unknown', nextAt, transferId: 'one' })
      await takeStep(ledger, bulk)
      await ledger.writeBulkCall(bulk, unknown(0, 5_000))
      t.match(await takeStep(ledger, bulk, 4_000), { next: 'move', call: { position: 2 } }, 'the calls behind it do not wait')
      await ledger.writeBulkCall(bulk, unknown(1, 0))
      t.match(await takeStep(ledger, bulk, 5_000), { next: 'move', call: { position: 1, state: 'moving', transferId: 'one' } })
      await ledger.writeBulkCall(bulk, unknown(0, 9_000))
      t.match(await takeStep(ledger, bulk, 6_000), { next: 'move', call: { position: 3 } })
      await ledger.writeBulkCall(bulk, moved(calls[2]!))
      t.same(await takeStep(ledger, bulk, 6_000), { next: 'wait', ms: 3_000 })
      await ledger.updateBulkTransfer(bulk.id, (stored) => applyAction(stored, 'pause', 'ops', Date.now()))
      t.match(await takeStep(ledger, bulk, 9_000), { next: 'stop' }, 'a paused one does not ask')
      await cancel(ledger, bulk.id)
      t.match(await takeStep(ledger, bulk, 9_000), { next: 'stop' }, 'neither does a cancelled one')
      t.match(await ledger.findBulkTransfer(bulk.id), {
        record: { state: 'cancelled' },
        calls: [{ state: 'unknown', nextAt: 0 }, { state: 'unknown', nextAt: 0 }, { state: 'moved' }],
      })
    },
  )

  given(
    'a bulk transfer that waits, when its next step is taken, then it no longer does, and its first wait is audited',
    async (t, open) => {
      const ledger = await open()
      const { bulk, calls } = await addBulk(ledger, 2)
      const startWaiting = (until: number) => ledger.updateBulkTransfer(bulk.id, (stored) => markWaiting(stored, until))
      const readWait = async () => (await ledger.findBulkTransfer(bulk.id))?.record.waitsUntil
      await startWaiting(60_000)
      await startWaiting(61_000)
      t.equal(await readWait(), new Date(60_000).toISOString(), 'nearly the same moment is not written again')
      await startWaiting(90_000)
      t.equal(await readWait(), new Date(90_000).toISOString())
      t.match(await takeStep(ledger, bulk), { next: 'move', call: { position: 1 } })
      t.equal(await readWait(), null)
      await ledger.writeBulkCall(bulk, moved(calls[0]!))
      await startWaiting(120_000)
      await cancel(ledger, bulk.id)
      t.equal(await readWait(), undefined, 'a cancelled one does not wait')
      await takeStep(ledger, bulk)
      t.same(await readBulkAudit(ledger, bulk.id), ['bulk_started', 'bulk_slowed', 'bulk_cancelled', 'bulk_ended'])
      t.ok(await isTrailSound(ledger))
    },
  )

  given('a list that was not complete, when its calls are done, then more are to be read, up to the limit', async (t, open) => {
    const ledger = await open()
    const { bulk, calls } = await addBulk(ledger, 1, { isTruncated: true, limit: 2 })
    await takeStep(ledger, bulk)
    await ledger.writeBulkCall(bulk, moved(calls[0]!))
    t.match(await takeStep(ledger, bulk), { next: 'read', calls: [{ conversationId: calls[0]?.conversationId }] })
    await ledger.addBulkCalls(bulk, [createCall(2, calls[0]?.conversationId), createCall(3)], true)
    t.match(await takeStep(ledger, bulk), { next: 'move', call: { position: 3 } }, 'a call that it has already is not added again')
    await ledger.writeBulkCall(bulk, moved(createCall(3)))
    t.match(await takeStep(ledger, bulk), { next: 'stop' })
  })

  given('a list that was not complete, when a call of it is tried again later, then more are to be read meanwhile', async (t, open) => {
    const ledger = await open()
    const { bulk, calls } = await addBulk(ledger, 2, { isTruncated: true })
    await takeStep(ledger, bulk)
    await ledger.writeBulkCall(bulk, { ...calls[0]!, state: 'unknown', nextAt: 5_000 })
    await takeStep(ledger, bulk, 4_000)
    await ledger.writeBulkCall(bulk, { ...calls[1]!, nextAt: 6_000 })
    t.match(await takeStep(ledger, bulk, 4_000), { next: 'read', calls: [{ position: 1 }, { position: 2 }] })
    await ledger.addBulkCalls(bulk, [], true)
    t.match(await takeStep(ledger, bulk, 5_000), { next: 'move', call: { position: 1 } }, 'a call that is due comes first')
    await ledger.writeBulkCall(bulk, moved(calls[0]!))
    await ledger.addBulkCalls(bulk, [], false)
    t.same(await takeStep(ledger, bulk, 5_000), { next: 'wait', ms: 1_000 })
  })

  given(
    'a paused or cancelled bulk transfer, when a step is taken, then only the call that is being moved is finished',
    async (t, open) => {
      const ledger = await open()
      const { bulk, calls } = await addBulk(ledger, 3)
      await takeStep(ledger, bulk)
      const problem = new Problem('TARGET_NOT_FOUND', 'None.')
      await ledger.writeBulkCall(bulk, { ...calls[0]!, attempt: 1 }, (stored) => pauseForProblem(stored, problem, Date.now()))
      t.match(await ledger.findBulkTransfer(bulk.id), {
        record: { state: 'paused', code: 'TARGET_NOT_FOUND' },
        calls: [{ attempt: 1 }, {}, {}],
      })
      t.match(await takeStep(ledger, bulk), { next: 'stop' })
      await ledger.updateBulkTransfer(bulk.id, (stored) => applyAction(stored, 'resume', 'ops', Date.now()))
      t.match(await takeStep(ledger, bulk), { next: 'move', call: { position: 1, attempt: 1 } })
      t.match(await cancel(ledger, bulk.id), { state: 'cancelled', code: null })
      t.match(await takeStep(ledger, bulk), { next: 'move', call: { position: 1 } })
      await ledger.writeBulkCall(bulk, moved(calls[0]!), (stored) => pauseForProblem(stored, problem, Date.now()))
      t.match(await takeStep(ledger, bulk), { next: 'stop' })
      t.match(await ledger.findBulkTransfer(bulk.id), {
        record: { state: 'cancelled' },
        calls: [{ state: 'moved' }, { state: 'cancelled' }, { state: 'cancelled' }],
      })
      t.same(await readBulkAudit(ledger, bulk.id), ['bulk_started', 'bulk_paused', 'bulk_resumed', 'bulk_cancelled', 'bulk_ended'])
      t.equal(await cancel(ledger, randomUUID()), undefined)
    },
  )

  given(
    'a node whose lease has expired, when another one claims its bulk transfer, then that one goes on and the former owner cannot',
    async (t, open) => {
      const expired = await open({ leaseMs: shortLeaseMs })
      const successor = await open()
      const { bulk, calls } = await addBulk(expired, 2)
      await takeStep(expired, bulk)
      const claimed = await waitFor(async () => (await successor.claimBulkTransfers()).at(0), 'the claim')
      t.match(claimed, { id: bulk.id, state: 'running', owner: successor.nodeId, fence: 2 })
      t.match(await successor.claimBulkTransfers(), [{ id: bulk.id, fence: 2 }], 'it stays the owner, with the same fence')
      await t.rejects(takeStep(expired, bulk), StaleBulkTransfer)
      await t.rejects(expired.writeBulkCall(bulk, moved(calls[0]!)), StaleBulkTransfer)
      await t.rejects(expired.addBulkCalls(bulk, [createCall(3)], false), StaleBulkTransfer)
      t.match(await takeStep(successor, claimed), { next: 'move', call: { position: 1, state: 'moving' } }, 'its transfer may have begun')
    },
  )

  given(
    'a bulk transfer to a number, when the conversation of a call is erased, then the number is gone once it is over',
    async (t, open) => {
      const ledger = await open()
      const address = '+4930555123456'
      const fields = { target: { type: 'number', address } as const, fallback: [{ type: 'number', address } as const], queueIds: [''] }
      const { bulk, calls } = await addBulk(ledger, 2, fields)
      const conversationId = calls[0]!.conversationId
      await takeStep(ledger, bulk)
      await ledger.writeBulkCall(bulk, {
        ...calls[0]!,
        state: 'refused',
        code: 'LOOP_DETECTED',
        message: 'at number:badcafe012345678 before',
      })
      await t.rejects(eraseConversation(ledger, conversationId), TransferStillOpen, 'its calls are still to be moved to the number')
      await cancel(ledger, bulk.id)
      await takeStep(ledger, bulk)
      const erased = { transfers: 0, bulkTransfers: 1, deliveries: 0, auditRows: 0 }
      t.same(await eraseConversation(ledger, conversationId), erased)
      const stored = await ledger.findBulkTransfer(bulk.id)
      t.match(stored, { record: { state: 'cancelled', target: { address: 'erased' } }, calls: [{ conversationId, message: null }, {}] })
      t.notMatch(JSON.stringify(stored), new RegExp(`badcafe|\\${address}`))
      t.same(await eraseConversation(ledger, conversationId), { ...erased, bulkTransfers: 0 }, 'there is nothing more to erase')
      t.equal((await readWholeAudit(ledger)).filter(({ detail }) => detail['bulkTransfers'] === 1).length, 1)
      t.ok(await isTrailSound(ledger))
    },
  )

  given(
    'a bulk transfer, when it starts, then its reason is stored beside the audit row, because it is written by a caller',
    async (t, open) => {
      const ledger = await open()
      const { audit } = startBulk(createBulk({ reason: 'call.0303-555-1234' }), 1)
      t.notMatch(JSON.stringify(audit.detail), 'call.', 'it is not in the log, and not part of the hash')
      t.match(audit.freeText, { reason: String })
      await addBulk(ledger, 1, { reason: 'outage' })
      t.match((await readWholeAudit(ledger)).at(-1), { status: 'bulk_started', detail: { reason: 'outage', calls: 1 } })
    },
  )

  given('old bulk transfers, when they are deleted, then those that are over go with their calls', async (t, open) => {
    const ledger = await open()
    const createdAt = '2020-01-01T00:00:00.000Z'
    const { bulk: over } = await addBulk(ledger, 1, { createdAt })
    await cancel(ledger, over.id)
    await takeStep(ledger, over)
    const { bulk: running } = await addBulk(ledger, 1, { createdAt })
    t.equal(await ledger.deleteOldBulkTransfers(Date.now() - 3_600_000, 10), 1)
    t.equal(await ledger.findBulkTransfer(over.id), undefined)
    t.match(await ledger.findBulkTransfer(running.id), { calls: [{ position: 1 }] })
  })
}
