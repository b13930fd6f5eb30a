/** One run of the kill matrix: a node dies at a named point (or loses an answer of its ledger there), another goes on, and nothing is lost or done twice. */
import { setImmediate, setTimeout } from 'node:timers/promises'
import { askPatiently } from '../harness/caller.ts'
import type { NodeProcess } from '../harness/node-process.ts'
import type { Point } from '../harness/points.ts'
import { remark, type Tally } from '../harness/tally.ts'
import { commandsTooMany, judged, settled, transfersOf } from '../harness/verdict.ts'
import type { Call, World } from '../harness/world.ts'

const reachedWithinMs = 15_000
const moment = 450

/** Kills the node when the command is at the simulator: when it has arrived, or when it was acted on. */
async function killAtWire(world: World, node: NodeProcess, { at, method }: Point, { conversationId }: Call): Promise<void> {
  const seen = () =>
    at === 'after'
      ? world.scene.transfers(conversationId).length > 0
      : world.scene.calls().log.some(({ operation, path }) => operation === method && path.includes(conversationId))
  for (const end = Date.now() + reachedWithinMs; !seen() && Date.now() < end;) await setImmediate()
  if (seen()) node.signal('SIGKILL')
}

/** The platform acts on the dead node's command after all. */
async function actLate(world: World, { conversationId, queueId }: Call): Promise<void> {
  const sent = world.scene
    .calls()
    .log.findLast(({ operation, path }) => operation.endsWith('/replace/queue') && path.includes(conversationId))
  const login = await fetch(`${world.simulator.url}/oauth/token`, {
    method: 'POST',
    body: new URLSearchParams({ grant_type: 'client_credentials' }),
    headers: { authorization: `Basic ${Buffer.from('handoff-demo:handoff-demo-secret').toString('base64')}` },
  })
  const { access_token: token } = (await login.json()) as { access_token: string }
  await fetch(world.simulator.url + sent?.path, {
    method: 'POST',
    body: JSON.stringify({ queueId }),
    headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
  })
}

/** The flow does what was decided. */
async function follow(world: World, { conversationId, queueId }: Call): Promise<void> {
  for (const end = Date.now() + reachedWithinMs; Date.now() < end; await setTimeout(20)) {
    if ((await transfersOf(world, conversationId)).some(({ state }) => state === 'decided'))
      return world.scene.transferByFlow(conversationId, { queueId })
  }
}

/** Whether the point was reached: the node died there, or lost its answer. */
async function reached(world: World, node: NodeProcess, point: Point, call: Call): Promise<boolean> {
  const over = setTimeout(reachedWithinMs, false, { ref: false })
  if (point.port === 'wire') await killAtWire(world, node, point, call)
  if (point.port === 'any') void setTimeout(Math.random() * moment).then(() => node.signal('SIGKILL'))
  const dead = node.died.then((how) => how === 'SIGKILL')
  return Promise.race([
    point.how === 'kill'
      ? dead
      : node.passed(point.name).then(
          () => true,
          () => false,
        ),
    over,
  ])
}

/** The first node dies with `executing` committed; the one that takes over passes the point. */
async function throughSuccessor(world: World, node: NodeProcess, point: Point): Promise<boolean> {
  await node.died
  const { node: successor, whenListening } = world.spawn({ name: point.name, action: point.how })
  const passed = reached(world, successor, point, { conversationId: '', queueId: '', key: '' })
  void whenListening.then(
    (one) => world.nodes.push(one),
    () => {},
  )
  const came = await passed
  if (came) return true
  successor.signal('SIGKILL')
  await successor.died
  return false
}

/** Runs a point once in a world with one node, and leaves one behind. */
export async function killRun(world: World, point: Point, tally: Tally): Promise<void> {
  const node = world.nodes[0] ?? (await world.start())
  const call = world.call({ unanswered: point.unanswered === true })
  const asks = point.asks ?? {}
  world.scene.clearFaults()
  world.scene.clearCalls()
  for (const fault of point.faults ?? []) world.scene.addFault(fault)
  if (point.successor) await node.arm('executing committed', 'kill')
  else if (point.port === 'ledger' || point.port === 'platform') await node.arm(point.name, point.how)

  const answers = askPatiently(world, call, { asks })
  const followed = asks.mode === 'decide' ? follow(world, call) : undefined
  const came = point.successor ? await throughSuccessor(world, node, point) : await reached(world, node, point, call)
  const since = Date.now()
  if (!came) {
    tally.unreached++
    for (const one of world.nodes) one.disarm()
  }
  if (point.actsLate) {
    // As late as can be: the node that takes over has looked already, and seen nothing.
    const { node: successor, whenListening } = world.spawn({ name: 'successor: looked', action: 'hold' })
    const looked = successor.passed('successor: looked')
    world.nodes.push(await whenListening)
    await looked
    await actLate(world, call)
    successor.release()
  }
  if (world.nodes.length === 0) await world.start()
  await followed
  const given = await answers
  await settled(world, call.conversationId)
  const tookMs = Date.now() - since
  const found = await judged(world, call, asks, given, point)
  if (found.length > 0)
    found.push(
      ...world.nodes.map((one) => ({ kind: 'harness' as const, what: `last words: ${one.words().split('\n').slice(-5).join(' | ')}` })),
    )
  if (came) tally.runs++
  tally.slowestMs = Math.max(tally.slowestMs, tookMs)
  tally.violations.push(...found)
  remark(tally, 'commands that arrived after the platform had acted (it refused them)', commandsTooMany(world, call))
  remark(
    tally,
    'runs that ended indeterminate',
    (await transfersOf(world, call.conversationId)).filter(({ state }) => state === 'indeterminate').length,
  )
  if (point.unanswered) world.scene.hangUp(call.conversationId)
}
