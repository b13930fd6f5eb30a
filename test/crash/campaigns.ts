/** The campaigns of the crash test, each at any number of runs. */
import { createResult, type CampaignResult } from './harness/campaign-result.ts'
import type { Cluster } from './harness/cluster.ts'
import type { LedgerStorage } from './harness/ledger-storage.ts'
import { runJobs, type Job, type OnProgress } from './runs/run-jobs.ts'
import type { CrashPoint } from './points/crash-point.ts'
import { killPoints } from './points/kill-points.ts'
import { stopPoints } from './points/stop-points.ts'
import { uncertainWritePoints } from './points/uncertain-write-points.ts'
import { runBulk } from './runs/bulk-run.ts'
import { runKillPoint } from './runs/kill-run.ts'
import { runSameKey } from './runs/same-key-run.ts'
import { runSoak } from './runs/soak-run.ts'
import { runZombie } from './runs/zombie-run.ts'
import { runWebhookCampaign } from './webhooks/webhook-run.ts'

export interface CampaignOptions {
  /**
   * How often each point is run. Campaigns without points scale with it: each run is 4 keys, 40 transfers of the soak, one bulk transfer of
   * 200 calls, or 63 transfers with webhooks and one kill of their sender.
   */
  runs: number
  /** Clusters side by side; campaigns without points ignore it. */
  clusters: number
  /** Only points whose name matches; campaigns without points ignore it. */
  point?: RegExp
  onProgress?: OnProgress
  /** Called with the results before they are filled, so that they can be printed when the campaign is interrupted. */
  onStart?: (results: CampaignResult[]) => void
}

type RunPoint = (cluster: Cluster, point: CrashPoint, result: CampaignResult) => Promise<void>

const attemptLimit = 3
const keysPerRun = 4
const killsPerBulk = 3
const requestsPerKey = 100
const soakTransfersPerRun = 40
const webhookTransfersPerRun = 63

/** On a busy machine a node may come up too late for its point. Such a run proves nothing, so the point is tried again. */
async function runUntilReached(runPoint: RunPoint, cluster: Cluster, point: CrashPoint, result: CampaignResult): Promise<void> {
  const unreachedBefore = result.unreached
  for (let attempt = 1; ; attempt++) {
    await runPoint(cluster, point, result)
    if (result.unreached === unreachedBefore || attempt === attemptLimit) return
    result.unreached = unreachedBefore
  }
}

async function runPoints(
  storage: LedgerStorage,
  points: readonly CrashPoint[],
  runPoint: RunPoint,
  { runs, clusters, point: pattern = /./, onProgress, onStart }: CampaignOptions,
): Promise<CampaignResult[]> {
  const selected = points
    .filter(({ name }) => pattern.test(name))
    .map((point) => ({ point, result: createResult(`${point.name} (${storage.backend})`) }))
  const results = selected.map(({ result }) => result)
  // All points in turn, `runs` times, so that an interrupted campaign has covered each of them.
  const jobs = Array.from({ length: runs }, () =>
    selected.map(({ point, result }): Job => ({ result, run: (cluster) => runUntilReached(runPoint, cluster, point, result) })),
  ).flat()
  onStart?.(results)
  const chainsResult = await runJobs(storage, jobs, clusters, onProgress)
  return [...results, chainsResult]
}

/** A node that is stopped at a random moment may hold a lock on the SQLite file, so that no other node can work. */
const stopPointsFor = ({ backend }: LedgerStorage): readonly CrashPoint[] =>
  stopPoints.filter(({ port }) => backend !== 'sqlite' || port !== 'random')

export const campaigns = {
  kill: (storage: LedgerStorage, options: CampaignOptions) => runPoints(storage, killPoints, runKillPoint, options),
  doubt: (storage: LedgerStorage, options: CampaignOptions) => runPoints(storage, uncertainWritePoints, runKillPoint, options),
  zombie: (storage: LedgerStorage, options: CampaignOptions) => runPoints(storage, stopPointsFor(storage), runZombie, options),
  async keys(storage: LedgerStorage, { runs, onProgress }: CampaignOptions) {
    const result = createResult(`keys: ${requestsPerKey} requests at once each, two nodes (${storage.backend})`)
    const job: Job = { result, run: (cluster) => runSameKey(cluster, requestsPerKey, result) }
    const chainsResult = await runJobs(
      storage,
      Array.from({ length: runs * keysPerRun }, () => job),
      1,
      onProgress,
    )
    return [result, chainsResult]
  },
  soak: async (storage: LedgerStorage, { runs, onProgress }: CampaignOptions) => [
    await runSoak(storage, {
      transfers: runs * soakTransfersPerRun,
      callers: 40,
      killEveryMs: [2_000, 5_000],
      restartEveryMs: 10_000,
      brokenShare: 0.05,
      ...(onProgress && { onProgress }),
    }),
  ],
  async bulk(storage: LedgerStorage, { runs, onProgress }: CampaignOptions) {
    const options = { nodes: storage.backend === 'sqlite' ? 1 : 2, kills: killsPerBulk }
    const result = createResult(`bulk: 200 calls, ${killsPerBulk} kills (${storage.backend})`)
    const job: Job = { result, run: (cluster) => runBulk(cluster, options, result) }
    const chainsResult = await runJobs(
      storage,
      Array.from({ length: runs }, () => job),
      1,
      onProgress,
    )
    return [result, chainsResult]
  },
  webhooks: async (storage: LedgerStorage, { runs, onProgress }: CampaignOptions) => [
    await runWebhookCampaign(storage, { transfers: runs * webhookTransfersPerRun, kills: runs, ...(onProgress && { onProgress }) }),
  ],
} satisfies Record<string, (storage: LedgerStorage, options: CampaignOptions) => Promise<CampaignResult[]>>

export type CampaignName = keyof typeof campaigns
