/** One run with a zombie: a node is stopped in the middle of its work, another takes that over and ends it, and the first wakes up and goes on as if nothing had been. */
import { setTimeout } from 'node:timers/promises'
import { askPatiently } from '../harness/caller.ts'
import type { Point } from '../harness/points.ts'
import { remark, type Tally } from '../harness/tally.ts'
import { commandsTooMany, judged, settled } from '../harness/verdict.ts'
import type { World } from '../harness/world.ts'

/** Work that either node may do is waited for so often. */
const mostTries = 8
const moment = 450
/** A node that was stopped answers nobody: after this long another one is asked, ms. */
const patienceMs = 1_500

/** Runs a point once in a world with two nodes, and leaves both there. Whether the node was stopped there. */
async function attempt(world: World, point: Point, tally: Tally): Promise<boolean> {
  while (world.nodes.length < 2) await world.start()
  // The verdicts ask the last node.
  const [holder] = world.nodes
  if (!holder) throw new Error('no node')
  const call = world.call()
  world.scene.clearFaults()
  world.scene.clearCalls()
  for (const fault of point.faults ?? []) world.scene.addFault(fault)
  const asks = point.asks ?? {}

  if (point.port !== 'any') await holder.arm(point.name, 'stop')
  const passed = holder.passed(point.name).then(
    () => true,
    () => false,
  )
  const answers = askPatiently(world, call, { asks, first: holder, patienceMs })
  if (point.port === 'any') await setTimeout(Math.random() * moment).then(() => holder.signal('SIGSTOP'))
  const over = answers.then(async (given) => {
    await settled(world, call.conversationId)
    return { at: Date.now(), found: await judged(world, call, asks, given, point) }
  })
  // The other node may have been the one that told the CRM: then the point is not passed here, and the run is none.
  const stopped = point.port === 'any' || (await Promise.race([passed, over.then(() => false)]))
  const since = Date.now()
  const { at, found } = await over
  if (stopped) tally.slowestMs = Math.max(tally.slowestMs, at - since)
  tally.violations.push(...found)

  holder.signal('SIGCONT')
  holder.disarm()
  // It has come to itself when it can do a transfer of its own; what it had left to do of the other is then done.
  const next = world.call()
  const fresh = await askPatiently({ nodes: [holder] }, next)
  tally.violations.push(
    ...(await judged(world, next, {}, fresh, { ends: 'picked_up', moves: 1 })),
    ...(await judged(world, call, asks, await answers, point)),
  )
  remark(tally, 'commands that arrived after the platform had acted (it refused them)', commandsTooMany(world, call))
  return stopped
}

export async function zombieRun(world: World, point: Point, tally: Tally): Promise<void> {
  for (let tries = 1; tries <= mostTries; tries++) {
    if (!(await attempt(world, point, tally))) continue
    tally.runs++
    return
  }
  tally.unreached++
}
