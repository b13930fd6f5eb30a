/** All faults at once: two nodes on one PostgreSQL serve many callers while nodes, database and platform connections fail. */
import { postTransferUntilFinal, type CallerResponse } from '../harness/caller.ts'
import { addCount, createResult, recordDuration, type CampaignResult } from '../harness/campaign-result.ts'
import { createCluster, type Call, type Cluster } from '../harness/cluster.ts'
import type { LedgerStorage } from '../harness/ledger-storage.ts'
import type { OnProgress } from './run-jobs.ts'
import { checkAuditChains } from '../invariants/audit-trail.ts'
import { checkRun } from '../invariants/check-run.ts'
import { addLateCommands } from '../invariants/moves.ts'
import { waitUntilFinished } from '../invariants/read-cluster.ts'
import { breakPlatformRequests, runChaos, startNodeUntilUp, type ChaosOptions } from './chaos.ts'

export interface SoakOptions extends ChaosOptions {
  transfers: number
  /** Callers at the same time. */
  callers: number
  /** The share of platform requests that break, 0 to 1. */
  brokenShare: number
  onProgress?: OnProgress
}

/** More platform requests than one transfer makes, with retries and polls. */
const requestsPerTransfer = 60
const callerTimeoutMs = 180_000
const settings = {
  LOG_LEVEL: 'error',
  CRASH_LEASE_MS: '5000',
  TRANSFER_DEADLINE_MS: '8000',
  PICKUP_POLL_INTERVAL_MS: '200',
  PICKUP_TIMEOUT_MS: '120000',
}

interface CallerRun {
  call: Call
  responses: CallerResponse[]
  durationMs: number
}

/** Requests all transfers with a fixed number of callers. Resolves when the last caller has a final response. */
async function requestTransfers(
  cluster: Cluster,
  { transfers, callers, onProgress }: SoakOptions,
  result: CampaignResult,
): Promise<CallerRun[]> {
  const runs: CallerRun[] = []
  let unsent = transfers
  async function caller(): Promise<void> {
    while (unsent-- > 0) {
      const call = cluster.addCall()
      const startedAt = Date.now()
      const responses = await postTransferUntilFinal(cluster, call, { totalTimeoutMs: callerTimeoutMs, respectsRetryAfter: true })
      runs.push({ call, responses, durationMs: Date.now() - startedAt })
      for (const { status, code } of responses) addCount(result, `responses ${status}${code ? ` ${code}` : ''}`)
      addLateCommands(result, cluster, call)
      onProgress?.(`answered ${runs.length} of ${transfers}`)
    }
  }
  await Promise.all(Array.from({ length: callers }, caller))
  return runs
}

async function checkRuns(cluster: Cluster, runs: readonly CallerRun[], result: CampaignResult, onProgress?: OnProgress): Promise<void> {
  const startedAt = Date.now()
  for (const { call, responses, durationMs } of runs) {
    await waitUntilFinished(cluster, call.conversationId)
    recordDuration(result, durationMs)
    result.violations.push(...(await checkRun(cluster, { call, responses, expected: { finalState: 'picked_up', moves: 1 } })))
    addCount(result, 'callers who were answered at the first try', responses.length === 1 ? 1 : 0)
    result.runs++
    onProgress?.(`checked ${result.runs} of ${runs.length}`)
  }
  addCount(result, 'ms until all were checked', Date.now() - startedAt)
}

/** Runs the soak, waits until every transfer is finished, and checks all invariants. */
export async function runSoak(storage: LedgerStorage, options: SoakOptions): Promise<CampaignResult> {
  const { transfers, brokenShare, onProgress } = options
  const result = createResult(`soak: ${transfers} transfers, two nodes (${storage.backend})`)
  const cluster = await createCluster(storage, settings)
  let isStopped = false
  try {
    await Promise.all([cluster.startNode(), cluster.startNode()])
    breakPlatformRequests(cluster, transfers * requestsPerTransfer, brokenShare)
    const chaos = runChaos(cluster, storage, options, result, () => isStopped)
    const runs = await requestTransfers(cluster, options, result)
    isStopped = true
    await chaos
    while (cluster.nodes.length < 2) await startNodeUntilUp(cluster, () => cluster.nodes.length >= 2)
    await checkRuns(cluster, runs, result, onProgress)
    result.violations.push(...(await checkAuditChains(cluster.databaseUrl)))
  } finally {
    isStopped = true
    await cluster.close()
  }
  return result
}
