/** How a record changes when its call moves on to another hop, when the platform has accepted that, and when the call stays after all (docs/architecture.md#overflow). */
import { firstHop, hopInitiatedAt, isLaterHop } from '../../model/hop.ts'
import type { Snapshot } from '../../model/snapshot.ts'
import { isQueuedTarget, toStoredTarget, type ResolvedTarget } from '../../model/target.ts'
import { resolvedTargetOf, snapshotOf, type TransferRecord } from '../../model/transfer.ts'
import type { Patch } from '../patch.ts'
import type { Rules } from '../stage-context.ts'

/** After so many commands in a row that have not moved the call to a candidate, the candidate is not tried again. */
const maxFailedMoves = 3

/** The place that a call is to move on to. */
export interface NextHop {
  resolvedTarget: ResolvedTarget
  /** The target as an entry of the transfer path. */
  place: string
  /** Position among the candidates, from 0. */
  candidateIndex: number
  /** From the acceptance until the call moves on again, ms; null: it stays there. */
  overflowAfterMs: number | null
}

/**
 * Whether the next hop is the queue in which the call waits already, with other skills. The platform refuses to move a call to where it is
 * (docs/genesys-cloud.md rule 6), and the call keeps its place: only skills and priority change.
 */
export function staysInQueue(record: Pick<TransferRecord, 'id' | 'resolvedTarget'>, next: ResolvedTarget): boolean {
  const current = resolvedTargetOf(record)
  return isQueuedTarget(current) && isQueuedTarget(next) && current.queueId === next.queueId
}

/** Whether the current hop of a record needs no command, because the call was in that queue before. */
export function needsNoCommand({ earlierHops, resolvedTarget, id }: TransferRecord): boolean {
  const last = earlierHops.at(-1)
  return last !== undefined && staysInQueue({ id, resolvedTarget: last.resolvedTarget }, resolvedTargetOf({ id, resolvedTarget }))
}

/**
 * The record while the call is about to move on.
 * @param bounces offers that were declined so far
 * @param snapshot the conversation before that
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
    // The queue has joined before, so that only the earlier snapshot shows it as a newcomer.
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
 * The record as it goes on when the call has stayed at the hop before.
 * @param now epoch ms
 * @param isRefused whether the platform would not move the call there, however often it was asked: then that candidate is not tried again
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
    // The attributes name the place to which the call did not move.
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
