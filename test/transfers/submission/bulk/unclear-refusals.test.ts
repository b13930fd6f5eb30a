/** Refusals that tell nothing about an earlier transfer of a call, because they were made before its key was looked up. */
import t from 'tap'
import { openLedger } from '../../../../src/ledger/open.ts'
import { Problem, type RefusalCode } from '../../../../src/model/problems.ts'
import { createLog } from '../../../../src/telemetry/log.ts'
import { startBulk } from '../../../../src/transfers/submission/bulk/bulk-changes.ts'
import { createBulkRunner } from '../../../../src/transfers/submission/bulk/bulk-runner.ts'
import { createBulk, createCall } from '../../../ledger/bulk-fixtures.ts'
import { auditKey } from '../../../ledger/fixtures.ts'
import { waitFor } from '../../../support/wait-for.ts'

t.setTimeout(180_000)
t.jobs = 2

for (const [code, state] of [
  ['OVERLOADED', 'running'],
  ['INVALID_REQUEST', 'paused'],
] as const satisfies Array<[RefusalCode, string]>)
  t.test(`given a call whose outcome is not known, when it is refused with ${code}, then it stays unknown, with its key`, async (t) => {
    const ledger = await openLedger('sqlite::memory:', { auditKey })
    t.teardown(() => ledger.close())
    const bulk = createBulk({ owner: ledger.nodeId })
    await ledger.addBulkTransfer(startBulk(bulk, 1), [createCall(1)])
    const problems = [new Problem('OUTCOME_UNKNOWN', 'Not known.', { transferId: 'first' }), new Problem(code, 'Refused.')]
    const keys: unknown[] = []
    const runner = createBulkRunner({
      ledger,
      async submit({ key }) {
        keys.push(key)
        const problem = problems[Math.min(keys.length, problems.length) - 1] as Problem
        return { outcome: { problem }, replayed: false }
      },
      findKey: async () => ({ scopes: ['transfers:write'], queues: null, revokedAt: null }),
      laneWaitMs: () => 0,
      readWaitingCalls: async () => ({ calls: [], isTruncated: false }),
      rules: { defaultQueueId: undefined, fallbackQueueId: undefined },
      clock: Date.now,
      log: createLog('silent'),
    })
    t.teardown(() => runner.close())
    runner.start(bulk)
    const stored = await waitFor(async () => {
      const found = await ledger.findBulkTransfer(bulk.id)
      return keys.length >= 2 && found?.calls[0]?.state !== 'moving' && found
    }, 'the refusal')
    t.match(stored, { record: { state }, calls: [{ state: 'unknown', code: 'OUTCOME_UNKNOWN', transferId: 'first', attempt: 0 }] })
    t.equal(keys[1], keys[0])
  })
