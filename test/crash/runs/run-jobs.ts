/** Performs many runs in a few clusters side by side, and checks the audit chains of each cluster at the end. */
import { checkAuditChains } from '../invariants/audit-trail.ts'
import { createResult, harnessViolation, type CampaignResult } from '../harness/campaign-result.ts'
import { createCluster, type Cluster } from '../harness/cluster.ts'
import type { LedgerStorage } from '../harness/ledger-storage.ts'

export interface Job {
  result: CampaignResult
  run: (cluster: Cluster) => Promise<void>
}

/** Called after each job, for a progress display. */
export type OnProgress = (text: string) => void

/**
 * Runs the jobs in `clusterCount` clusters. An error of a job is recorded as a violation of its result.
 * @returns the result of the audit chains
 */
export async function runJobs(
  storage: LedgerStorage,
  jobs: readonly Job[],
  clusterCount: number,
  onProgress: OnProgress = () => {},
): Promise<CampaignResult> {
  const chainsResult = createResult(`audit chains (${storage.backend})`)
  const remainingJobs = [...jobs]
  async function work(): Promise<void> {
    const cluster = await createCluster(storage)
    try {
      for (let job = remainingJobs.shift(); job; job = remainingJobs.shift()) {
        const { result, run } = job
        await run(cluster).catch((error: unknown) => result.violations.push(harnessViolation(error)))
        onProgress(`${jobs.length - remainingJobs.length} of ${jobs.length}`)
      }
      if (cluster.nodes.length === 0) await cluster.startNode()
      chainsResult.violations.push(...(await checkAuditChains(cluster.databaseUrl)))
      chainsResult.runs++
    } finally {
      await cluster.close()
    }
  }
  await Promise.all(Array.from({ length: Math.min(clusterCount, jobs.length) }, work))
  return chainsResult
}
