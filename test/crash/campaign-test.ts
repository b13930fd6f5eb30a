/** Runs a campaign as a test, which fails if an invariant was violated or a point was not reached. */
import tap from 'tap'
import { hasFailed, type CampaignResult } from './harness/campaign-result.ts'
import { openLedgerStorage, type Backend, type LedgerStorage } from './harness/ledger-storage.ts'
import { formatResults } from './harness/results-table.ts'

/** Long enough for a busy machine: runs follow each other and wait for leases. */
const timeoutMs = 400_000

/** Defines a test that runs a campaign on a backend. The test is skipped where the backend cannot run. */
export function testCampaign(behavior: string, backend: Backend, campaign: (storage: LedgerStorage) => Promise<CampaignResult[]>): void {
  tap.setTimeout(2 * timeoutMs)
  tap.test(behavior, { timeout: timeoutMs }, async (t) => {
    const storage = await openLedgerStorage(backend)
    if (typeof storage === 'string') return t.plan(0, storage)
    t.teardown(() => storage.close())
    const results = await campaign(storage)
    t.notOk(hasFailed(results), `nothing was done twice, nothing was lost, every point was reached\n${formatResults(results)}`)
  })
}
