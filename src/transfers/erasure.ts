/**
 * Which parts of a transfer, a bulk transfer and a webhook are personal data, and what replaces them (GDPR art. 17; docs/reliability.md#personal-data).
 */
import type { PersonalDataEraser } from '../ledger/contract/erasure.ts'
import type { StoredTarget } from '../model/target.ts'
import type { Target } from '../model/target-schema.ts'
import type { TransferRecord } from '../model/transfer.ts'
import { withoutSummary } from './stages/crm-webhook.ts'

/** Replaces a phone number. */
const erased = 'erased'

function eraseAddress(target: Target): Target {
  if (target.type === 'number') return { ...target, address: erased }
  return target.type === 'callback' && target.callbackNumber !== undefined ? { ...target, callbackNumber: erased } : target
}
const eraseStoredAddress = (stored: StoredTarget): StoredTarget => ({ ...stored, address: stored.address === null ? null : erased })
/** Replaces the keyed hashes of phone numbers in paths: they would still show which transfers went to the same number. */
const eraseNumberHashes = (text: string): string => text.replaceAll(/number:[0-9a-f]{16,}/g, `number:${erased}`)

export const erasure: PersonalDataEraser = {
  eraseRecord: (record) => {
    const { target, fallback, resolvedTarget, earlierHops } = record
    const withoutNumbers: TransferRecord = {
      ...record,
      target: eraseAddress(target),
      fallback: fallback.map(eraseAddress),
      resolvedTarget: resolvedTarget && eraseStoredAddress(resolvedTarget),
      earlierHops: earlierHops.map((hop) => ({ ...hop, resolvedTarget: eraseStoredAddress(hop.resolvedTarget) })),
      context: {},
      summary: null,
      reason: null,
    }
    return JSON.parse(eraseNumberHashes(JSON.stringify(withoutNumbers))) as TransferRecord
  },
  eraseBulkTransfer: (record) => ({ ...record, target: eraseAddress(record.target), fallback: record.fallback.map(eraseAddress) }),
  eraseBody: (body) => eraseNumberHashes(withoutSummary(body)),
}
