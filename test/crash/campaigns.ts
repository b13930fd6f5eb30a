/** What the crash proof consists of, at any count. */
import { campaign, type Job, type Progress } from './harness/campaign.ts'
import { killRun } from './runs/kill-run.ts'
import { doubts, points, stops, type Point } from './harness/points.ts'
import { sameKeyRun } from './runs/same-key-run.ts'
import { soak } from './runs/soak-run.ts'
import type { Stores } from './harness/stores.ts'
import { newTally, type Tally } from './harness/tally.ts'
import type { World } from './harness/world.ts'
import { webhookRun } from './webhooks/webhook-run.ts'
import { zombieRun } from './runs/zombie-run.ts'

export interface Extent {
  /** Of each point; for keys: 4 times as many; for the soak: 40 times as many transfers; for webhooks: a kill and 63 transfers with 8 events each. */
  runs: number
  /** Worlds side by side. */
  worlds: number
  /** Only points whose name fits. */
  point?: RegExp
  progress?: Progress
  /** Given the tallies as soon as they are begun, so that a count that is cut short can be told. */
  begun?: (tallies: Tally[]) => void
}

type Run = (world: World, point: Point, tally: Tally) => Promise<void>

/** On a busy machine a node may come up too late for a point, the deadline having passed: that run proves nothing of it. */
const mostTries = 3
/** Runs a point until it is reached; what must hold is judged each time. */
async function untilReached(run: Run, world: World, point: Point, tally: Tally): Promise<void> {
  for (let tries = 1; ; tries++) {
    const before = tally.unreached
    // One run at a time: each is about the same point of the same world.
    // oxlint-disable-next-line no-await-in-loop
    await run(world, point, tally)
    if (tally.unreached === before || tries === mostTries) return
    tally.unreached = before
  }
}

async function overPoints(
  stores: Stores,
  all: readonly Point[],
  run: Run,
  { runs, worlds, point = /./, progress, begun }: Extent,
): Promise<Tally[]> {
  const tallies = all.filter(({ name }) => point.test(name)).map((one) => ({ one, tally: newTally(`${one.name} (${stores.backend})`) }))
  // Point after point, over and over: a count that is cut short has had all of them.
  const jobs = Array.from({ length: runs }, () =>
    tallies.map(({ one, tally }): Job => ({ tally, run: (world) => untilReached(run, world, one, tally) })),
  ).flat()
  begun?.(tallies.map(({ tally }) => tally))
  const chains = await campaign(stores, jobs, worlds, progress)
  return [...tallies.map(({ tally }) => tally), chains]
}

/** SQLite knows no second node that works while the first one is stopped in the middle of a write. */
const stopsOf = ({ backend }: Stores): readonly Point[] => stops.filter(({ port }) => backend === 'postgres' || port !== 'any')
const keysEach = 4
const atOnce = 100
const transfersEach = 40
const toldEach = 63

export const campaigns = {
  kill: (stores: Stores, extent: Extent) => overPoints(stores, points, killRun, extent),
  doubt: (stores: Stores, extent: Extent) => overPoints(stores, doubts, killRun, extent),
  zombie: (stores: Stores, extent: Extent) => overPoints(stores, stopsOf(stores), zombieRun, extent),
  async keys(stores: Stores, { runs, progress }: Extent) {
    const tally = newTally(`keys: ${atOnce} requests at once each, two nodes (${stores.backend})`)
    const chains = await campaign(
      stores,
      Array.from({ length: runs * keysEach }, () => ({ tally, run: (world: World) => sameKeyRun(world, atOnce, tally) })),
      1,
      progress,
    )
    return [tally, chains]
  },
  async soak(stores: Stores, { runs, progress }: Extent) {
    const transfers = runs * transfersEach
    return [
      await soak(stores, {
        transfers,
        callers: 40,
        killEveryMs: [2_000, 5_000],
        restartEveryMs: 10_000,
        broken: 0.05,
        progress: (text) => progress?.(text),
      }),
    ]
  },
  async webhooks(stores: Stores, { runs, progress }: Extent) {
    return [await webhookRun(stores, { transfers: runs * toldEach, kills: runs, progress: (text) => progress?.(text) })]
  },
} satisfies Record<string, (stores: Stores, extent: Extent) => Promise<Tally[]>>
export type Campaign = keyof typeof campaigns
