/** One run with a zombie: a node is stopped in the middle of its work, another takes over and finishes, and the first wakes up and goes on. */
import { setTimeout } from 'node:timers/promises'
import { postTransferUntilFinal } from '../harness/caller.ts'
import { recordDuration, violation, type CampaignResult } from '../harness/campaign-result.ts'
import type { Cluster } from '../harness/cluster.ts'
import { checkRun } from '../invariants/check-run.ts'
import { addLateCommands } from '../invariants/moves.ts'
import { waitUntilFinished } from '../invariants/read-cluster.ts'
import type { CrashPoint } from '../points/crash-point.ts'
import { changeCall, checkPriority, countRoutingCommands } from './change-call.ts'
import { pickRandomDelayMs, hasReached, setFaults, waitForFirstHop } from './reach-point.ts'

/** Some work may be done by either node, so a point may need several attempts until the armed node does it. */
const attemptLimit = 8
/** A stopped node does not answer; the caller asks another one after this time. */
const nodeTimeoutMs = 1_500

/** Runs a point once in a cluster with two nodes, and leaves both there. Returns whether the first node was stopped at the point. */
async function tryPoint(cluster: Cluster, point: CrashPoint, result: CampaignResult): Promise<boolean> {
  while (cluster.nodes.length < 2) await cluster.startNode()
  // The invariants are read from the last node, so the first one is stopped.
  const [zombie] = cluster.nodes
  if (!zombie) throw new Error('the cluster has no node')
  const { requestFields = {}, onLaterHop = false, isChanged = false, isCallback = false } = point
  const call = cluster.addCall({ movesOn: onLaterHop, waits: isChanged, isCallback })
  const isLater = onLaterHop || isChanged
  setFaults(cluster, isLater ? {} : point)

  const arm = async (): Promise<void> => {
    if (point.port !== 'random') await zombie.arm(point.name, 'stop')
  }
  if (!isLater) await arm()
  const reached = hasReached(zombie, point.name)
  const responsesPromise = postTransferUntilFinal(cluster, call, { requestFields, firstNode: zombie, nodeTimeoutMs })
  if (isLater) {
    await waitForFirstHop(cluster, call)
    setFaults(cluster, point)
    await arm()
  }
  const changing = isChanged ? changeCall(cluster, call, { firstNode: zombie, nodeTimeoutMs }) : undefined
  if (point.port === 'random') await setTimeout(pickRandomDelayMs(point)).then(() => zombie.signal('SIGSTOP'))
  const finishing = responsesPromise.then(async (responses) => {
    const changeViolations = (await changing) ?? []
    await waitUntilFinished(cluster, call.conversationId)
    const found = await checkRun(cluster, { call, requestFields, responses, expected: point })
    return { finishedAt: Date.now(), found: [...found, ...changeViolations] }
  })
  // The other node may have done the work of this point, for example sent the webhook. Then this attempt proves nothing.
  const isStopped = point.port === 'random' || (await Promise.race([reached, finishing.then(() => false)]))
  const stoppedAt = Date.now()
  const { finishedAt, found } = await finishing
  if (isStopped) recordDuration(result, finishedAt - stoppedAt)
  result.violations.push(...found)

  const routingCommands = countRoutingCommands(cluster, call)
  zombie.signal('SIGCONT')
  zombie.disarm()
  // Once this node has finished another transfer, it has also done whatever it would still do for the first one.
  const nextCall = cluster.addCall()
  const nextResponses = await postTransferUntilFinal({ nodes: [zombie] }, nextCall)
  result.violations.push(
    ...(await checkRun(cluster, { call: nextCall, responses: nextResponses, expected: { finalState: 'picked_up', moves: 1 } })),
    ...(await checkRun(cluster, { call, requestFields, responses: await responsesPromise, expected: point })),
  )
  if (isChanged) result.violations.push(...(await checkPriority(cluster, call)))
  // What the zombie would still put on the call is older than what is on it.
  if (countRoutingCommands(cluster, call) > routingCommands && point.port !== 'random')
    result.violations.push(violation('duplicate', `${call.conversationId} was sent routing by the node that had been stopped`))
  addLateCommands(result, cluster, call)
  return isStopped
}

/** Runs a point until the armed node is stopped there, a few times at most. */
export async function runZombie(cluster: Cluster, point: CrashPoint, result: CampaignResult): Promise<void> {
  for (let attempt = 1; attempt <= attemptLimit; attempt++) {
    if (!(await tryPoint(cluster, point, result))) continue
    result.runs++
    return
  }
  result.unreached++
}
