/** When work is repeated because the ledger is unavailable. */
import t from 'tap'
import { StaleRecord, StoreUnavailable } from '../../src/ledger/contract/errors.ts'
import { retryWhileUnavailable } from '../../src/ledger/retry-while-unavailable.ts'

/** Creates work that fails with each of `errors` in turn, then succeeds. */
function createWork(...errors: Error[]) {
  const work = { tries: 0, run: async () => 'done' }
  work.run = async () => {
    const error = errors[work.tries++]
    if (error) throw error
    return 'done'
  }
  return work
}
const unavailable = new StoreUnavailable('test')

t.test(
  'given a ledger that is unavailable for a while, then the work is repeated until it succeeds, with a pause before each try',
  async (t) => {
    const pauses: number[] = []
    const work = createWork(unavailable, unavailable, unavailable)
    const result = await retryWhileUnavailable(work.run, {
      pauseMs: 7,
      wait: async (ms) => void pauses.push(ms),
      isStopped: () => false,
    })
    t.equal(result, 'done')
    t.strictSame(pauses, [7, 7, 7])
  },
)

t.test(
  'given a ledger that is unavailable for ten thousand tries, then the work still succeeds, because the stack does not grow',
  async (t) => {
    const work = createWork(...Array.from({ length: 10_000 }, () => unavailable))
    t.equal(await retryWhileUnavailable(work.run, { pauseMs: 0, wait: async () => {}, isStopped: () => false }), 'done')
  },
)

t.test('given a service that is closing, then the work is not repeated', async (t) => {
  let isStopped = false
  const work = createWork(unavailable, unavailable, unavailable)
  const options = { pauseMs: 0, wait: async () => void (isStopped = work.tries === 2), isStopped: () => isStopped }
  await t.rejects(retryWhileUnavailable(work.run, options), unavailable)
  t.equal(work.tries, 3, 'one last try after the pause')
})

t.test('given an error other than an unavailable ledger, then it is thrown at once', async (t) => {
  const stale = new StaleRecord('id')
  const work = createWork(unavailable, stale)
  await t.rejects(retryWhileUnavailable(work.run, { pauseMs: 0, wait: async () => {}, isStopped: () => false }), stale)
  t.equal(work.tries, 2)
})
