/** The hops of a transfer as callers read them. */
import t from 'tap'
import { firstHop, hopNumber, isLaterHop, listHops, type EarlierHop } from '../../src/model/hop.ts'
import { toStoredTarget } from '../../src/model/target.ts'
import type { TransferRecord } from '../../src/model/transfer.ts'
import { createTestRecord } from '../support/transfer-record.ts'

const targetTo = (queueId: string) =>
  toStoredTarget({ type: 'queue', queueId, skillIds: [], languageId: null, priority: 0, usedFallback: false })
const snapshot = { participantIds: [], holderId: 'acd', takenAt: 0, transferIds: [] }
const isoAt = (epochMs: number): string => new Date(epochMs).toISOString()
const earlier = (initiatedAt: number, endedAt: number | null): EarlierHop => ({
  hop: firstHop,
  resolvedTarget: targetTo('a'),
  snapshot,
  routing: 'done',
  mirror: 'done',
  initiatedAt,
  endedAt,
})
const first = { resolvedTarget: targetTo('a'), initiatedAt: 1_000, updatedAt: isoAt(9_000) }
const second = {
  ...first,
  resolvedTarget: targetTo('b'),
  hop: { ...firstHop, initiatedAt: 5_000 },
  earlierHops: [earlier(1_000, 5_000)],
}

const table: Array<[situation: string, fields: Partial<TransferRecord>, hops: object[]]> = [
  ['a request that is being checked', { state: 'accepted' }, []],
  ['a decision that the flow has not followed', { ...first, state: 'decided', initiatedAt: null }, []],
  ['a decision that was never followed', { ...first, state: 'failed', initiatedAt: null }, []],
  ['a command that was refused', { ...first, state: 'rejected', initiatedAt: null }, []],
  [
    'a command that was sent',
    { ...first, state: 'executing', initiatedAt: null },
    [{ number: 1, initiatedAt: null, endedAt: null, outcome: null }],
  ],
  ['a call that waits', { ...first, state: 'initiated' }, [{ number: 1, initiatedAt: isoAt(1_000), endedAt: null, outcome: null }]],
  [
    'a call that was picked up',
    { ...first, state: 'picked_up', pickupTime: isoAt(8_000) },
    [{ number: 1, endedAt: isoAt(8_000), outcome: 'picked_up' }],
  ],
  ['a call that nobody picked up', { ...first, state: 'timeout' }, [{ number: 1, endedAt: isoAt(9_000), outcome: 'timeout' }]],
  [
    'a call that is moving on',
    { ...second, state: 'executing', hop: firstHop, earlierHops: [earlier(1_000, null)] },
    [
      { number: 1, initiatedAt: isoAt(1_000), endedAt: null, outcome: null, resolvedTarget: { queueId: 'a' } },
      { number: 2, initiatedAt: null, endedAt: null, outcome: null, resolvedTarget: { queueId: 'b' } },
    ],
  ],
  [
    'a call that has moved on',
    { ...second, state: 'initiated' },
    [
      { number: 1, initiatedAt: isoAt(1_000), endedAt: isoAt(5_000), outcome: 'overflowed' },
      { number: 2, initiatedAt: isoAt(5_000), endedAt: null, outcome: null },
    ],
  ],
  ['a caller who hung up after that', { ...second, state: 'abandoned' }, [{ outcome: 'overflowed' }, { number: 2, outcome: 'abandoned' }]],
]

for (const [situation, fields, hops] of table)
  t.test(`given ${situation}, when its hops are listed, then they are complete and in order`, async (t) => {
    const record = createTestRecord(fields)
    const listed = listHops(record)
    t.equal(listed.length, hops.length)
    t.match(listed, hops)
    t.equal(isLaterHop(record), record.earlierHops.length > 0)
    t.equal(hopNumber(record), record.earlierHops.length + 1)
  })
