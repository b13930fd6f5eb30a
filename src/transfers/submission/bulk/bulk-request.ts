/** What a request for a bulk transfer must meet, and the request for a transfer that it makes for each of its calls. */
import { createHash } from 'node:crypto'
import { isDeepStrictEqual } from 'node:util'
import { queuesOf, requireAllowedTargets } from '../../../auth/restriction.ts'
import type { BulkCallRecord, BulkTransferRecord, BulkTransferRequest } from '../../../model/bulk-transfer.ts'
import { Problem } from '../../../model/problems.ts'
import { isQueuedTarget } from '../../../model/target.ts'
import type { Mode } from '../../../model/transfer.ts'
import type { Requester } from '../../request/new-transfer.ts'
import { normalizeRequest, type NormalizedRequest } from '../../request/normalize-request.ts'
import { fieldOf } from '../../request/normalize-target.ts'
import type { Rules } from '../../stage-context.ts'

type Targets = Pick<BulkTransferRecord, 'target' | 'fallback' | 'queueIds'>
type Moved = Pick<BulkTransferRecord, 'id' | 'fromQueueId' | 'target' | 'fallback' | 'reason' | 'traceparent'>

/**
 * Checks a request that has passed its schema.
 * @returns its targets as a transfer would have them
 * @throws Problem INVALID_REQUEST that names the field, TARGET_NOT_ALLOWED
 */
export function checkBulkRequest(
  { fromQueueId, target, fallback = [], reason }: BulkTransferRequest,
  { queues }: Requester,
  rules: Pick<Rules, 'defaultQueueId' | 'fallbackQueueId'>,
): Targets {
  const from = fromQueueId.toLowerCase()
  // The conversation does not matter for the check of the targets.
  const normalized = normalizeRequest({ conversationId: from, target, fallback, reason }, { traceparent: '' }, rules)
  for (const [index, candidate] of normalized.targets.entries()) {
    const field = fieldOf(index)
    if (candidate.type === 'callback') throw new Problem('INVALID_REQUEST', `${field}: a callback does not move the call.`, { field })
    if (isQueuedTarget(candidate) && candidate.queueId === from)
      throw new Problem('INVALID_REQUEST', `${field}: the calls wait in this queue already.`, { field })
  }
  requireAllowedTargets(queues, normalized.targets)
  if (queues !== null && !queues.includes(from))
    throw new Problem('TARGET_NOT_ALLOWED', `This key is limited to queues, and may not move the calls of queue ${from}.`)
  return { target: normalized.target, fallback: normalized.fallback, queueIds: queuesOf(normalized.targets) }
}

/**
 * The id of the bulk transfer that a caller requests with an idempotency key. It is always the same, so a repeat of the request finds it.
 * @returns a UUID
 */
export function idForKey(caller: string, key: string): string {
  const digits = createHash('sha256')
    .update(JSON.stringify(['bulk', caller, key]))
    .digest('hex')
  return `${digits.slice(0, 8)}-${digits.slice(8, 12)}-8${digits.slice(13, 16)}-8${digits.slice(17, 20)}-${digits.slice(20, 32)}`
}

type Meaning = Pick<BulkTransferRecord, 'fromQueueId' | 'target' | 'fallback' | 'limit' | 'reason'>
const meaningOf = ({ fromQueueId, target, fallback, limit, reason }: Meaning): Meaning => ({ fromQueueId, target, fallback, limit, reason })

/** @throws Problem IDEMPOTENCY_KEY_REUSED if the request that made the stored bulk transfer asked for something else */
export function requireSameRequest(stored: Meaning, requested: Meaning): void {
  // What is undefined in a request is not in the stored JSON.
  const asStored: unknown = JSON.parse(JSON.stringify(meaningOf(requested)))
  if (!isDeepStrictEqual(meaningOf(stored), asStored))
    throw new Problem('IDEMPOTENCY_KEY_REUSED', 'This idempotency key was used for another request.')
}

/**
 * The request for the transfer of one call. The same call of the same bulk transfer always has the same key, so it is moved once however often
 * it is requested. Only after a refusal that is known to have done nothing does the next try have another key.
 */
export function requestForCall(
  { id, fromQueueId, target, fallback, reason, traceparent }: Moved,
  { conversationId, priority, attempt }: Pick<BulkCallRecord, 'conversationId' | 'priority' | 'attempt'>,
  mode: Mode,
  rules: Pick<Rules, 'defaultQueueId' | 'fallbackQueueId'>,
): NormalizedRequest {
  const key = `bulk:${id}:${conversationId}${attempt === 0 ? '' : `:${attempt}`}`
  const request = { conversationId, target, fallback, priority, reason, mode }
  return { ...normalizeRequest(request, { traceparent, ...(mode !== 'dryRun' && { key }) }, rules), bulk: { id, fromQueueId } }
}
