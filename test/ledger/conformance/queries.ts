/** Behaviors of reading: lists of transfers in pages, a conversation's transfers, the summary, and API keys. */
import fc from 'fast-check'
import type { Ledger } from '../../../src/ledger/contract/ledger.ts'
import { groupings, type Grouping, type TransferGroup } from '../../../src/ledger/contract/transfers.ts'
import type { State } from '../../../src/model/states.ts'
import { toStoredTarget, type StoredTarget } from '../../../src/model/target.ts'
import type { TransferRecord } from '../../../src/model/transfer.ts'
import type { Patch } from '../../../src/transfers/patch.ts'
import { canSee } from '../../../src/auth/restriction.ts'
import type { DeclareBehavior } from '../conformance.ts'
import { createTestRecord } from '../../support/transfer-record.ts'
import {
  createConversationId,
  createNewTransfer,
  expectAccepted,
  moveThrough,
  openAccepted,
  readAllPages,
  requestTransfer,
} from '../fixtures.ts'

const createdAt = (ms: number) => ({ createdAt: new Date(ms).toISOString() })
const idsOf = (items: Array<{ id: string }>) => items.map(({ id }) => id)
const list = (ledger: Ledger, filter: object = {}) => ledger.listTransfers({ limit: 100, ...filter })

/** A percentile by nearest rank, computed in the simplest way. */
function nearestRank(values: number[], percent: number): number | null {
  const sorted = values.toSorted((a, b) => a - b)
  return sorted.find((_, index) => (index + 1) * 100 >= percent * sorted.length) ?? null
}

interface Ending {
  state: State
  /** Whether the platform accepted the transfer before it ended. */
  hasMoved: boolean
  patch: Patch
}
const endings: readonly Ending[] = [
  { state: 'picked_up', hasMoved: true, patch: {} },
  { state: 'timeout', hasMoved: true, patch: { code: 'PICKUP_TIMEOUT' } },
  { state: 'abandoned', hasMoved: true, patch: { code: 'CALLER_ABANDONED' } },
  { state: 'failed', hasMoved: true, patch: { code: 'TRANSFER_FAILED' } },
  { state: 'superseded', hasMoved: true, patch: { code: 'SUPERSEDED' } },
  { state: 'rejected', hasMoved: false, patch: { code: 'NO_AGENT_AVAILABLE' } },
  { state: 'failed', hasMoved: false, patch: { code: 'TRANSFER_FAILED' } },
]
type EndedTransfer = [ending: Ending, latencyMs: number | null, pickupMs: number | null]

async function createEnded(
  ledger: Ledger,
  createdMs: number,
  [ending, latencyMs, pickupMs]: EndedTransfer,
  { chosen, ...fields }: Partial<GroupFields> = {},
): Promise<void> {
  const { state, hasMoved, patch } = ending
  const accepted = await openAccepted(ledger, { ...createdAt(createdMs), ...fields })
  const executing = await moveThrough(ledger, accepted, ['executing', chosen ? { resolvedTarget: chosen } : {}])
  if (hasMoved) await moveThrough(ledger, executing, ['initiated', { latencyMs }], [state, { ...patch, pickupMs }])
  else await moveThrough(ledger, executing, [state, { ...patch, latencyMs, pickupMs }])
}

/** The summary of these transfers, computed without a database. */
function expectedSummary(transfers: EndedTransfer[]) {
  const count = (condition: (ending: Ending) => boolean) => transfers.filter(([ending]) => condition(ending)).length
  const countBy = (valueOf: (ending: Ending) => string | null | undefined) =>
    Object.fromEntries(
      [...new Set(transfers.map(([ending]) => valueOf(ending)))]
        .filter(Boolean)
        .map((value) => [value, count((ending) => valueOf(ending) === value)]),
    )
  const percentiles = (values: Array<number | null>) => {
    const known = values.filter((value) => value !== null)
    return { count: known.length, p50: nearestRank(known, 50), p95: nearestRank(known, 95), p99: nearestRank(known, 99) }
  }
  const ended = count(({ state, hasMoved }) => hasMoved && state !== 'superseded')
  return {
    total: transfers.length,
    byState: countBy(({ state }) => state),
    byCode: countBy(({ patch }) => patch.code),
    pickupRate: ended === 0 ? null : count(({ state }) => state === 'picked_up') / ended,
    latencyMs: percentiles(transfers.map(([, latencyMs]) => latencyMs)),
    pickupMs: percentiles(transfers.map(([, , pickupMs]) => pickupMs)),
  }
}

