/**
 * What it means that an API key is limited to queues. This is the one rule: such a key sends calls to its queues only, and it may see,
 * join and act on a transfer only if it requested the transfer, or could have (docs/architecture.md#callers).
 */
import type { ApiKey, LimitedKey } from '../ledger/contract/api-keys.ts'
import { isQueuedTarget, parseStoredTarget, type NormalizedTarget } from '../model/target.ts'
import type { TransferRecord } from '../model/transfer.ts'

/** Stands for a target that is no queue. No key names it. */
const noQueue = ''
const queueOf = (target: NormalizedTarget): string => (isQueuedTarget(target) ? target.queueId : noQueue)

/** The queues of a request's targets, as its record keeps them: the target's, then those of its fallbacks. */
export const queuesOf = (targets: readonly NormalizedTarget[]): string[] => [...new Set(targets.map(queueOf))]

/**
 * Whether a key may send a call to this target. An agent or a number belongs to no queue, so a limited key may not.
 * @param queues those that the key is limited to; null: it is not limited
 */
export const canTransferTo = (queues: readonly string[] | null, target: NormalizedTarget): boolean =>
  queues === null || queues.includes(queueOf(target))

/**
 * Whether a key may see a transfer, join it, or act on it: the key requested it, or it may send calls to every target that the request
 * named and to the one that was chosen. ledger/tables/visible-transfers.ts says the same in SQL, and a test compares the two.
 */
export const canSee = (
  { id, queues }: Pick<ApiKey, 'id' | 'queues'>,
  { requestedBy, queueIds, resolvedTarget }: Pick<TransferRecord, 'requestedBy' | 'queueIds' | 'resolvedTarget'>,
): boolean =>
  queues === null ||
  requestedBy === id ||
  (queueIds?.every((queueId) => queues.includes(queueId)) === true &&
    (resolvedTarget === null || canTransferTo(queues, parseStoredTarget(resolvedTarget))))

/** The filter by which a list or a summary contains only what the key may see; empty for a key without a restriction. */
export const visibleTo = ({ id, queues }: Pick<ApiKey, 'id' | 'queues'>): { visibleTo?: LimitedKey } =>
  queues === null ? {} : { visibleTo: { id, queues } }
