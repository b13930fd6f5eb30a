/** How a request waits for the outcome of a transfer that another node runs. */
import t from 'tap'
import type { State } from '../../../src/model/states.ts'
import { waitForOutcome } from '../../../src/transfers/submission/wait-for-other-node.ts'
import { createTestRecord } from '../../support/transfer-record.ts'

/** A transfer on another node. Each read of the ledger finds the next of `states` (undefined: no record); pauses only advance the clock. */
function createTransferElsewhere(states: Array<State | undefined>) {
  let now = 1_000
  let reads = 0
  const record = createTestRecord({ state: 'accepted', deadlineAt: now + 8_000 })
  return {
    record,
    reads: () => reads,
    dependencies: {
      clock: () => now,
      wait: async (ms: number) => void (now += ms),
      ledger: {
        findTransfer: async () => {
          const state = states[Math.min(reads++, states.length - 1)]
          return state && { ...record, state }
        },
      },
    },
  }
}

t.test('given a transfer that runs elsewhere, then it is read until it has an outcome', async (t) => {
  const { record, reads, dependencies } = createTransferElsewhere(['accepted', 'executing', 'initiated', 'picked_up'])
  t.match(await waitForOutcome(record, dependencies), { state: 'initiated' })
  t.equal(reads(), 3)
})

t.test('given a transfer without an outcome at its deadline, then the last record is returned', async (t) => {
  const { record, reads, dependencies } = createTransferElsewhere(['executing'])
  t.match(await waitForOutcome(record, dependencies), { state: 'executing' })
  t.equal(reads(), 80, 'every 100 ms until the deadline')
})

t.test('given a transfer that has an outcome already, then it is not read', async (t) => {
  const { record, reads, dependencies } = createTransferElsewhere([])
  t.match(await waitForOutcome({ ...record, state: 'rejected' }, dependencies), { state: 'rejected' })
  t.equal(reads(), 0)
})

t.test('given a transfer that is not in the ledger any more, then the record that was passed is returned', async (t) => {
  const { record, dependencies } = createTransferElsewhere([undefined])
  t.match(await waitForOutcome(record, dependencies), { id: record.id, state: 'accepted' })
})
