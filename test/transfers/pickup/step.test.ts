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

/** One step of a watched transfer whose unknown outcome is resolved as `resolved` says. */
async function takeStep({ stored, resolved = executing, attempt = { result: 'unknown' } }: Situation) {
  const told: TransferRecord[] = []
  const superseded: string[] = []
  const watched = createWatchedTransfer(executing, { now: 0, pollIntervalMs: 2_000, lease }, (record) => void told.push(record))
  const step = createStep({
    ledger: { nodeId: 'this node', currentLease: () => lease, findTransfer: async () => stored },
    recorder: { write: async ({ record }) => record },
    rules: { pollIntervalMs: 2_000, pickupTimeoutMs: 30_000 },
    clock: () => now,
    createStageContext: () => ({}) as StageContext,
    commands: { attemptAgain: async () => attempt },
    resolve: async () => resolved,
    applyDecision: async (record) => record,
    overflow: async (record) => ({ result: 'blocked', record }),
    expect: () => {},
    receivesEvents: () => false,
    onSuperseded: (id) => void superseded.push(id),
  })
  return { next: await step(watched), watched, told, superseded }
}

t.test('given an unknown outcome without proof, then it is read again after a pause that grows', async (t) => {
  const { next, watched, told } = await takeStep({ stored: executing })
  t.equal(next, 200)
  t.equal(watched.polls, 1)
  t.strictSame(told, [])
})

t.test('given an unknown outcome that is resolved, then the caller is told, and the next step follows at once', async (t) => {
  const { next, told } = await takeStep({ stored: executing, resolved: initiated })
  t.equal(next, 0)
  t.strictSame(told, [initiated])
})

t.test(
  'given proof that nothing was done, when the second attempt is accepted, then the caller is told and watching starts anew',
  async (t) => {
    const older = createTestRecord()
    const { next, watched, told, superseded } = await takeStep({
      stored: executing,
      resolved: 'attempt_again',
      attempt: { result: 'initiated', record: initiated, superseded: [older] },
    })
    t.strictSame(told, [initiated])
    t.strictSame(superseded, [older.id], 'what the attempt has superseded is watched no more')
    t.match(watched, { pollAt: now + 2_000, held: { record: initiated } })
    t.equal(next, 150, 'skills and priority are put on the call soon')
  },
)

t.test('given proof that nothing was done, when the second attempt has no known outcome either, then it is resolved anew', async (t) => {
  const { next, watched, told } = await takeStep({ stored: executing, resolved: 'attempt_again' })
  t.strictSame(told, [])
  t.match(watched, { unknownSince: now, polls: 0 })
  t.equal(next, 150)
})

t.test('given a transfer that is over, gone, or of another node, then there is nothing left to watch for', async (t) => {
  for (const stored of [
    undefined,
    { ...initiated, owner: 'another node' },
    { ...initiated, state: 'picked_up' as const },
    { ...initiated, state: 'accepted' as const },
  ])
    t.equal((await takeStep({ stored })).next, undefined, stored?.state ?? 'gone')
})
