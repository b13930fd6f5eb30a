/** How often the ledger is checked, however often someone asks. */
import t from 'tap'
import { createWriteCheck } from '../../src/ledger/write-check.ts'

/** A check whose end the test decides, and whose clock it sets. */
function createTestCheck() {
  const clock = { ms: 0 }
  const started: Array<{ resolve: () => void; reject: (error: Error) => void }> = []
  const check = createWriteCheck(
    () => new Promise<void>((resolve, reject) => void started.push({ resolve, reject })),
    () => clock.ms,
  )
  return { clock, started, check }
}

t.test('given a check that has just ended, when it is asked for again, then its result is used for a second', async (t) => {
  const { clock, started, check } = createTestCheck()
  const first = check()
  started[0]?.resolve()
  await first
  clock.ms = 999
  await check()
  t.equal(started.length, 1)
  clock.ms = 1_000
  const second = check()
  started[1]?.reject(new Error('the disk is full'))
  await t.rejects(second, { message: 'the disk is full' })
  clock.ms = 1_999
  await t.rejects(check(), { message: 'the disk is full' })
  t.equal(started.length, 2)
})

t.test('given a check that takes long, when it is asked for again, then no second one starts beside it', async (t) => {
  const { clock, started, check } = createTestCheck()
  const results = [check()]
  for (clock.ms = 0; clock.ms < 10_000; clock.ms += 500) results.push(check())
  t.equal(started.length, 1)
  started[0]?.resolve()
  await Promise.all(results)
  void check()
  t.equal(started.length, 2)
})
