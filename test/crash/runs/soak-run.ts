/** Everything at once: two nodes on one PostgreSQL, nodes killed, the database restarted, the platform's connections broken, callers who only ask again. */
import { setTimeout } from 'node:timers/promises'
import type { FaultSetting } from '../../../src/simulator/control/scene.ts'
import { askPatiently, type Answered } from '../harness/caller.ts'
import type { Stores } from '../harness/stores.ts'
import { newTally, remark, type Tally } from '../harness/tally.ts'
import { chainHolds, commandsTooMany, judged, settled } from '../harness/verdict.ts'
import { createWorld, type Call, type World } from '../harness/world.ts'

export interface SoakOptions {
  transfers: number
  /** Callers at a time. */
  callers: number
  /** A node is killed every so often, ms: from, to. */
  killEveryMs: readonly [number, number]
  restartEveryMs: number
  /** Of the platform's exchanges, how many break. */
  broken: number
  progress?: (text: string) => void
}

/** How an exchange breaks: before or after the platform has acted. */
const breaks: ReadonlyArray<FaultSetting['fault']> = [
  { kind: 'reset-before' },
  { kind: 'reset-after' },
  { kind: 'status', status: 500 },
  { kind: 'status', status: 500, acts: true },
  { kind: 'status', status: 503 },
  { kind: 'status', status: 503, acts: true },
  { kind: 'half-response' },
  { kind: 'html', status: 502 },
]
/** Enough for so many exchanges of each transfer, retries and looks included. */
const exchangesEach = 60
const callerWaitsMs = 180_000

function breakSome({ scene }: World, { transfers, broken }: SoakOptions): void {
  for (let at = 0; at < transfers * exchangesEach; at++) {
    if (Math.random() < broken)
      scene.addFault({ skip: at, fault: breaks[Math.floor(Math.random() * breaks.length)] as FaultSetting['fault'] })
  }
}

/** A node that does not come up, because the database is away, is started again. */
async function startUntilUp(world: World, over: () => boolean): Promise<void> {
  while (!over() && !(await world.start().catch(() => undefined)));
}

async function chaos(
  world: World,
  stores: Stores,
  { killEveryMs: [from, to], restartEveryMs }: SoakOptions,
  tally: Tally,
  over: () => boolean,
): Promise<void> {
  const pause = async (ms: number): Promise<void> => {
    for (const end = Date.now() + ms; Date.now() < end && !over();) await setTimeout(50)
  }
  async function kill(): Promise<void> {
    for (await pause(from); !over(); await pause(from + Math.random() * (to - from))) {
      const victim = world.nodes[Math.floor(Math.random() * world.nodes.length)]
      if (!victim) continue
      victim.signal('SIGKILL')
      await victim.died
      remark(tally, 'nodes killed')
      void startUntilUp(world, over)
    }
  }
  async function restart(): Promise<void> {
    for (await pause(restartEveryMs); !over() && stores.restart; await pause(restartEveryMs)) {
      await stores.restart()
      remark(tally, 'restarts of the database')
    }
  }
  await Promise.all([kill(), restart()])
}

/** Runs the soak, then waits until everything is over and judges every transfer. */
export async function soak(stores: Stores, options: SoakOptions): Promise<Tally> {
  const { transfers, callers, progress = () => {} } = options
  const tally = newTally(`soak: ${transfers} transfers, two nodes (${stores.backend})`)
  const world = await createWorld(stores, {
    LOG_LEVEL: 'error',
    CRASH_LEASE_MS: '5000',
    TRANSFER_DEADLINE_MS: '8000',
    PICKUP_POLL_INTERVAL_MS: '200',
    PICKUP_TIMEOUT_MS: '120000',
  })
  let finished = false
  const over = () => finished
  try {
    await Promise.all([world.start(), world.start()])
    breakSome(world, options)
    const harm = chaos(world, stores, options, tally, over)
    const answered: Array<{ call: Call; given: Answered[]; tookMs: number }> = []
    let left = transfers
    async function caller(): Promise<void> {
      while (left-- > 0) {
        const call = world.call()
        const since = Date.now()
        const given = await askPatiently(world, call, { forMs: callerWaitsMs, obeys: true })
        answered.push({ call, given, tookMs: Date.now() - since })
        for (const { status, code } of given) remark(tally, `answers ${status}${code ? ` ${code}` : ''}`)
        remark(tally, 'commands that arrived after the platform had acted (it refused them)', commandsTooMany(world, call))
        progress(`answered ${answered.length} of ${transfers}`)
      }
    }
    await Promise.all(Array.from({ length: callers }, caller))
    finished = true
    await harm
    while (world.nodes.length < 2) await startUntilUp(world, () => world.nodes.length >= 2)
    const since = Date.now()
    for (const { call, given, tookMs } of answered) {
      await settled(world, call.conversationId)
      tally.slowestMs = Math.max(tally.slowestMs, tookMs)
      tally.violations.push(...(await judged(world, call, {}, given, { ends: 'picked_up', moves: 1 })))
      remark(tally, 'callers who were answered at the first try', given.length === 1 ? 1 : 0)
      tally.runs++
      progress(`judged ${tally.runs}`)
    }
    remark(tally, 'ms until all were judged', Date.now() - since)
    tally.violations.push(...(await chainHolds(world)))
  } finally {
    finished = true
    await world.close()
  }
  return tally
}
