/** Which parts of a transfer and of a webhook are personal data, and what replaces them (GDPR art. 17; docs/reliability.md#personal-data). */
import type { PersonalDataEraser } from '../ledger/contract/erasure.ts'
import type { Target } from '../model/target.ts'
import type { TransferRecord } from '../model/transfer.ts'

/** Replaces a phone number. */
const erased = 'erased'
const eraseAddress = (target: Target): Target => (target.type === 'number' ? { ...target, address: erased } : target)
/** Paths contain phone numbers as keyed hashes, which still show which transfers went to the same number. */
const eraseNumberHashes = (text: string): string => text.replaceAll(/number:[0-9a-f]{16,}/g, `number:${erased}`)

export const erasure: PersonalDataEraser = {
  eraseRecord: (record) => {
    const { target, fallback, resolvedTarget } = record
    const kept: TransferRecord = {
      ...record,
      target: eraseAddress(target),
      fallback: fallback.map(eraseAddress),
      resolvedTarget: resolvedTarget && { ...resolvedTarget, address: resolvedTarget.address === null ? null : erased },
      context: {},
    }
    return JSON.parse(eraseNumberHashes(JSON.stringify(kept))) as TransferRecord
  },
  eraseBody: eraseNumberHashes,
}
