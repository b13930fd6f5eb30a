/** One run with many identical requests at the same moment on two nodes: one transfer, one command, one response. */
import { postTransfer, postTransferUntilFinal, type CallerResponse } from '../harness/caller.ts'
import { addCount, violation, type CampaignResult } from '../harness/campaign-result.ts'
import type { Cluster } from '../harness/cluster.ts'
import { checkRun } from '../invariants/check-run.ts'
import { countLateCommands } from '../invariants/moves.ts'

/** Every request must get the transfer, hear that its key is in use, or be refused by a busy node with a retryable 503. */
const isAllowed = ({ status, code, retryable }: CallerResponse): boolean =>
  status === 202 || (status === 409 && code === 'IDEMPOTENCY_KEY_IN_USE') || (status === 503 && retryable)

/** Sends `requestCount` requests with one key, alternating between the two nodes of the cluster. */
export async function runSameKey(cluster: Cluster, requestCount: number, result: CampaignResult): Promise<void> {
  while (cluster.nodes.length < 2) await cluster.startNode()
  const call = cluster.addCall()
  const attempts = await Promise.all(
    Array.from({ length: requestCount }, (_, index) => postTransfer(String(cluster.nodes[index % 2]?.url), call)),
  )
  const responses = attempts.filter((response) => response !== undefined)
  addCount(result, 'requests that were given up before a response came', attempts.length - responses.length)
  for (const response of responses) {
    const { status, code } = response
    if (!isAllowed(response))
      result.violations.push(violation('response', `one of ${requestCount} requests with one key was answered ${status} ${code}`))
    addCount(result, `responses ${status}${code ? ` ${code}` : ''}`)
  }
  const finalResponses = await postTransferUntilFinal(cluster, call)
  result.violations.push(
    ...(await checkRun(cluster, {
      call,
      responses: [...responses.filter(({ status }) => status === 202), ...finalResponses],
      expected: { finalState: 'picked_up', moves: 1 },
    })),
  )
  const lateCommands = countLateCommands(cluster, call)
  if (lateCommands > 0) result.violations.push(violation('duplicate', `${call.conversationId}: ${lateCommands} commands too many`))
  result.runs++
}