/** The fields that decide about the group of a transfer. */
interface GroupFields {
  queueIds: string[]
  reason: string | null
  requestedBy: string
  /** The target that verification has chosen. */
  chosen: StoredTarget | null | undefined
}
const toQueue = (queueId: string): StoredTarget =>
  toStoredTarget({ type: 'queue', queueId, skillIds: [], languageId: null, priority: 0, usedFallback: false })
const groupFields: fc.Arbitrary<GroupFields> = fc.record({
  queueIds: fc.constantFrom(['q1'], ['q2', 'q1'], ['']),
  reason: fc.constantFrom('billing', 'sales', 'a-b_c.1', null),
  requestedBy: fc.constantFrom('ops', 'bot'),
  chosen: fc.constantFrom(
    toQueue('q1'),
    toQueue('q3'),
    toStoredTarget({ type: 'agent', userId: 'a', priority: 0, usedFallback: true }),
    null,
  ),
})
const groupValue: Readonly<Record<Grouping, (ending: Ending, fields: GroupFields) => string | null>> = {
  queue: (_ending, { chosen, queueIds: [asked] }) => (chosen ? chosen.queueId : asked || null),
  reason: (_ending, { reason }) => reason,
  code: ({ patch }) => patch.code ?? null,
  caller: (_ending, { requestedBy }) => requestedBy,
}

/** The groups of these transfers, computed without a database. */
function expectedGroups(transfers: Array<[Ending, GroupFields]>, groupBy: Grouping): TransferGroup[] {
  const groups = Map.groupBy(transfers, ([ending, fields]) => groupValue[groupBy](ending, fields))
  return [...groups]
    .map(([value, members]) => {
      const { total, byState, byCode, pickupRate } = expectedSummary(members.map(([ending]) => [ending, null, null]))
      return { value, total, byState, byCode, pickupRate }
    })
    .toSorted((a, b) => b.total - a.total || ((a.value ?? '') < (b.value ?? '') ? -1 : 1))
}

const queue = fc.constantFrom('q1', 'q2', 'q3')
/** The fields that decide whether a key that is limited to queues may see a record. Some lack `queueIds`, as records of earlier versions do. */
const visibilityFields: fc.Arbitrary<Partial<TransferRecord>> = fc
  .record(
    {
      requestedBy: fc.constantFrom('one', 'two'),
      queueIds: fc.array(fc.oneof(queue, fc.constant('')), { minLength: 1, maxLength: 4 }),
      chosen: fc.option(queue),
    },
    { requiredKeys: ['requestedBy', 'chosen'] },
  )
  .map(({ chosen, ...fields }) => ({
    ...fields,
    resolvedTarget: chosen === null ? null : toQueue(chosen),
  }))

