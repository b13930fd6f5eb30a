/** The poll scheduler keeps one next poll for each transfer, and runs a limited number at the same time. */
import { setTimeout } from 'node:timers/promises'
import t from 'tap'
import { createPollScheduler } from '../../../src/transfers/pickup/poll-scheduler.ts'
import { waitFor } from '../../support/wait-for.ts'

const hourMs = 3_600_000
/** Long enough for a poll that is due now to begin. */
const settledMs = 50

function createTestScheduler(t: { teardown(work: () => unknown): void }) {
  const polled: string[] = []
  const scheduler = createPollScheduler(async (id) => void polled.push(id), Date.now)
  t.teardown(() => scheduler.close())
  const waitForPolls = (...ids: string[]) => waitFor(async () => ids.every((id) => polled.includes(id)), `polls of ${ids.join()}`)
  return { scheduler, polled, waitForPolls }
}

t.test('given a poll that is due, when one is scheduled by a later time, then the due poll is not postponed', async (t) => {
  const { scheduler, polled, waitForPolls } = createTestScheduler(t)
  scheduler.scheduleIn('a', 1)
  scheduler.scheduleBy('a', hourMs)
  scheduler.scheduleBy('b', 1)
  await waitForPolls('a', 'b')
  await setTimeout(settledMs)
  t.same(polled.toSorted(), ['a', 'b'], 'each is polled once')
})

t.test('given a poll that is far off, when one is scheduled by an earlier time, then it is brought forward', async (t) => {
  const { scheduler, polled, waitForPolls } = createTestScheduler(t)
  scheduler.scheduleIn('a', hourMs)
  scheduler.scheduleBy('a', 1)
  await waitForPolls('a')
  t.same(polled, ['a'])
})

t.test('given a poll that is due, when one is scheduled in an hour, then that one replaces it', async (t) => {
  const { scheduler, polled } = createTestScheduler(t)
  scheduler.scheduleIn('a', 1)
  scheduler.scheduleIn('a', hourMs)
  await setTimeout(settledMs)
  t.same(polled, [])
})

t.test('given a poll that is due, when it is canceled or the scheduler closes, then it does not begin', async (t) => {
  const { scheduler, polled } = createTestScheduler(t)
  scheduler.scheduleIn('a', 1)
  scheduler.cancel('a')
  scheduler.scheduleIn('b', 1)
  await scheduler.close()
  await setTimeout(settledMs)
  t.same(polled, [])
})

t.test('given many transfers that are due at once, then at most a hundred are polled at the same time, and all in the end', async (t) => {
  let running = 0
  let mostRunning = 0
  let total = 0
  const scheduler = createPollScheduler(async () => {
    mostRunning = Math.max(mostRunning, ++running)
    await setTimeout(5)
    running--
    total++
  }, Date.now)
  t.teardown(() => scheduler.close())
  for (let id = 0; id < 250; id++) scheduler.scheduleIn(String(id), 0)
  await waitFor(async () => total === 250, 'all polls')
  t.equal(mostRunning, 100)
})
