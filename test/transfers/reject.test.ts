/** How a refusal is recorded, also when the ledger is unavailable, has committed an earlier write, or another node owns the transfer. */
import t from 'tap'
import { GenesysError } from '../../src/genesys/http/errors.ts'
import { StaleRecord, StoreUnavailable } from '../../src/ledger/contract/errors.ts'
import { Problem } from '../../src/model/problems.ts'
import type { TransferRecord } from '../../src/model/transfer.ts'
import { createReject } from '../../src/transfers/reject.ts'
import type { Transition } from '../../src/transfers/transition.ts'
import { createTestRecord } from '../support/transfer-record.ts'
import { waitFor } from '../support/wait-for.ts'

/**
 * Creates `reject` on a ledger that holds `stored`. Each write fails with the next of `writeErrors`, each read with the next of `readErrors`.
 * @param outage until it resolves, writes wait and the ledger counts as unavailable
 */
function createTestReject(
  stored: TransferRecord | undefined,
  writeErrors: Array<Error | undefined> = [],
  readErrors: Error[] = [],
  outage?: Promise<void>,
) {
  const written: Transition[] = []
  const watched: TransferRecord[] = []
  const warnings: string[] = []
  const reject = createReject({
    recorder: {
      async writeWithRetry(change, _others, onUnavailable) {
        if (outage) onUnavailable?.(unavailable)
        await outage
        const error = writeErrors.shift()
        if (error) throw error
        written.push(change)
        return change.record
      },
    },
    ledger: {
      async findTransfer() {
        const error = readErrors.shift()
        if (error) throw error
        return stored
      },
    },
    watcher: { add: (record) => void watched.push(record) },
    clock: () => 1_000,
    wait: async () => {},
    log: { info() {}, error() {}, warn: (_fields, message) => void warnings.push(message) },
    isClosing: () => false,
  })
  return { reject, written, watched, warnings }
}
const accepted = createTestRecord({ state: 'accepted', fence: 1 })
const unavailable = new StoreUnavailable('test')
const stale = new StaleRecord(accepted.id)

t.test('given a refusal, then the transfer is rejected with everything that the refusal says', async (t) => {
  const { reject } = createTestReject(undefined)
  const problem = new Problem('NO_AGENT_AVAILABLE', 'No agent.', { retryAfterSeconds: 10 })
  t.match(await reject(accepted, problem), {
    state: 'rejected',
    code: 'NO_AGENT_AVAILABLE',
    message: 'No agent.',
    refusal: { retryAfterSeconds: 10 },
  })
})

t.test('given a failure of the platform, then the transfer is rejected with the code for that failure', async (t) => {
  const { reject } = createTestReject(undefined)
  const failure = new GenesysError({ operation: 'getConversation', reason: 'rate_limited', effect: 'none', retryAfterMs: 2_500 })
  t.match(await reject(accepted, failure), { state: 'rejected', code: 'RATE_LIMITED', refusal: { retryAfterSeconds: 3 } })
})

t.test('given an unexpected error, then it is thrown and nothing is written', async (t) => {
  const { reject, written } = createTestReject(undefined)
  await t.rejects(reject(accepted, new TypeError('broken')), { name: 'TypeError' })
  t.equal(written.length, 0)
})

t.test('given a ledger that is unavailable, then the caller is told at once and the refusal is recorded later', async (t) => {
  const { reject, written } = createTestReject(undefined)
  await t.rejects(reject(accepted, unavailable), { code: 'STORE_UNAVAILABLE', extensions: { transferId: accepted.id } })
  t.match(await waitFor(() => written[0]), { from: 'accepted', record: { state: 'rejected', code: 'STORE_UNAVAILABLE' } })
})

t.test(
  'given a refusal and a ledger in an outage, then the caller is told so at once, and the refusal is recorded after the outage',
  async (t) => {
    const { promise: outage, resolve: end } = Promise.withResolvers<void>()
    const { reject, written } = createTestReject(undefined, [], [], outage)
    const problem = new Problem('NO_AGENT_AVAILABLE', 'No agent.', { retryAfterSeconds: 10 })
    await t.rejects(reject(accepted, problem), { code: 'STORE_UNAVAILABLE', extensions: { transferId: accepted.id } })
    t.equal(written.length, 0)
    end()
    t.match(await waitFor(() => written[0]), { from: 'accepted', record: { state: 'rejected', code: 'NO_AGENT_AVAILABLE' } })
  },
)

t.test(
  'given a refusal and a ledger in an outage, when another node has taken the transfer over meanwhile, then it is left to that node',
  async (t) => {
    const { reject, written, watched } = createTestReject({ ...accepted, state: 'initiated', fence: 2 }, [stale], [], Promise.resolve())
    await t.rejects(reject(accepted, new Problem('NO_AGENT_AVAILABLE', 'No agent.')), { code: 'STORE_UNAVAILABLE' })
    await waitFor(() => watched.length === 1)
    t.equal(written.length, 0)
  },
)

t.test(
  'given a write of executing that was committed but reported as failed, then the transfer is rejected before a command is sent',
  async (t) => {
    const { reject, written, watched } = createTestReject({ ...accepted, state: 'executing' }, [stale], [unavailable, unavailable])
    await t.rejects(reject(accepted, unavailable), { code: 'STORE_UNAVAILABLE' })
    t.match(await waitFor(() => written[0]), { from: 'executing', record: { state: 'rejected' } })
    t.equal(watched.length, 0)
  },
)

t.test('given a decision that was committed but reported as failed, then it stays and is watched', async (t) => {
  const { reject, written, watched } = createTestReject({ ...accepted, state: 'decided' }, [stale])
  await t.rejects(reject(accepted, unavailable), { code: 'STORE_UNAVAILABLE' })
  await waitFor(() => watched.length === 1)
  t.equal(written.length, 0)
})

t.test('given a transfer that another node has taken over meanwhile, then it is left to that node', async (t) => {
  const { reject, written } = createTestReject({ ...accepted, state: 'executing', fence: 2 }, [stale])
  await t.rejects(reject(accepted, unavailable), { code: 'STORE_UNAVAILABLE' })
  await new Promise((resolve) => setImmediate(resolve))
  t.equal(written.length, 0)
})

t.test('given a refusal that can never be recorded, then that is logged', async (t) => {
  const { reject, warnings } = createTestReject(undefined, [unavailable])
  await t.rejects(reject(accepted, unavailable), { code: 'STORE_UNAVAILABLE' })
  await waitFor(() => warnings.length === 1)
  t.strictSame(warnings, ['a refusal could not be recorded'])
})
