import { setTimeout } from 'node:timers/promises'
import t from 'tap'
import { createPollScheduler } from '../../../src/transfers/pickup/poll-scheduler.ts'
import { waitFor } from '../../support/wait-for.ts'

const hour = 3_600_000
/** Long enough for a poll that is due now to begin, ms. */
const settled = 50

function createTestScheduler(t: { teardown(work: () => unknown): void }) {
  const polled: string[] = []
  const scheduler = createPollScheduler(async (id) => void polled.push(id), Date.now)
  t.teardown(() => scheduler.close())
  const waitForPolls = (...ids: string[]) => waitFor(async () => ids.every((id) => polled.includes(id)), `polls of ${ids.join()}`)
  return { scheduler, polled, waitForPolls }
}

t.test('given a poll that is due, when a later one is scheduled at the latest, then the first is not postponed', async (t) => {
  const { scheduler, polled, waitForPolls } = createTestScheduler(t)
  scheduler.scheduleIn('a', 1)
  scheduler.scheduleBy('a', hour)
  scheduler.scheduleBy('b', 1)
  await waitForPolls('a', 'b')
  await setTimeout(settled)
  t.same(polled.toSorted(), ['a', 'b'], 'each is polled once')
})

t.test('given a poll that is far off, when an earlier one is scheduled at the latest, then the earlier one counts', async (t) => {
  const { scheduler, polled, waitForPolls } = createTestScheduler(t)
  scheduler.scheduleIn('a', hour)
  scheduler.scheduleBy('a', 1)
  await waitForPolls('a')
  t.same(polled, ['a'])
})

t.test('given a poll that is due, when another is scheduled, then the other one replaces it', async (t) => {
  const { scheduler, polled } = createTestScheduler(t)
  scheduler.scheduleIn('a', 1)
  scheduler.scheduleIn('a', hour)
  await setTimeout(settled)
  t.same(polled, [])
})

t.test('given a poll that is due, when it is canceled or the scheduler closes, then it does not begin', async (t) => {
  const { scheduler, polled } = createTestScheduler(t)
  scheduler.scheduleIn('a', 1)
  scheduler.cancel('a')
  scheduler.scheduleIn('b', 1)
  await scheduler.close()
  await setTimeout(settled)
  t.same(polled, [])
})

t.test('given many transfers that are due at once, then at most a hundred are polled at the same time, and all in the end', async (t) => {
  let running = 0
  let most = 0
  let total = 0
  const scheduler = createPollScheduler(async () => {
    most = Math.max(most, ++running)
    await setTimeout(5)
    running--
    total++
  }, Date.now)
  t.teardown(() => scheduler.close())
  for (let id = 0; id < 250; id++) scheduler.scheduleIn(String(id), 0)
  await waitFor(async () => total === 250, 'all polls')
  t.equal(most, 100)
})
