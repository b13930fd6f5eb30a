/**
 * What an API key that is limited to queues may do and see (docs/architecture.md#callers). It may send calls to its queues only. It may see,
 * join and act on a transfer only if it requested the transfer, or could have. Of the places where a call was, it is shown its queues only.
 */
import type { ApiKey, LimitedKey } from '../ledger/contract/api-keys.ts'
import { Problem } from '../model/problems.ts'
import { isQueuedTarget, parseStoredTarget, type NormalizedTarget } from '../model/target.ts'
import type { BulkTransferRecord } from '../model/bulk-transfer.ts'
import type { TransferRecord } from '../model/transfer.ts'

/** Stands for a target without a queue. No key is limited to it. */
const noQueue = ''
/** The queue of a target. A callback waits in its queue, although the call does not. */
const queueOf = (target: NormalizedTarget): string => (isQueuedTarget(target) || target.type === 'callback' ? target.queueId : noQueue)
/** Whether a request has someone else than the caller called back, or may have. Such a target counts as a number, which belongs to no queue. */
const namesNumber = (target: NormalizedTarget): boolean => target.type === 'callback' && target.callbackNumber !== undefined

/** The queues of a request's targets, as its record keeps them: the target's, then those of its fallbacks. */
export const queuesOf = (targets: readonly NormalizedTarget[]): string[] => [
  ...new Set(targets.map((target) => (namesNumber(target) ? noQueue : queueOf(target)))),
]

/**
 * Whether a key may send a call to this target. An agent or a number belongs to no queue, so a limited key may not use it.
 * @param queues those that the key is limited to; null: it is not limited
 */
export const canTransferTo = (queues: readonly string[] | null, target: NormalizedTarget): boolean =>
  queues === null || queues.includes(queueOf(target))

/**
 * Refuses a request that names a target which its key may not use, even as a fallback that is not needed: what a key may request must not
 * depend on who is available. Call it before any other check, because another refusal could reveal transfers of other keys.
 * @param queues those that the key is limited to; null: it is not limited
 * @throws Problem TARGET_NOT_ALLOWED
 */
export function requireAllowedTargets(queues: readonly string[] | null, targets: readonly NormalizedTarget[]): void {
  if (queues === null) return
  if (targets.some(namesNumber))
    throw new Problem('TARGET_NOT_ALLOWED', 'This key is limited to queues, and may not name a number to call back.')
  const refused = targets.find((target) => !canTransferTo(queues, target))
  if (!refused) return
  const { type } = refused
  const name = queueOf(refused) === noQueue ? `${type === 'agent' ? 'an' : 'a'} ${type}` : `queue ${queueOf(refused)}`
  throw new Problem('TARGET_NOT_ALLOWED', `This key is limited to queues, and may not transfer to ${name}.`)
}

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

/**
 * Whether a key may see a bulk transfer: it requested it, or could have. ledger/tables/bulk/visible-bulk-transfers.ts says the same in SQL, and a
 * test compares the two.
 */
export const canSeeBulk = (
  { id, queues }: Pick<ApiKey, 'id' | 'queues'>,
  { requestedBy, fromQueueId, queueIds }: Pick<BulkTransferRecord, 'requestedBy' | 'fromQueueId' | 'queueIds'>,
): boolean => queues === null || requestedBy === id || [fromQueueId, ...queueIds].every((queueId) => queues.includes(queueId))

/**
 * The key of a caller who changes a transfer and is then told about it. A key without `transfers:read` is told only about what it requested,
 * so for such a key the transfers of other keys do not exist.
 */
export const limitedToReadable = ({ id, queues, scopes }: Pick<ApiKey, 'id' | 'queues' | 'scopes'>): Pick<ApiKey, 'id' | 'queues'> => ({
  id,
  queues: scopes.includes('transfers:read') ? queues : [],
})

/** The filter by which a list or a summary contains only what the key may see; empty for a key without a restriction. */
export const visibleTo = ({ id, queues }: Pick<ApiKey, 'id' | 'queues'>): { visibleTo?: LimitedKey } =>
  queues === null ? {} : { visibleTo: { id, queues } }

/** What a limited key reads instead of a place that it may not see. */
const hiddenPlace = 'elsewhere'
/** An entry of a transfer path (transfers/loop-guard.ts) in any text. The queue of a skill follows its `@`. */
const placePattern = /\b(?:agent|callback|number|queue|skill):(?:[\w+-]*@)?([\w-]*)/g

/**
 * Replaces every place that is none of a limited key's queues by `elsewhere`. Paths, messages and audit entries name every place where a
 * call was, whichever key sent it there.
 * @param text a message, or a whole response as JSON
 */
export const hideOtherPlaces = (text: string, { queues }: Pick<ApiKey, 'queues'>): string =>
  queues === null ? text : text.replaceAll(placePattern, (place, id: string) => (queues.includes(id) ? place : hiddenPlace))
