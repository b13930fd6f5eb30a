/**
 * One bulk transfer of a queue with many calls, while the nodes that run it are killed: no call is moved twice, none is forgotten, the order is
 * kept, except for calls whose first command did nothing and whose deadline had passed when that was known.
 */
import { setTimeout } from 'node:timers/promises'
import type { BulkTransfer } from '../../../src/model/bulk-transfer.ts'
import { addCount, recordDuration, violation, type CampaignResult } from '../harness/campaign-result.ts'
import type { Cluster } from '../harness/cluster.ts'
import { requestNode } from '../harness/node-request.ts'
import { findTransfers, getFromCluster } from '../invariants/read-cluster.ts'

const callCount = 200
/** How long the whole bulk transfer may take, ms. */
const timeoutMs = 240_000
const pollMs = 20

export interface BulkRunOptions {
  /** How many nodes run at the same time. */
  nodes: number
  /** How often a node is killed, always the one that has run longest: it has the bulk transfer, or had it before. */
  kills: number
}

export async function runBulk(cluster: Cluster, { nodes, kills }: BulkRunOptions, result: CampaignResult): Promise<void> {
  while (cluster.nodes.length < nodes) await cluster.startNode()
  const { control } = cluster
  const fromQueueId = control.addQueue().id
  const queueId = control.addQueue().id
  const conversationIds = Array.from({ length: callCount }, () => control.addConversation({ in: { queueId: fromQueueId } }).conversationId)
  const isOurs = new Set(conversationIds)
  const listMoved = () => control.transfers().flatMap((transfer) => (isOurs.has(transfer.conversationId) ? transfer.conversationId : []))

  const body = { fromQueueId, target: { type: 'queue', queueId }, reason: 'crash' }
  const { status, body: bulk } = await requestNode<BulkTransfer>(String(cluster.nodes[0]?.url), 'POST', '/v1/bulk-transfers', { body })
  if (status !== 202) throw new Error(`the bulk transfer was answered ${status}`)

  const end = Date.now() + timeoutMs
  for (let kill = 1; kill <= kills; kill++) {
    // Spread over the whole bulk transfer, at any moment within a call.
    const killAfter = Math.floor((callCount * (kill - 0.5 + Math.random() * 0.5)) / (kills + 0.5))
    while (listMoved().length < killAfter && Date.now() < end) await setTimeout(Math.random() * pollMs)
    await setTimeout(Math.random() * pollMs)
    const [victim] = cluster.nodes
    victim?.signal('SIGKILL')
    await victim?.died
    addCount(result, 'nodes killed while calls were being moved', listMoved().length < callCount ? 1 : 0)
    await cluster.startNode()
  }
  const killedAt = Date.now()
  let ended: BulkTransfer
  do {
    await setTimeout(10 * pollMs)
    ended = await getFromCluster<BulkTransfer>(cluster, `/v1/bulk-transfers/${bulk.id}`)
  } while (ended.state !== 'done' && Date.now() < end)
  recordDuration(result, Date.now() - killedAt)
  const isLate = await findLate(cluster, ended)
  checkBulk(ended, { inOrder: conversationIds, moved: listMoved(), isLate }, result)
  result.runs++
}

/** The conversations of whose calls an earlier transfer sent a command: the calls behind them were not kept waiting. */
async function findLate(cluster: Cluster, { calls }: BulkTransfer): Promise<Set<string>> {
  const isLate = new Set<string>()
  for (const { conversationId, transferId } of calls) {
    const transfers = await findTransfers(cluster, conversationId)
    for (const { id } of transfers.filter((each) => each.id !== transferId)) {
      const { entries } = await getFromCluster<{ entries: Array<{ status: string }> }>(cluster, `/v1/transfers/${id}/audit`)
      if (entries.some(({ status }) => status === 'executing')) isLate.add(conversationId)
    }
  }
  return isLate
}

interface ObservedCalls {
  /** The conversations in the order in which their calls are to be moved. */
  inOrder: readonly string[]
  /** The conversations in the order in which the platform has moved their calls. */
  moved: readonly string[]
  isLate: ReadonlySet<string>
}

function checkBulk({ state, calls }: BulkTransfer, { inOrder, moved, isLate }: ObservedCalls, result: CampaignResult): void {
  const report = (kind: 'duplicate' | 'lost' | 'slow' | 'response', description: string) =>
    result.violations.push(violation(kind, description))
  if (state !== 'done') report('slow', `the bulk transfer is ${state}`)
  const distinct = new Set(moved)
  if (distinct.size < moved.length) report('duplicate', `${moved.length - distinct.size} calls were moved again`)
  const forgotten = inOrder.filter((id) => !distinct.has(id))
  if (forgotten.length > 0) report('lost', `${forgotten.length} calls were not moved: ${forgotten.join(', ')}`)
  const isInTime = (id: string): boolean => distinct.has(id) && !isLate.has(id)
  if (String([...distinct].filter(isInTime)) !== String(inOrder.filter(isInTime))) report('lost', 'the order of the calls was not kept')
  const wrong = calls.filter((call) => call.state !== 'moved')
  for (const call of wrong) report('response', `${call.conversationId} is ${call.state} (${call.code})`)
  if (calls.length !== inOrder.length) report('response', `the bulk transfer has ${calls.length} calls`)
  addCount(result, 'calls moved', distinct.size)
  addCount(result, 'calls that needed a second transfer', isLate.size)
}
