/** What is personal in what we keep of a conversation, and what is left when it is taken out (reliability §7: GDPR art. 17). */
import type { Erasure } from '../ledger/ledger.ts'
import type { Target, TransferRecord } from '../model/transfer.ts'

/** Stands where a number stood. */
const gone = 'erased'
const withoutAddress = (target: Target): Target => (target.type === 'number' ? { ...target, address: gone } : target)
/** Numbers stand on paths as keyed hashes, by which one caller could still be followed. */
const withoutNumberPlaces = (text: string): string => text.replaceAll(/number:[0-9a-f]{16,}/g, `number:${gone}`)

export const erasure: Erasure = {
  record: (record) => {
    const { target, fallback, resolvedTarget } = record
    const kept: TransferRecord = {
      ...record,
      target: withoutAddress(target),
      fallback: fallback.map(withoutAddress),
      resolvedTarget: resolvedTarget && { ...resolvedTarget, address: resolvedTarget.address === null ? null : gone },
      context: {},
    }
    return JSON.parse(withoutNumberPlaces(JSON.stringify(kept))) as TransferRecord
  },
  body: withoutNumberPlaces,
}
