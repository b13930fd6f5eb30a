/** Everything that must hold after a run, whatever was killed in it. */
import type { AuditEntry } from '../../../src/ledger/contract/audit.ts'
import type { CallerResponse } from '../harness/caller.ts'
import type { Violation } from '../harness/campaign-result.ts'
import type { Call, Cluster } from '../harness/cluster.ts'
import type { ExpectedEnd, RequestFields } from '../points/crash-point.ts'
import { checkTransitions } from './audit-trail.ts'
import { checkCrmEvents } from './crm-events.ts'
import { checkMoves } from './moves.ts'
import { getFromCluster, waitUntilFinished } from './read-cluster.ts'
import { checkResponses } from './responses.ts'
import { checkSummary } from './summary.ts'

export interface FinishedRun {
  call: Call
  /** Fields of the request besides conversation and target. */
  requestFields?: RequestFields
  /** The responses that the caller got, oldest first. The caller relies on the last one. */
  responses: readonly CallerResponse[]
  expected: ExpectedEnd
}

/** Waits until the transfers of the call are finished, then checks all invariants. */
export async function checkRun(cluster: Cluster, { call, requestFields = {}, responses, expected }: FinishedRun): Promise<Violation[]> {
  const transfers = await waitUntilFinished(cluster, call.conversationId)
  const violations = [
    ...checkMoves(cluster, call, transfers, expected),
    ...(await checkResponses(cluster, call, requestFields, responses, transfers)),
    ...(await checkSummary(cluster, call, requestFields)),
  ]
  for (const transfer of transfers) {
    const { entries } = await getFromCluster<{ entries: AuditEntry[] }>(cluster, `/v1/transfers/${transfer.id}/audit`)
    violations.push(...checkTransitions(entries, transfer), ...(await checkCrmEvents(cluster, transfer, entries)))
  }
  return violations
}
