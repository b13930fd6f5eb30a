/** One run at one crash point: a node dies there, or loses a write of its ledger; another node goes on; then all invariants are checked. */
import { setTimeout } from 'node:timers/promises'
import { createPlatformClient } from '../../support/platform-client.ts'
import { postTransferUntilFinal } from '../harness/caller.ts'
import { addCount, recordDuration, violation, type CampaignResult } from '../harness/campaign-result.ts'
import type { Call, Cluster } from '../harness/cluster.ts'
import type { NodeProcess } from '../harness/node-process.ts'
import { checkRun } from '../invariants/check-run.ts'
import { addLateCommands } from '../invariants/moves.ts'
import { findTransfers, waitUntilFinished } from '../invariants/read-cluster.ts'
import { callbackOperation, transferOperation, type CrashPoint } from '../points/crash-point.ts'
import { changeCall, checkPriority } from './change-call.ts'
import { reachPoint, reachTimeoutMs, setFaults, waitForFirstHop } from './reach-point.ts'

const outputLinesInReport = 5

/** Sends the dead node's command again, as if the platform executed it only now. @throws Error when the node had sent none */
async function executeLate(
  { control, simulator }: Cluster,
  { conversationId, queueId, overflowQueueId = queueId, isCallback }: Call,
): Promise<void> {
  const name = isCallback ? callbackOperation : transferOperation
  const command = control.requests().log.findLast(({ operation, path }) => operation === name && path.includes(conversationId))
  if (!command) throw new Error('the node sent no command')
  await createPlatformClient(simulator.url).sendCommand(command.path.replace(/^\/api\/v2/, ''), {
    queueId: overflowQueueId,
    ...(isCallback && { callbackNumbers: ['+13175550100'] }),
  })
}

/** Takes over the unknown outcome with a new node, and executes the dead node's command after the new node has read the conversation. */
async function executeLateDuringTakeover(cluster: Cluster, call: Call): Promise<void> {
  const point = 'successor: conversation read'
  const { node: successor, whenListening } = cluster.spawn({ name: point, action: 'hold' })
  const hasRead = successor.whenReached(point)
  cluster.nodes.push(await whenListening)
  await hasRead
  await executeLate(cluster, call)
  successor.release()
}

/** Moves the call as the caller's flow does after a decision. */
async function followDecision(cluster: Cluster, { conversationId, queueId }: Call): Promise<void> {
  for (const end = Date.now() + reachTimeoutMs; Date.now() < end; await setTimeout(20)) {
    const isDecided = (await findTransfers(cluster, conversationId)).some(({ state }) => state === 'decided')
    if (isDecided) return cluster.control.transferByFlow(conversationId, { queueId })
  }
}

/** Waits for the death of the first node, then starts one that takes over. Returns whether the second node reached the point. */
async function reachPointOnSuccessor(cluster: Cluster, node: NodeProcess, point: CrashPoint, call: Call): Promise<boolean> {
  await node.died
  const { node: successor, whenListening } = cluster.spawn({ name: point.name, action: point.action })
  const reached = reachPoint(cluster, successor, point, call)
  void whenListening.then(
    (listening) => cluster.nodes.push(listening),
    () => {},
  )
  if (await reached) return true
  successor.signal('SIGKILL')
  await successor.died
  return false
}

async function armNode(node: NodeProcess, point: CrashPoint): Promise<void> {
  if (point.onSuccessor) await node.arm('executing committed', 'kill')
  else if (point.port === 'ledger' || point.port === 'platform') await node.arm(point.name, point.action)
}

/** Runs a point once, in a cluster with at most one node, and leaves one node behind. */
export async function runKillPoint(cluster: Cluster, point: CrashPoint, result: CampaignResult): Promise<void> {
  const node = cluster.nodes[0] ?? (await cluster.startNode())
  const { requestFields = {}, noAgentAnswers = false, onLaterHop = false, isChanged = false, isCallback = false } = point
  const call = cluster.addCall({ noAgentAnswers, movesOn: onLaterHop, waits: isChanged, isCallback })
  const isLater = onLaterHop || isChanged
  setFaults(cluster, isLater ? {} : point)
  if (!isLater) await armNode(node, point)

  const responsesPromise = postTransferUntilFinal(cluster, call, { requestFields })
  if (isLater) {
    await waitForFirstHop(cluster, call)
    setFaults(cluster, point)
    await armNode(node, point)
  }
  const changing = isChanged ? changeCall(cluster, call) : undefined
  const decisionFollowed = requestFields.mode === 'decide' ? followDecision(cluster, call) : undefined
  const isReached = await (point.onSuccessor ? reachPointOnSuccessor : reachPoint)(cluster, node, point, call)
  const reachedAt = Date.now()
  if (!isReached) {
    result.unreached++
    for (const alive of cluster.nodes) alive.disarm()
  }
  if (point.platformActsLate) await executeLateDuringTakeover(cluster, call)
  if (cluster.nodes.length === 0) await cluster.startNode()
  await decisionFollowed
  const responses = await responsesPromise
  const changeViolations = (await changing) ?? []
  await waitUntilFinished(cluster, call.conversationId)
  const durationMs = Date.now() - reachedAt

  const violations = await checkRun(cluster, { call, requestFields, responses, expected: point })
  if (isChanged) violations.push(...changeViolations, ...(await checkPriority(cluster, call)))
  if (violations.length > 0)
    for (const alive of cluster.nodes)
      violations.push(violation('harness', `last output: ${alive.recentOutput().slice(-outputLinesInReport).join(' | ')}`))
  if (isReached) result.runs++
  recordDuration(result, durationMs)
  result.violations.push(...violations)
  addLateCommands(result, cluster, call)
  const transfers = await findTransfers(cluster, call.conversationId)
  addCount(result, 'runs that ended indeterminate', transfers.filter(({ state }) => state === 'indeterminate').length)
  if (point.finalState === 'timeout') cluster.control.hangUp(call.conversationId)
}
