/** Checks that the platform moved the call and created callbacks exactly as often as expected, and counts the commands that were sent after that. */
import type { Transfer } from '../../../src/model/transfer.ts'
import { addCount, violation, type CampaignResult, type Violation } from '../harness/campaign-result.ts'
import type { Call, Cluster } from '../harness/cluster.ts'
import { transferOperation, type ExpectedEnd } from '../points/crash-point.ts'
import { finalTimeoutMs, isFinished } from './read-cluster.ts'

/** @param transfers all transfers of the call's conversation */
export function checkMoves(cluster: Cluster, { conversationId }: Call, transfers: readonly Transfer[], expected: ExpectedEnd): Violation[] {
  const moves = cluster.control.transfers(conversationId).length
  const callbacks = cluster.control.callbacks(conversationId).length
  const expectedCallbacks = expected.callbacks ?? 0
  const summary = transfers.map(({ id, state, code }) => `${id} ${state}${code ? ` (${code})` : ''}`).join(', ') || 'none'
  const report = (kind: Violation['kind'], description: string): Violation[] => [
    violation(kind, `${conversationId} ${description}; transfers: ${summary}`),
  ]
  if (moves > Math.max(1, expected.moves)) return report('duplicate', `was moved ${moves} times`)
  if (moves > expected.moves) return report('duplicate', 'was moved although it must not be')

  if (callbacks > expectedCallbacks) return report('duplicate', `has ${callbacks} callbacks`)

  const transfer = transfers.find(({ state }) => state === expected.finalState) ?? transfers[0]
  if (!transfer || !transfers.every(isFinished)) return report('slow', `is not final after ${finalTimeoutMs} ms`)
  if (transfer.state === 'indeterminate') return []
  if (transfer.state !== expected.finalState || moves < expected.moves || callbacks < expectedCallbacks)
    return report('lost', `was moved ${moves} times, has ${callbacks} callbacks and must end as ${expected.finalState}`)
  const hasOthers = transfers.some((other) => other !== transfer && other.state !== 'rejected')
  return hasOthers ? report('audit', 'has more than one transfer that moved it') : []
}

/** Counts the commands that arrived after the last expected move. The platform refuses them, but they should not have been sent. */
export function countLateCommands({ control }: Cluster, { conversationId, overflowQueueId }: Call): number {
  const last = control.transfers(conversationId)[overflowQueueId === undefined ? 0 : 1]
  const commands = control.requests().log.filter(({ operation, path }) => operation === transferOperation && path.includes(conversationId))
  return last ? commands.filter(({ at }) => at > last.at).length : 0
}

/** Adds the late commands of a call to the counts of a result. */
export const addLateCommands = (result: CampaignResult, cluster: Cluster, call: Call): void =>
  addCount(result, 'commands that arrived after the platform had moved the call (it refused them)', countLateCommands(cluster, call))
