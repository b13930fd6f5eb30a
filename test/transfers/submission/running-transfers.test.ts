/** What the callers of a running transfer get: its outcome, its refusal, or what the ledger says at the deadline. */
import t from 'tap'
import { StaleRecord } from '../../../src/ledger/contract/errors.ts'
import { Problem } from '../../../src/model/problems.ts'
import type { TransferRecord } from '../../../src/model/transfer.ts'
import { responseCodec } from '../../../src/routes/transfer-response.ts'
import { outcomeOf } from '../../../src/transfers/request/outcome.ts'
import { createRunningTransfers } from '../../../src/transfers/submission/running-transfers.ts'
import { createTestRecord } from '../../support/transfer-record.ts'

const accepted = (): TransferRecord => createTestRecord({ state: 'accepted' })
const initiate = (record: TransferRecord): TransferRecord => ({ ...record, state: 'initiated', initiatedAt: 1 })

/** Running transfers with `run` as the pipeline, and a ledger that holds the record `stored` and the stored response of `response`. */
function createTestRunning(run: (record: TransferRecord) => Promise<TransferRecord>, stored?: TransferRecord, response?: TransferRecord) {
  const watched: TransferRecord[] = []
  const errors: string[] = []
  const running = createRunningTransfers({
    ledger: {
      findTransfer: async () => stored,
      findStoredResponse: async () => response && responseCodec.encode(outcomeOf(response)),
    },
    codec: responseCodec,
    clock: Date.now,
    wait: async () => {},
    log: { info() {}, warn() {}, error: (_fields, message) => void errors.push(message) },
    run,
    watcher: { has: () => false, add: (record) => void watched.push(record) },
  })
  return { running, watched, errors }
}

t.test('given a transfer that the platform accepts, then its caller and everyone who joins get it', async (t) => {
  const { running } = createTestRunning(async (record) => initiate(record))
  const record = accepted()
  const first = running.start(record)
  t.ok(running.has(record.id))
  t.match(await running.joinRunning(record), { replayed: true, transferId: record.id, outcome: { transfer: { state: 'initiated' } } })
  t.match(await first, { replayed: false, transferId: record.id, outcome: { transfer: { state: 'initiated' } } })
  await running.waitForAll()
  t.equal(running.size, 0)
})

t.test('given a transfer that is refused, then everyone who joins gets the refusal, not marked as replayed', async (t) => {
  const refused = { state: 'rejected', code: 'TARGET_NOT_FOUND', message: 'No.' } as const
  const { running } = createTestRunning(async (record) => ({ ...record, ...refused }))
  const record = accepted()
  const submissions = [running.start(record), running.joinRunning(record)]
  for (const submission of await Promise.all(submissions))
    t.match(submission, { replayed: false, outcome: { problem: { code: 'TARGET_NOT_FOUND', extensions: { transferId: record.id } } } })
})

t.test('given a pipeline that does not finish by the deadline, then the outcome is the one in the ledger, or unknown', async (t) => {
  const late = { ...accepted(), deadlineAt: Date.now() - 10_000 }
  const never = () => new Promise<TransferRecord>(() => {})
  t.match(await createTestRunning(never).running.start(late), { outcome: { problem: { code: 'OUTCOME_UNKNOWN' } } })
  t.match(await createTestRunning(never, initiate(late)).running.start(late), { outcome: { transfer: { state: 'initiated' } } })
  t.match(await createTestRunning(never, late).running.start(late), { outcome: { problem: { code: 'EXPIRED' } } })
})

t.test('given a transfer that another node has taken over, then it is watched, and its stored record is the answer', async (t) => {
  const record = accepted()
  const { running, watched } = createTestRunning(() => Promise.reject(new StaleRecord(record.id)), initiate(record))
  t.match(await running.start(record), { outcome: { transfer: { state: 'initiated' } } })
  t.strictSame(watched, [record])
})

t.test('given a transfer that has progressed since its caller could be answered, then the stored response is the answer', async (t) => {
  const record = initiate(accepted())
  const pickedUp: TransferRecord = { ...record, state: 'picked_up' }
  const { running } = createTestRunning(async () => pickedUp, pickedUp, record)
  t.match(await running.start(record), { outcome: { transfer: { state: 'initiated' } } })
})

t.test('given an error, then it is thrown to everyone, and logged unless it is a refusal', async (t) => {
  const broken = createTestRunning(() => Promise.reject(new TypeError('broken')))
  await t.rejects(broken.running.start(accepted()), { name: 'TypeError' })
  t.strictSame(broken.errors, ['a transfer failed unexpectedly'])
  const refused = createTestRunning(() => Promise.reject(new Problem('STORE_UNAVAILABLE', 'No.')))
  await t.rejects(refused.running.start(accepted()), { code: 'STORE_UNAVAILABLE' })
  t.strictSame(refused.errors, [])
})
