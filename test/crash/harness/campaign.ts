/** Many runs in a few worlds at once, each with what it needs for itself. */
import { newTally, type Tally } from './tally.ts'
import { chainHolds } from './verdict.ts'
import { createWorld, type World } from './world.ts'
import type { Stores } from './stores.ts'

export interface Job {
  tally: Tally
  run: (world: World) => Promise<void>
}

/** After each job, for whoever wants to see how far it is. */
export type Progress = (text: string) => void

/** Works off the jobs in `atOnce` worlds; what a job throws is a finding. Ends with a check of each world's audit chain. */
export async function campaign(stores: Stores, jobs: Job[], atOnce: number, progress: Progress = () => {}): Promise<Tally> {
  const chains = newTally(`audit chains (${stores.backend})`)
  const waiting = [...jobs]
  async function work(): Promise<void> {
    const world = await createWorld(stores)
    try {
      for (let job = waiting.shift(); job; job = waiting.shift()) {
        const { tally, run } = job
        await run(world).catch((error: unknown) =>
          tally.violations.push({ kind: 'harness', what: (error as Error).stack ?? String(error) }),
        )
        progress(`${jobs.length - waiting.length} of ${jobs.length}`)
      }
      if (world.nodes.length === 0) await world.start()
      chains.violations.push(...(await chainHolds(world)))
      chains.runs++
    } finally {
      await world.close()
    }
  }
  await Promise.all(Array.from({ length: Math.min(atOnce, jobs.length) }, work))
  return chains
}
