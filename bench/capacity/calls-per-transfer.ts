/** How many platform calls a finished transfer takes, when the rate limit does not matter. */
import type { Row } from '../harness/benchmark.ts'
import { runOpenLoop } from '../load/open-loop.ts'
import type { Simulator } from '../harness/simulator-process.ts'
import { round } from '../harness/statistics.ts'
import { addCalls, type TestCall } from '../harness/test-calls.ts'
import type { ClientKind } from './settings.ts'
import { waitForFinished, withCapacitySystem, type Usage } from './test-system.ts'

const load = { perSecond: 2, seconds: 20 }

/** Counts the platform calls by operation, without logins. */
async function countOperations(simulator: Simulator): Promise<Record<string, number>> {
  const { 'POST /oauth/token': _, ...operations } = (await simulator.readRequests()).counts
  return operations
}

/** The ways to use Handoff with events that are measured: with and without skills, and with and without the attributes of the loop guard. */
export const usages: ReadonlyArray<Usage & { name: string; target: number }> = [
  { name: 'to a skill', targetKind: 'skill', target: 5 },
  { name: 'to a queue', targetKind: 'queue', target: 3 },
  { name: 'to a skill, LOOP_GUARD_ATTRIBUTES=off', targetKind: 'skill', settings: { LOOP_GUARD_ATTRIBUTES: 'off' }, target: 4 },
  { name: 'to a queue, LOOP_GUARD_ATTRIBUTES=off', targetKind: 'queue', settings: { LOOP_GUARD_ATTRIBUTES: 'off' }, target: 2 },
]

/** Runs a small load without a rate limit, and divides the platform calls by the finished transfers. */
export const measureCallsPerTransfer = (kind: ClientKind, usage: Usage & { name: string } = { name: 'to a skill' }): Promise<Row> =>
  withCapacitySystem({ kind, isLimited: false, usage }, async (system) => {
    const { simulator, queue, transfer, countFinished } = system
    const count = load.perSecond * load.seconds
    // One transfer is not counted: after it, the skill is cached and the queue is subscribed to.
    const [first, ...calls] = await addCalls(simulator, queue, count + 1)
    await transfer(first as TestCall)
    await waitForFinished(system, 1, 30_000)
    await simulator.control('DELETE', '/calls')
    await runOpenLoop(load.perSecond, load.seconds, (index) => transfer(calls[index] as TestCall))
    await waitForFinished(system, count + 1, 45_000)

    const operations = await countOperations(simulator)
    const finished = (await countFinished()) - 1
    const total = Object.values(operations).reduce((sum, requests) => sum + requests, 0)
    return {
      client: `${kind}, ${usage.name}`,
      finished,
      'calls per transfer': round(total / finished, 2),
      operations: Object.entries(operations)
        .map(([operation, requests]) => `${round(requests / finished, 2)} ${operation}`)
        .join(', '),
    }
  })
