/** A campaign as a test: nothing of it may have been done twice or lost, and all of it must have been reached. */
import tap from 'tap'
import { storesOf, type Backend, type Stores } from './harness/stores.ts'
import { failed, printed, type Tally } from './harness/tally.ts'

/** Runs go one after the other and wait for leases; a machine that is busy needs its time, ms. */
const mostMs = 300_000

/** A test that runs a campaign on a backend, where that is to be had. */
export function proves(behaviour: string, backend: Backend, campaign: (stores: Stores) => Promise<Tally[]>): void {
  tap.setTimeout(2 * mostMs)
  tap.test(behaviour, { timeout: mostMs }, async (t) => {
    const stores = await storesOf(backend)
    if (typeof stores === 'string') return t.plan(0, stores)
    t.teardown(() => stores.close())
    const tallies = await campaign(stores)
    t.notOk(failed(tallies), `nothing was done twice, nothing was lost, every point was reached\n${printed(tallies)}`)
  })
}
