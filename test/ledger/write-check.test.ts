/** The ledger is checked for writability at most once a second, and never twice at the same time. */
import t from 'tap'
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