export function testQueries(given: DeclareBehavior): void {
  given(
    'keys that are limited to queues, when transfers are listed and counted for them, then only those that they may see are included',
    async (t, open) => {
      const ledger = await open()
      const records: TransferRecord[] = []
      for (const fields of fc.sample(visibilityFields, 60)) {
        const { queueIds: _, ...record } = createTestRecord({ conversationId: createConversationId() })
        records.push(expectAccepted(await ledger.openTransfer(createNewTransfer({ ...record, ...fields }))))
      }
      for (const queues of [[], ['q1'], ['q1', 'q2'], ['q1', 'q2', 'q3']])
        // The key `one` has requested some of the transfers, and `three` none.
        for (const id of ['one', 'three']) {
          const expected = records.filter((record) => canSee({ id, queues }, record)).map((record) => record.id)
          const visibleTo = { id, queues }
          t.same(
            idsOf((await list(ledger, { visibleTo })).items).toSorted(),
            expected.toSorted(),
            `${expected.length} transfers for the key ${id} with the queues ${queues.join()}`,
          )
          t.match(await ledger.summarize(0, Date.now() + 60_000, visibleTo), {
            total: expected.length,
            byState: expected.length > 0 ? { accepted: expected.length } : {},
          })
        }
    },
  )

  given('transfers, when they are listed, then the newest comes first, filtered as requested', async (t, open) => {
    const ledger = await open()
    const day = Date.UTC(2026, 0, 1)
    const first = await openAccepted(ledger, createdAt(day))
    const second = await moveThrough(ledger, await openAccepted(ledger, createdAt(day + 1_000)), 'rejected')
    const third = await openAccepted(ledger, { ...createdAt(day + 2_000), reason: 'billing.refund' })
    t.same(await list(ledger), { items: [third, second, first], nextCursor: null })
    t.same(idsOf((await list(ledger, { conversationId: first.conversationId })).items), [first.id])
    t.same(idsOf((await list(ledger, { states: ['rejected'] })).items), [second.id])
    t.same(idsOf((await list(ledger, { since: day + 1_000 })).items), [third.id, second.id])
    t.same(idsOf((await list(ledger, { until: day + 1_000 })).items), [first.id])
    t.same(
      idsOf((await list(ledger, { since: day, until: day + 2_000, states: ['accepted'], conversationId: first.conversationId })).items),
      [first.id],
    )
    t.same(await list(ledger, { states: ['picked_up'] }), { items: [], nextCursor: null })
    t.same(idsOf((await list(ledger, { reason: 'billing.refund' })).items), [third.id])
    t.same(idsOf((await list(ledger, { reason: 'billing.refund', states: ['rejected'] })).items), [])
    t.same(idsOf((await list(ledger, { reason: 'billing' })).items), [], 'the whole reason is compared')
  })

  given(
    'transfers in several states, when some of the states are listed, then pages lead through all of them, the newest first',
    async (t, open) => {
      const ledger = await open()
      const listed: string[] = []
      for (let count = 0; count < 12; count++) {
        const accepted = await openAccepted(ledger, createdAt(Date.UTC(2026, 0, 1) + Math.floor(count / 4)))
        if (count % 3 === 0) await moveThrough(ledger, accepted, 'rejected')
        if (count % 3 === 1) await moveThrough(ledger, accepted, 'executing')
        if (count % 3 !== 2) listed.unshift(accepted.id)
      }
      const states: State[] = ['executing', 'rejected', 'executing', 'picked_up']
      for (const limit of [1, 3, 7, 8, 100])
        t.same(
          idsOf(await readAllPages((cursor) => ledger.listTransfers({ limit, states, ...(cursor && { cursor }) }))),
          listed,
          `${limit} on a page`,
        )
      t.same((await list(ledger, { states, since: Date.UTC(2026, 0, 1) + 2 })).items.length, 2, 'other filters apply to each state')
    },
  )

  given('transfers, when they are filtered by queue, code or requester, then only those are listed', async (t, open) => {
    const ledger = await open()
    const chosen = { resolvedTarget: toQueue('q2') }
    const asked = await openAccepted(ledger, { queueIds: ['q1'], requestedBy: 'ops' })
    const moved = await moveThrough(ledger, await openAccepted(ledger, { queueIds: ['q1'], requestedBy: 'bot' }), ['executing', chosen])
    const refused = await moveThrough(ledger, await openAccepted(ledger, { queueIds: [''], requestedBy: 'bot' }), [
      'rejected',
      { code: 'TARGET_NOT_FOUND' },
    ])
    t.same(idsOf((await list(ledger, { queueId: 'q1' })).items), [asked.id])
    t.same(
      idsOf((await list(ledger, { queueId: 'q2' })).items),
      [moved.id],
      'the queue that was chosen, and not the one that was asked for',
    )
    t.same(idsOf((await list(ledger, { code: 'TARGET_NOT_FOUND' })).items), [refused.id])
    t.same(idsOf((await list(ledger, { requestedBy: 'bot' })).items), [refused.id, moved.id])
    t.same(idsOf((await list(ledger, { requestedBy: 'bot', queueId: 'q2', states: ['executing', 'rejected'] })).items), [moved.id])
  })

  given('more transfers than a page holds, when the pages are followed, then each is listed once, in order', async (t, open) => {
    const ledger = await open()
    const newestFirst: string[] = []
    // Several are created in the same millisecond.
    for (let count = 0; count < 9; count++)
      newestFirst.unshift((await openAccepted(ledger, createdAt(Date.UTC(2026, 0, 1) + Math.floor(count / 4)))).id)
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: 1, max: 12 }), async (limit) => {
        t.same(idsOf(await readAllPages((cursor) => ledger.listTransfers({ limit, ...(cursor && { cursor }) }))), newestFirst)
      }),
      { numRuns: 12 },
    )
  })

  given(
    'a conversation with several transfers, then its open transfers and the last one that moved the call can be found',
    async (t, open) => {
      const ledger = await open()
      const first = await moveThrough(ledger, await openAccepted(ledger), 'executing', 'initiated')
      const { conversationId } = first
      t.same(await ledger.findOpenTransfers(conversationId), [first])
      const second = expectAccepted(await requestTransfer(ledger, conversationId, undefined, { identity: 'other' }))
      t.same(idsOf(await ledger.findOpenTransfers(conversationId)), [first.id, second.id])
      t.equal((await ledger.findLastMoved(conversationId))?.id, first.id)
      await moveThrough(ledger, first, ['timeout', { lateWatch: true }])
      await moveThrough(ledger, second, 'rejected')
      t.same(idsOf(await ledger.findOpenTransfers(conversationId)), [first.id], 'a late pickup is still watched for')
      t.same(
        [await ledger.findOpenTransfers('unknown'), await ledger.findLastMoved('unknown'), await ledger.findTransfer('unknown')],
        [[], undefined, undefined],
      )
    },
  )

  given('any transfers, when they are summarized, then counts, pickup rate and percentiles are those of the period', async (t, open) => {
    const ledger = await open()
    const durationMs = fc.option(fc.nat({ max: 40 }), { nil: null })
    let month = 0
    await fc.assert(
      fc.asyncProperty(fc.array(fc.tuple(fc.constantFrom(...endings), durationMs, durationMs), { maxLength: 12 }), async (transfers) => {
        const since = Date.UTC(2000, month++)
        for (const transfer of transfers) await createEnded(ledger, since + 1_000, transfer)
        t.same(await ledger.summarize(since, Date.UTC(2000, month)), expectedSummary(transfers))
      }),
      { numRuns: 12 },
    )
  })

  given('any transfers, when they are counted in groups, then each is in the group of its value, the largest first', async (t, open) => {
    const ledger = await open()
    let month = 0
    await fc.assert(
      fc.asyncProperty(fc.array(fc.tuple(fc.constantFrom(...endings), groupFields), { maxLength: 14 }), async (transfers) => {
        const since = Date.UTC(2000, month++)
        const until = Date.UTC(2000, month)
        for (const [ending, fields] of transfers) await createEnded(ledger, since + 1_000, [ending, null, null], fields)
        for (const groupBy of groupings) {
          const expected = expectedGroups(transfers, groupBy)
          t.same(await ledger.summarizeGroups(groupBy, 100, since, until), expected, groupBy)
          t.same(await ledger.summarizeGroups(groupBy, 2, since, until), expected.slice(0, 2), `the two largest by ${groupBy}`)
        }
      }),
      { numRuns: 12 },
    )
  })

  given(
    'keys that are limited to queues, when transfers are counted in groups for one, then only what it may see is counted',
    async (t, open) => {
      const ledger = await open()
      for (const [queueId, reason] of [
        ['q1', 'billing'],
        ['q1', 'sales'],
        ['q2', 'billing'],
      ] as const)
        await openAccepted(ledger, { queueIds: [queueId], reason })
      const groups = await ledger.summarizeGroups('reason', 10, 0, Date.now() + 60_000, { id: 'limited', queues: ['q1'] })
      t.match(groups, [
        { value: 'billing', total: 1 },
        { value: 'sales', total: 1 },
      ])
    },
  )

  given('API keys, when one is added and one revoked, then the list shows both', async (t, open) => {
    const [ledger, otherLedger] = [await open(), await open()]
    const createKey = (id: string, queues: string[] | null = null) => ({
      id,
      hash: 'a'.repeat(64),
      scopes: ['transfers:read', 'audit:read'],
      queues,
      label: `of ${id}`,
      createdAt: '2026-01-02T03:04:05.678Z',
      revokedAt: null,
    })
    await ledger.addApiKey(createKey('b'))
    await ledger.addApiKey(createKey('a', ['queue']))
    t.same(await otherLedger.listApiKeys(), [createKey('a', ['queue']), createKey('b')])
    t.equal(await ledger.revokeApiKey('b'), true)
    t.same([await ledger.revokeApiKey('b'), await ledger.revokeApiKey('c')], [false, false], 'only a valid key is revoked')
    const [valid, revoked] = await otherLedger.listApiKeys()
    t.equal(valid?.revokedAt, null)
    t.ok(Math.abs(Date.parse(String(revoked?.revokedAt)) - Date.now()) < 60_000)
    await t.rejects(ledger.addApiKey(createKey('a')), { name: 'StoreUnavailable' }, 'an id is used once')
    t.equal((await ledger.listApiKeys()).length, 2)
  })
}
