/** Who gets a connection when there are too few, and who gives up. */
import { mock } from 'node:test'
import t from 'tap'
import { createConnectionQueue } from '../../../src/ledger/postgres/connection-queue.ts'

mock.timers.enable({ apis: ['setInterval'] })
t.teardown(() => mock.timers.reset())

/** Enters a queue and notes how that ends. */
function enter(queue: ReturnType<typeof createConnectionQueue>, name: string, log: string[]): void {
  queue.enter().then(
    () => log.push(name),
    (error: Error) => log.push(`${name}: ${error.message}`),
  )
}
/** Lets time pass, and what is due happen. */
async function pass(ms: number): Promise<void> {
  mock.timers.tick(ms)
  await new Promise((resolve) => setImmediate(resolve))
}

t.test('given more callers than connections, when connections come back, then the callers get them in turn', async (t) => {
  const log: string[] = []
  const queue = createConnectionQueue(2)
  for (const name of ['a', 'b', 'c', 'd']) enter(queue, name, log)
  await pass(0)
  t.strictSame(log, ['a', 'b'])
  queue.leave(true)
  queue.leave(false)
  await pass(0)
  t.strictSame(log, ['a', 'b', 'c', 'd'])
  for (const hasWorked of [true, true]) queue.leave(hasWorked)
  for (const name of ['e', 'f', 'g']) enter(queue, name, log)
  await pass(0)
  t.strictSame(log.slice(4), ['e', 'f'], 'two connections, not more')
})

t.test('given a queue, when connections come back that have worked, then callers wait for up to 4 s', async (t) => {
  const log: string[] = []
  const queue = createConnectionQueue(1)
  for (const name of ['a', 'b', 'c', 'd', 'e']) enter(queue, name, log)
  for (let round = 0; round < 2; round++) {
    await pass(1_750)
    queue.leave(true)
  }
  await pass(250)
  t.strictSame(log, ['a', 'b', 'c'])
  await pass(250)
  const reason = 'all 1 connections to the database are in use, and the turn of this request did not come for 4 s'
  t.strictSame(log.slice(3), [`d: ${reason}`, `e: ${reason}`])
})

t.test('given a queue, when no connection comes back that has worked, then a caller gives up after 2 s of its own', async (t) => {
  const log: string[] = []
  const queue = createConnectionQueue(1)
  for (const name of ['a', 'b', 'c']) enter(queue, name, log)
  await pass(1_500)
  queue.leave(false)
  enter(queue, 'd', log)
  await pass(250)
  t.strictSame(log, ['a', 'b'])
  await pass(250)
  const reason = 'all 1 connections to the database are in use, and none was given back for 2 s'
  t.strictSame(log.slice(2), [`c: ${reason}`])
  await pass(1_500)
  t.strictSame(log.slice(3), [`d: ${reason}`], 'not at once')
  queue.leave(true)
  enter(queue, 'e', log)
  await pass(0)
  t.equal(log.at(-1), 'e', 'who gave up takes no connection')
})
