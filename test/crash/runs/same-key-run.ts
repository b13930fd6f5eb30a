/** Many identical requests at the same moment, over two nodes: one transfer, one command, one answer. */
import { askOnce, askPatiently } from '../harness/caller.ts'
import { remark, type Tally } from '../harness/tally.ts'
import { commandsTooMany, judged } from '../harness/verdict.ts'
import type { World } from '../harness/world.ts'

/** One key: `atOnce` requests over the world's two nodes. */
export async function sameKeyRun(world: World, atOnce: number, tally: Tally): Promise<void> {
  while (world.nodes.length < 2) await world.start()
  const call = world.call()
  const given = await Promise.all(Array.from({ length: atOnce }, (_, at) => askOnce(String(world.nodes[at % 2]?.url), call)))
  const answers = given.filter((one) => one !== undefined)
  remark(tally, 'requests that were given up before they were answered', given.length - answers.length)
  for (const { status, code, retryable } of answers) {
    // A node that has too much to do may say so; nothing else may stand in the way of a request that another one is the same as.
    const right = status === 202 || (status === 409 && code === 'IDEMPOTENCY_KEY_IN_USE') || (status === 503 && retryable)
    if (!right) tally.violations.push({ kind: 'answer', what: `one of ${atOnce} requests with one key was answered ${status} ${code}` })
    remark(tally, `answers ${status}${code ? ` ${code}` : ''}`)
  }
  const last = await askPatiently(world, call)
  tally.violations.push(
    ...(await judged(world, call, {}, [...answers.filter(({ status }) => status === 202), ...last], { ends: 'picked_up', moves: 1 })),
  )
  const more = commandsTooMany(world, call)
  if (more > 0) tally.violations.push({ kind: 'duplicate', what: `${call.conversationId}: ${more} commands too many` })
  tally.runs++
}
