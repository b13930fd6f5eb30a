/** What a caller's change of the routing of a waiting call makes of its transfer, and when it is refused (docs/architecture.md#changes). */
import { isDeepStrictEqual } from 'node:util'
import { Problem } from '../../model/problems.ts'
import { isQueuedTarget, type StoredTarget } from '../../model/target.ts'
import { resolvedTargetOf, type TransferRecord } from '../../model/transfer.ts'
import { distinctIds, normalizeIds } from '../request/normalize-target.ts'
import { annotate, type Annotation } from '../transition.ts'

/** A change in normal form: ids in lower case, skills as a sorted list. A field that is absent stays as it is. */
export type RoutingChange = Partial<Pick<StoredTarget, 'priority' | 'skillIds' | 'preferredUserIds'>>

/** Brings a change that has passed its schema into its normal form. */
export const normalizeChange = ({ priority, skillIds, preferredUserIds }: RoutingChange): RoutingChange => ({
  ...(priority !== undefined && { priority }),
  ...(skillIds && { skillIds: normalizeIds(skillIds) }),
  ...(preferredUserIds && { preferredUserIds: distinctIds(preferredUserIds) }),
})

/** @throws Problem STATE_CONFLICT if the call does not wait in a queue, as far as the ledger knows */
export function requireWaiting(record: TransferRecord): void {
  const { id, state } = record
  const createConflict = (detail: string): Problem => new Problem('STATE_CONFLICT', detail, { transferId: id })
  if (state !== 'initiated')
    throw createConflict(`Transfer ${id} is ${state}; only the routing of a call that waits (initiated) can be changed.`)
  const target = resolvedTargetOf(record)
  if (!isQueuedTarget(target))
    throw createConflict(`The call of transfer ${id} is at an ${target.type === 'agent' ? 'agent' : 'outside number'}, not in a queue.`)
}

/**
 * The change of a transfer whose call gets other skills, another priority or other preferred agents at its current hop. They are put on the
 * call like those of the request (pickup/apply-routing.ts).
 * @param keyId id of the caller's API key
 * @param now epoch ms
 * @returns undefined if nothing is to be done: the transfer wants the same already, and the platform has not refused it
 * @throws Problem STATE_CONFLICT
 */
export function changeRouting(record: TransferRecord, change: RoutingChange, keyId: string, now: number): Annotation | undefined {
  requireWaiting(record)
  const before = record.resolvedTarget as StoredTarget
  const resolvedTarget = { ...before, ...change }
  if (isDeepStrictEqual(resolvedTarget, before) && record.routing !== 'refused') return undefined
  const { priority, skillIds, preferredUserIds } = resolvedTarget
  return annotate(record, { resolvedTarget, routing: 'pending', hop: { ...record.hop, changedAt: now } }, 'change_requested', 'execution', {
    changedBy: keyId,
    priority,
    skillIds: skillIds.join(' '),
    preferredUserIds: preferredUserIds.join(' '),
  })
}
