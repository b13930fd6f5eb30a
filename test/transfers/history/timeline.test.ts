/** The order of a transfer's timeline. */
import fc from 'fast-check'
import { test } from 'tap'
import { createAuditDraft } from '../../../src/ledger/audit/draft.ts'
import type { AuditEntry } from '../../../src/ledger/contract/audit.ts'
import type { Delivery } from '../../../src/ledger/contract/deliveries.ts'
import type { Hop } from '../../../src/model/hop.ts'
import { mergeTimeline, type TimelineItem } from '../../../src/transfers/history/timeline.ts'

const toIso = (ms: number): string => new Date(ms).toISOString()
const createEntry = (status: string, ms: number): AuditEntry => ({
  ...createAuditDraft(status, {}),
  seq: 1,
  timestamp: toIso(ms),
  node: 'n',
  chain: 'main',
  personal: null,
  hash: 'h',
})
const createDelivery = (id: string, createdMs: number, attemptsMs: number[]): Delivery => ({
  id,
  endpoint: 'ep',
  transferId: 't',
  conversationId: 'c',
  type: 'transfer.initiated',
  state: 'delivered',
  attempts: attemptsMs.map((ms) => ({ at: toIso(ms), status: 200, error: null, durationMs: 1 })),
  tries: attemptsMs.length,
  nextAttemptAt: null,
  createdAt: toIso(createdMs),
  updatedAt: toIso(createdMs),
})
const createHop = (number: number, startMs: number | null, endMs: number | null, outcome: Hop['outcome']): Hop => ({
  number,
  resolvedTarget: {} as Hop['resolvedTarget'],
  initiatedAt: startMs === null ? null : toIso(startMs),
  endedAt: endMs === null ? null : toIso(endMs),
  outcome,
})
const describe = ({ kind, status }: TimelineItem): string => `${kind} ${status}`

test('given entries, hops and deliveries, when they are merged, then everything is listed in the order in which it happened', async (t) => {
  const items = mergeTimeline(
    [createEntry('accepted', 1_000), createEntry('executing', 1_100), createEntry('initiated', 1_200), createEntry('picked_up', 5_000)],
    [createHop(1, 1_200, 3_000, 'overflowed'), createHop(2, 3_010, 5_000, 'picked_up')],
    [createDelivery('evt_2', 5_000, [5_020]), createDelivery('evt_1', 1_200, [1_250, 1_900])],
  )
  t.strictSame(items.map(describe), [
    'audit accepted',
    'audit executing',
    'audit initiated',
    'hop started',
    'delivery queued',
    'delivery attempted',
    'delivery attempted',
    'hop overflowed',
    'hop started',
    'audit picked_up',
    'hop picked_up',
    'delivery queued',
    'delivery attempted',
  ])
  t.match(items[3], { at: toIso(1_200), hop: { number: 1 }, audit: null, delivery: null })
  t.match(items[5], { at: toIso(1_250), delivery: { id: 'evt_1', attempt: { status: 200 } }, hop: null })
})

test('given a hop without times, when it is merged, then it is left out until it starts', async (t) => {
  t.strictSame(mergeTimeline([], [createHop(1, null, null, null)], []), [])
  t.strictSame(mergeTimeline([], [createHop(1, 5, null, null)], []).map(describe), ['hop started'])
})

test('given any times, when they are merged, then audit entries keep their order, and nothing is lost', async (t) => {
  const times = fc.array(fc.nat({ max: 20 }), { maxLength: 8 })
  await fc.assert(
    fc.asyncProperty(times, times, times, async (entryTimes, hopTimes, deliveryTimes) => {
      const entries = entryTimes.map((ms, index) => createEntry(String(index), ms))
      const items = mergeTimeline(
        entries,
        hopTimes.map((ms, index) => createHop(index + 1, ms, ms + 1, 'timeout')),
        deliveryTimes.map((ms, index) => createDelivery(`evt_${index}`, ms, [ms + 2])),
      )
      t.equal(items.length, entryTimes.length + 2 * hopTimes.length + 2 * deliveryTimes.length)
      t.strictSame(
        items.flatMap(({ audit }) => (audit ? [audit] : [])),
        entries,
      )
      const others = items.filter(({ kind }) => kind !== 'audit').map(({ at }) => at)
      t.strictSame(others, others.toSorted(), 'what is not an audit entry is in the order of time')
    }),
  )
})
