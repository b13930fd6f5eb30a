/**
 * How a record changes when its call is about to move on to another hop, when the platform accepts that, and when the call stays after all
 * (docs/architecture.md#overflow).
 */
import { firstHop, hopInitiatedAt, isLaterHop } from '../../model/hop.ts'
import type { Snapshot } from '../../model/snapshot.ts'
import { isQueuedTarget, toStoredTarget, type ResolvedTarget } from '../../model/target.ts'
import { resolvedTargetOf, snapshotOf, type TransferRecord } from '../../model/transfer.ts'
import type { Patch } from '../patch.ts'
import type { Rules } from '../stage-context.ts'
import { isSameQueue } from './same-queue.ts'

/** After this many commands in a row that did not move the call on from its hop, the candidate of the last command is not tried again. */
const maxFailedMoves = 3

/** The place that a call is to move on to. */
export interface NextHop {
  resolvedTarget: ResolvedTarget
  /** The target as an entry of the transfer path. */
  place: string
  /** Position among the candidates, from 0. */
  candidateIndex: number
  /** From the platform's acceptance until the call moves on again if nobody picks up, ms; null: the call stays there. */
  overflowAfterMs: number | null
}

/**
 * Whether the next hop is the queue in which the call waits already, with other skills. Then no command is sent, because the platform refuses
 * to move a call to where it is (docs/genesys-cloud.md rule 6). The call keeps its position in the queue; only skills and priority change.
 */
export const staysInQueue = (record: Pick<TransferRecord, 'id' | 'resolvedTarget'>, next: ResolvedTarget): boolean =>
  isSameQueue(resolvedTargetOf(record), next)

/** Whether the current hop of a record needs no command, because the hop before it was in the same queue. */
export function needsNoCommand({ earlierHops, resolvedTarget, id }: TransferRecord): boolean {
  const last = earlierHops.at(-1)
  return last !== undefined && staysInQueue({ id, resolvedTarget: last.resolvedTarget }, resolvedTargetOf({ id, resolvedTarget }))
}

/**
 * Changes the record of a call that is about to move on to the next hop.
 * @param bounces how many offers were declined so far
 * @param snapshot the conversation before the call moves on
 * @param now epoch ms
 * @throws Error if the platform has not accepted the current hop
 */
export function beginHop(
  record: TransferRecord,
  next: NextHop,
  bounces: number,
  snapshot: Snapshot,
  now: number,
  { deadlineMs, writesLoopGuardAttributes }: Pick<Rules, 'deadlineMs' | 'writesLoopGuardAttributes'>,
): Patch {
  const { resolvedTarget, hop, routing, mirror } = record
  const initiatedAt = hopInitiatedAt(record)
  if (!resolvedTarget || initiatedAt === null) throw new Error(`transfer ${record.id} has no hop to move on from`)
  const stays = staysInQueue(record, next.resolvedTarget)
  return {
    resolvedTarget: toStoredTarget(next.resolvedTarget),
    transferPath: [...record.transferPath, next.place],
    // The queue joined the call before, so only compared with the earlier snapshot is it a newcomer.
    snapshot: stays ? snapshotOf(record) : snapshot,
    bounces,
    deadlineAt: now + deadlineMs,
    attempt: 0,
    routing: isQueuedTarget(next.resolvedTarget) ? 'pending' : 'done',
    mirror: writesLoopGuardAttributes ? 'pending' : 'done',
    hop: {
      ...firstHop,
      candidateIndex: next.candidateIndex,
      overflowAfterMs: next.overflowAfterMs,
      refusedCandidates: hop.refusedCandidates,
      earlierBounces: stays ? hop.earlierBounces : bounces,
    },
    earlierHops: [
      ...record.earlierHops,
      { hop, resolvedTarget, snapshot: snapshotOf(record), routing, mirror, initiatedAt, endedAt: null },
    ],
  }
}

/** What the platform's acceptance of the current hop adds to the record. @param now epoch ms */
export function acceptHop(record: TransferRecord, now: number): Patch {
  if (!isLaterHop(record)) return { initiatedAt: now, latencyMs: now - record.receivedAt }
  const { hop, earlierHops } = record
  return {
    hop: { ...hop, initiatedAt: now },
    earlierHops: earlierHops.map((earlier, index) => (index === earlierHops.length - 1 ? { ...earlier, endedAt: now } : earlier)),
  }
}

/**
 * Changes the record of a call that did not move on: its earlier hop becomes the current one again.
 * @param now epoch ms
 * @param isRefused whether another try would be refused too: then this candidate is not tried again
 * @throws Error for the first hop
 */
export function returnToEarlierHop(record: TransferRecord, now: number, isRefused = true): Patch & Pick<TransferRecord, 'hop'> {
  const last = record.earlierHops.at(-1)
  if (!last) throw new Error(`transfer ${record.id} has no earlier hop`)
  const { candidateIndex, refusedCandidates } = record.hop
  const failedMoves = last.hop.failedMoves + 1
  const isGivenUp = isRefused || failedMoves === maxFailedMoves
  return {
    resolvedTarget: last.resolvedTarget,
    transferPath: record.transferPath.slice(0, -1),
    snapshot: last.snapshot,
    routing: last.routing,
    // If they were written since, the attributes name the place to which the call did not move, and must be written again.
    mirror: hopInitiatedAt(record) !== null && record.mirror === 'done' && last.mirror === 'done' ? 'pending' : last.mirror,
    hop: {
      ...last.hop,
      triedAt: now,
      returnedAt: now,
      failedMoves: isGivenUp ? 0 : failedMoves,
      refusedCandidates: isGivenUp ? [...refusedCandidates, candidateIndex] : refusedCandidates,
    },
    earlierHops: record.earlierHops.slice(0, -1),
    code: null,
    message: null,
  }
}
