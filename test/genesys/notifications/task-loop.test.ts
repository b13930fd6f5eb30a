/** When the task of a channel runs. */
import t from 'tap'
import { createBackoff } from '../../../src/genesys/notifications/backoff.ts'
import { createTaskLoop } from '../../../src/genesys/notifications/task-loop.ts'
import { createDrivenClock } from '../support/driven-clock.ts'

/** A loop whose task is recorded, and fails if `shouldFail` returns true. */
function createTestLoop({
  shouldFail = () => false,
  nextDueAt = () => Infinity,
}: { shouldFail?: () => boolean; nextDueAt?: () => number } = {}) {
  const clock = createDrivenClock(0)
  const runs: number[] = []
  const outcomes: string[] = []
  let finishTask: (() => void) | undefined
  const loop = createTaskLoop({
    clock,
    backoff: createBackoff({ clock, timing: { spacingMs: 1000, stableAfterMs: 60_000 }, random: () => 1 }),
    task: async () => {
      runs.push(clock.now())
      if (shouldFail()) throw new Error('the task failed')
      await new Promise<void>((resolve) => void (finishTask = resolve))
    },
    nextDueAt,
    onSuccess: () => void outcomes.push('success'),
    onFailure: (_, waitMs) => void outcomes.push(`failure, wait ${waitMs}`),
  })
  return { clock, loop, runs, outcomes, finishTask: () => finishTask?.() }
}

t.test('given several requests to run, then the task runs once, at the earliest requested time', async (t) => {
  const { clock, loop, runs } = createTestLoop()
  loop.runIn(100)
  loop.runIn(20)
  loop.runIn(50)
  await clock.drive(1000)
  t.strictSame(runs, [20])
})

t.test('given a request to run while the task is running, then the task runs once more afterwards', async (t) => {
  const { clock, loop, runs, outcomes, finishTask } = createTestLoop()
  loop.runIn(0)
  await clock.drive(10)
  loop.runIn(0)
  loop.runIn(0)
  await clock.drive(10)
  t.strictSame(runs, [0], 'one task at a time')
  finishTask()
  await clock.drive(0)
  finishTask()
  await clock.drive(1000)
  t.strictSame(runs, [0, 20])
  t.strictSame(outcomes, ['success', 'success'])
})

t.test('given a task that fails, then it is repeated after a backoff', async (t) => {
  const { clock, loop, runs, outcomes } = createTestLoop({ shouldFail: () => true })
  loop.runIn(0)
  await clock.drive(6999)
  t.strictSame(runs, [0, 1000, 3000])
  t.strictSame(outcomes, ['failure, wait 1000', 'failure, wait 2000', 'failure, wait 4000'])
})

t.test('given a task that becomes due by itself, then it runs then', async (t) => {
  const { clock, loop, runs, finishTask } = createTestLoop({ nextDueAt: () => 500 })
  loop.runIn(0)
  await clock.drive(0)
  finishTask()
  await clock.drive(500)
  t.strictSame(runs, [0, 500])
})

t.test('given a loop that is stopped, then nothing runs any more, and a failure is not reported', async (t) => {
  const { clock, loop, runs, outcomes } = createTestLoop({ shouldFail: () => (loop.stop(), true) })
  loop.runIn(0)
  await clock.drive(10_000)
  loop.runIn(0)
  await clock.drive(10_000)
  t.strictSame(runs, [0])
  t.strictSame(outcomes, [])
})
