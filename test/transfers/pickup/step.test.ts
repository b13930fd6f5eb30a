/** What one step of watching a transfer does while its outcome is unknown, and when there is nothing left to watch. */
import t from 'tap'
import type { TransferRecord } from '../../../src/model/transfer.ts'
import type { CommandResult } from '../../../src/transfers/command.ts'
import { createStep } from '../../../src/transfers/pickup/step.ts'
import { createWatchedTransfer } from '../../../src/transfers/pickup/watched-transfer.ts'
import type { StageContext } from '../../../src/transfers/stage-context.ts'
import { createTestRecord } from '../../support/transfer-record.ts'

const now = 1_000
const lease = { isValid: () => true }
const executing = createTestRecord({ state: 'executing', owner: 'this node', attempt: 1 })
const initiated: TransferRecord = { ...executing, state: 'initiated', initiatedAt: now }

interface Situation {
  stored: TransferRecord | undefined
  resolved?: TransferRecord | 'attempt_again'
  attempt?: CommandResult
}

/**
 * Takes one step of a watched transfer.
 * @param situation what the ledger holds, how the unknown outcome is resolved, and the result of a second attempt
 * @returns the delay until the next step in ms (undefined: none), what was reported to the caller, and the IDs of superseded transfers
 */
async function takeStep({ stored, resolved = executing, attempt = { result: 'unknown' } }: Situation) {
  const reported: TransferRecord[] = []
  const superseded: string[] = []
  const unknownSince: number[] = []
  const watched = createWatchedTransfer(executing, { now: 0, pollIntervalMs: 2_000, lease }, (record) => void reported.push(record))
  const step = createStep({
    ledger: { nodeId: 'this node', currentLease: () => lease, findTransfer: async () => stored, findOpenTransfers: async () => [] },
    recorder: { write: async ({ record }) => record },
    rules: { pollIntervalMs: 2_000, pickupTimeoutMs: 30_000 },
    clock: () => now,
    createStageContext: () => ({}) as StageContext,
    commands: { attemptAgain: async () => attempt },
    resolve: async (_record, _context, since) => {
      unknownSince.push(since)
      return resolved
    },
    applyDecision: async (record) => record,
    overflow: async (record) => ({ result: 'blocked', record }),
    subscribe: () => {},
    receivesEvents: () => false,
    onSuperseded: (id) => void superseded.push(id),
  })
  return { next: await step(watched), watched, reported, superseded, unknownSince }
}

t.test('given an unknown outcome without proof, then it is read again after a pause that grows', async (t) => {
  const { next, watched, reported } = await takeStep({ stored: executing })
  t.equal(next, 200)
  t.equal(watched.polls, 1)
  t.strictSame(reported, [])
})

t.test('given a first read that comes long after the watch began, then it alone proves nothing: the wait begins with it', async (t) => {
  const { unknownSince } = await takeStep({ stored: executing })
  t.strictSame(unknownSince, [now])
})

t.test('given an unknown outcome that is resolved, then the caller gets the record, and the next step follows at once', async (t) => {
  const { next, reported } = await takeStep({ stored: executing, resolved: initiated })
  t.equal(next, 0)
  t.strictSame(reported, [initiated])
})

t.test(
  'given proof that nothing was done, when the second attempt is accepted, then the caller gets the record and polls are counted from zero',
  async (t) => {
    const older = createTestRecord()
    const { next, watched, reported, superseded } = await takeStep({
      stored: executing,
      resolved: 'attempt_again',
      attempt: { result: 'initiated', record: initiated, superseded: [older] },
    })
    t.strictSame(reported, [initiated])
    t.strictSame(superseded, [older.id], 'the transfer that the attempt superseded is no longer watched')
    t.match(watched, { pollAt: now + 2_000, cached: { record: initiated } })
    t.equal(next, 150, 'in ms: skills and priority are put on the call soon')
  },
)

t.test(
  'given proof that nothing was done, when the outcome of the second attempt is unknown too, then it is resolved in later steps',
  async (t) => {
    const { next, watched, reported } = await takeStep({ stored: executing, resolved: 'attempt_again' })
    t.strictSame(reported, [])
    t.match(watched, { unknownSince: now, polls: 0 })
    t.equal(next, 150)
  },
)

t.test('given a transfer that is over, erased, owned by another node or back in accepted, then there is no next step', async (t) => {
  for (const stored of [
    undefined,
    { ...initiated, owner: 'another node' },
    { ...initiated, state: 'picked_up' as const },
    { ...initiated, state: 'accepted' as const },
  ])
    t.equal((await takeStep({ stored })).next, undefined, stored?.state ?? 'gone')
})
