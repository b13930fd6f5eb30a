/** The ledger is checked for writability at most once a second, never twice at the same time, and anew after a write that failed. */
import t from 'tap'
import { setImmediate } from 'node:timers/promises'
import { createWriteCheck } from '../../src/ledger/write-check.ts'

/** Creates a check whose probes end when the test says so, with a clock that the test sets. */
function createTestCheck() {
  const clock = { ms: 0 }
  const startedProbes: Array<{ resolve: () => void; reject: (error: Error) => void }> = []
  const check = createWriteCheck(
    () => new Promise<void>((resolve, reject) => void startedProbes.push({ resolve, reject })),
    () => clock.ms,
  )
  return { clock, startedProbes, check }
}

t.test('given a check that has ended, when it is requested again within a second, then its result is used again', async (t) => {
  const { clock, startedProbes, check } = createTestCheck()
  const first = check()
  startedProbes[0]?.resolve()
  await first
  clock.ms = 999
  await check()
  t.equal(startedProbes.length, 1)
  clock.ms = 1_000
  const second = check()
  startedProbes[1]?.reject(new Error('the disk is full'))
  await t.rejects(second, { message: 'the disk is full' })
  clock.ms = 1_999
  await t.rejects(check(), { message: 'the disk is full' })
  t.equal(startedProbes.length, 2)
})

t.test('given a check that is still running, when it is requested again, then no second check starts', async (t) => {
  const { clock, startedProbes, check } = createTestCheck()
  const results = [check()]
  for (clock.ms = 0; clock.ms < 10_000; clock.ms += 500) results.push(check())
  t.equal(startedProbes.length, 1)
  startedProbes[0]?.resolve()
  await Promise.all(results)
  void check()
  t.equal(startedProbes.length, 2)
})

t.test('given a check that has succeeded, when another use of the ledger fails, then the next request starts a new check', async (t) => {
  const { startedProbes, check } = createTestCheck()
  const first = check()
  startedProbes[0]?.resolve()
  await first
  check.expire()
  const second = check()
  await setImmediate()
  t.equal(startedProbes.length, 2)
  startedProbes[1]?.reject(new Error('the disk is full'))
  await t.rejects(second, { message: 'the disk is full' })
})

t.test(
  'given a check that is running, when another use of the ledger fails, then later requests get the result of a new check that follows it',
  async (t) => {
    const { startedProbes, check } = createTestCheck()
    const first = check()
    check.expire()
    const second = check()
    await setImmediate()
    t.equal(startedProbes.length, 1, 'never two at the same time')
    startedProbes[0]?.resolve()
    await first
    await setImmediate()
    t.equal(startedProbes.length, 2)
    startedProbes[1]?.reject(new Error('the disk is full'))
    await t.rejects(second, { message: 'the disk is full' })
  },
)

t.test('given a check that has failed, when other uses of the ledger fail too, then its result is still used again', async (t) => {
  const { startedProbes, check } = createTestCheck()
  const first = check()
  startedProbes[0]?.reject(new Error('the disk is full'))
  await t.rejects(first, { message: 'the disk is full' })
  check.expire()
  await t.rejects(check(), { message: 'the disk is full' })
  t.equal(startedProbes.length, 1)
})
