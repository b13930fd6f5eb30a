import t from 'tap'
import { until } from '../../support/until.ts'
import { createPollScheduler } from '../../../src/transfers/pickup/poll-scheduler.ts'

const hour = 3_600_000

function stage(t: { teardown(work: () => unknown): void }) {
  const seen: string[] = []
  const rounds = createPollScheduler(async (id) => void seen.push(id), Date.now)
  t.teardown(() => rounds.close())
  return { rounds, seen, sees: (...ids: string[]) => until(async () => ids.every((id) => seen.includes(id)), `looks at ${ids.join()}`) }
}

t.test('given a look that is due, when one is asked for until some later time, then it is not put off', async (t) => {
  const { rounds, sees, seen } = stage(t)
  rounds.scheduleIn('a', 1)
  rounds.scheduleBy('a', hour)
  rounds.scheduleBy('b', 1)
  await sees('a', 'b')
  t.same(seen.toSorted(), ['a', 'b'], 'one look each')
  t.equal(rounds.size, 0)
})

t.test(
  'given a look that is far off, when one is asked for until some sooner time, then that counts; a plain request replaces either',
  async (t) => {
    const { rounds, sees, seen } = stage(t)
    rounds.scheduleIn('a', hour)
    rounds.scheduleBy('a', 1)
    rounds.scheduleIn('b', 1)
    rounds.scheduleIn('b', hour)
    await sees('a')
    t.same(seen, ['a'])
    t.equal(rounds.size, 1)
  },
)
