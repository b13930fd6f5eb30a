import { StaleRecord, StoreUnavailable, type Ledger } from '../../../src/ledger/ledger.ts'
import { annotate } from '../../../src/transfers/transition.ts'
import { aRecord } from '../../support/record.ts'
import type { Given } from '../conformance.ts'
import { accepted, change, opening as asked, statuses, taken, through } from '../scene.ts'

const answer = { status: 202, body: '{}' }
const queued = async (ledger: Ledger, transferId: string) =>
  (await ledger.deliveries({ transferId, limit: 100 })).items.map(({ type }) => type).toReversed()

export function moves(given: Given): void {
  given(
    'a move, when it is recorded, then the row, its audit entry, its webhook and the answer to its key are there together',
    async (t, open) => {
      const ledger = await open()
      const first = await accepted(ledger, {}, 'key')
      const executing = await through(ledger, first, 'executing')
      const initiated = change(executing, 'initiated', { initiatedAt: Date.now(), latencyMs: 12 }, answer)
      await ledger.record(initiated)
      t.same(await ledger.transfer(first.id), initiated.record)
      t.same(await statuses(ledger, first.id), ['accepted', 'executing', 'initiated'])
      t.match((await ledger.auditOf(first.id)).at(-1), { ...initiated.audit, latencyMs: 12 })
      t.same(await queued(ledger, first.id), ['transfer.initiated'])
      t.match(await ledger.open(asked(aRecord({ conversationId: first.conversationId }), 'key')), { outcome: 'replayed', answer })
    },
  )

  given(
    'a record that is not what the change grew from, when it is recorded, then it is stale and nothing of it is kept',
    async (t, open) => {
      const ledger = await open()
      const other = await open()
      const first = await accepted(ledger, {}, 'key')
      const executing = await through(ledger, first, 'executing')
      const stale = {
        'another state': [ledger, change(first, 'rejected', {}, answer)],
        'another fence': [ledger, change({ ...executing, fence: 2 }, 'failed', {}, answer)],
        'another owner': [ledger, change({ ...executing, owner: other.node }, 'failed', {}, answer)],
        'written by a node that does not own it': [other, change(executing, 'failed', {}, answer)],
        'no such transfer': [ledger, change({ ...executing, id: aRecord().id }, 'failed', {}, answer)],
      } as const
      for (const [name, [by, written]] of Object.entries(stale)) await t.rejects(by.record(written), StaleRecord, name)
      t.same(await ledger.transfer(first.id), executing)
      t.same(await statuses(ledger, first.id), ['accepted', 'executing'])
      t.same(await queued(ledger, first.id), [])
      t.match(await ledger.open(asked(aRecord({ conversationId: first.conversationId }), 'key')), { outcome: 'running' })
    },
  )

  given('a change whose fate was not known, when it is recorded again word for word, then it counts as written, once', async (t, open) => {
    const ledger = await open()
    const first = await accepted(ledger)
    const twice = async (written: ReturnType<typeof change>) => {
      await ledger.record(written)
      await ledger.record(written)
      return written.record
    }
    const executing = await twice(change(first, 'executing', { attempt: 1 }))
    const again = await twice(change(executing, 'executing', { attempt: 2, sentAt: 1 }))
    const initiated = await twice(change(again, 'initiated', { initiatedAt: 1 }))
    const amended = await twice(annotate(initiated, { bounces: 1 }, 'bounced'))
    await twice(change(amended, 'picked_up', { pickupMs: 3 }))
    t.same(await statuses(ledger, first.id), ['accepted', 'executing', 'executing', 'initiated', 'bounced', 'picked_up'])
    t.same(await queued(ledger, first.id), ['transfer.initiated', 'transfer.picked_up'])
    await t.rejects(ledger.record(change(first, 'executing', { attempt: 1 })), StaleRecord, 'what was overwritten since does not come back')
  })

  given('something learnt that is no move, when it is recorded, then the state stays and the audit trail has it', async (t, open) => {
    const ledger = await open()
    const first = await accepted(ledger)
    const initiated = await through(ledger, first, 'executing', 'initiated')
    await ledger.record(annotate(initiated, { bounces: 2, routing: 'done' }, 'bounced', 'audit-poll', { bounces: 2 }))
    t.match(await ledger.transfer(first.id), { state: 'initiated', bounces: 2, routing: 'done', fence: 1 })
    t.match((await ledger.auditOf(first.id)).at(-1), { status: 'bounced', stage: 'audit-poll', detail: { bounces: 2 } })
  })

  given(
    'older transfers of other nodes, when a newer one overrules them, then those are written whose state still holds',
    async (t, open) => {
      const [mine, theirs] = [await open(), await open()]
      const older = await through(theirs, await accepted(theirs), 'executing', 'initiated')
      const gone = await through(theirs, await accepted(theirs), 'executing', 'initiated')
      const newer = await through(
        mine,
        taken(await mine.open(asked(aRecord({ conversationId: older.conversationId }), undefined, { identity: 'newer' }))),
        'executing',
      )
      await through(theirs, gone, 'picked_up')
      await mine.record(change(newer, 'initiated', { initiatedAt: 2 }), [
        change(older, 'superseded', { code: 'SUPERSEDED' }),
        change(gone, 'superseded', { code: 'SUPERSEDED' }),
      ])
      t.match(await mine.transfer(older.id), { state: 'superseded', owner: mine.node, fence: 2 })
      t.match(await mine.transfer(gone.id), { state: 'picked_up', owner: theirs.node, fence: 1 })
      t.same(
        [await statuses(mine, older.id), await queued(mine, older.id)],
        [
          ['accepted', 'executing', 'initiated', 'superseded'],
          ['transfer.initiated', 'transfer.superseded'],
        ],
      )
      t.same(await queued(mine, gone.id), ['transfer.initiated', 'transfer.picked_up'])
      await t.rejects(theirs.record(change(older, 'picked_up')), StaleRecord)
    },
  )

  given('a change that is stale, when it comes with others, then they are not written either', async (t, open) => {
    const ledger = await open()
    const first = await accepted(ledger)
    const older = await through(ledger, await accepted(ledger), 'executing', 'initiated')
    await t.rejects(ledger.record(change({ ...first, fence: 9 }, 'executing'), [change(older, 'superseded')]), StaleRecord)
    t.same(await ledger.transfer(older.id), older)
  })

  given(
    'a conversation that a newer transfer holds, when an older one becomes indeterminate, then that waits, and nothing else is held up',
    async (t, open) => {
      const ledger = await open()
      const older = await through(ledger, await accepted(ledger), 'executing', 'initiated')
      const newer = taken(await ledger.open(asked(aRecord({ conversationId: older.conversationId }), undefined, { identity: 'newer' })))
      const bystander = await accepted(ledger)
      const doubt = { record: { ...older, state: 'indeterminate' as const }, from: 'initiated' as const }
      const [refused, written] = await Promise.allSettled([ledger.record(doubt), ledger.record(change(bystander, 'executing'))])
      t.match(refused, { status: 'rejected', reason: StoreUnavailable })
      t.equal(written.status, 'fulfilled')
      t.same(await ledger.transfer(older.id), older)
      await through(ledger, newer, 'rejected')
      await ledger.record(doubt)
      t.match(await ledger.transfer(older.id), { state: 'indeterminate' })
    },
  )
}
