/** Which requests are the same: the idempotency key of a request, and the hashes that compare requests (docs/architecture.md#idempotency). */
import { createHash } from 'node:crypto'
import { isIdempotencyKey } from '../../model/patterns.ts'
import { Problem } from '../../model/problems.ts'
import { toTargetFields, type NormalizedTarget } from '../../model/target.ts'
import type { Mode, TransferRequest } from '../../model/transfer.ts'

/** JSON with sorted keys, so that equal values give equal text. */
function canonicalJson(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(canonicalJson).join(',')}]`
  if (value === null || typeof value !== 'object') return JSON.stringify(value)
  return `{${Object.entries(value)
    .filter(([, property]) => property !== undefined)
    .toSorted(([a], [b]) => (a < b ? -1 : 1))
    .map(([name, property]) => `${JSON.stringify(name)}:${canonicalJson(property)}`)
    .join(',')}}`
}
const hash = (value: unknown): string => createHash('sha256').update(canonicalJson(value)).digest('hex')

/**
 * The key of a request, from the Idempotency-Key header or the `idempotencyKey` field.
 * @throws Problem INVALID_REQUEST if the header's key is malformed, or the two keys differ
 */
export function readIdempotencyKey(header: string | undefined, field: string | undefined): string | undefined {
  if (header !== undefined && !isIdempotencyKey(header))
    throw new Problem('INVALID_REQUEST', 'Idempotency-Key must be 1 to 255 visible ASCII characters.', { field: 'Idempotency-Key' })
  if (header !== undefined && field !== undefined && header !== field)
    throw new Problem('INVALID_REQUEST', 'idempotencyKey and the Idempotency-Key header differ.', { field: 'idempotencyKey' })
  return header ?? field
}

/** Hash of everything that a request asks for: the same key with another fingerprint is another request. */
export const fingerprintOf = (request: Omit<TransferRequest, 'idempotencyKey'>): string =>
  hash({ ...request, conversationId: request.conversationId.toLowerCase() })

/** Hash of conversation, target and mode: a request without a key is taken for a repeat of an open transfer with the same identity. */
export const identityOf = (conversationId: string, target: NormalizedTarget, mode: Mode): string =>
  hash({ conversationId, place: toTargetFields(target), mode })
