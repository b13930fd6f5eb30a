/** Refuses to continue an audit trail with a key that does not fit it: such a trail could no longer be verified as a whole. */
import { InvalidSetting } from '../environment/invalid-setting.ts'
import type { Ledger, LedgerOptions } from './contract/ledger.ts'
import { openLedger } from './open.ts'

const unknownKey =
  'is not the key that the audit trail in DATABASE_URL was written with. Set that key again (it is in a copy of .env, or in the secret store). To change the key, set AUDIT_KEY_PREVIOUS to that key and AUDIT_KEY to the new one (docs/rotation.md#audit_key). Or leave this ledger as it is and name a new one in DATABASE_URL'

/** @param nodes how many other nodes run */
const keyInUse = (nodes: number): string =>
  `cannot be changed yet: ${nodes === 1 ? 'a process' : `${nodes} processes`} of this machine may still write this ledger with the key in AUDIT_KEY_PREVIOUS. Stop it first; one that was killed counts as stopped after 10 s`

/**
 * Opens the ledger as `openLedger` does. If AUDIT_KEY is new, its first entry in the audit trail says so.
 * @throws InvalidSetting if AUDIT_KEY does not fit the ledger's audit trail, or if another process still writes the same chain with the key
 *   before it; else as `openLedger`
 */
export async function openLedgerForWriting(url: string, options: LedgerOptions): Promise<Ledger> {
  const ledger = await openLedger(url, options)
  try {
    const match = await ledger.matchAuditKey()
    if (match === 'unknown') throw new InvalidSetting('AUDIT_KEY', unknownKey)
    if (match === 'previous') {
      const others = ledger.sharesAuditChain ? await ledger.findOtherNodes() : []
      if (others.length > 0) throw new InvalidSetting('AUDIT_KEY', keyInUse(others.length))
      await ledger.recordKeyChange()
    }
    return ledger
  } catch (error) {
    await ledger.close()
    throw error
  }
}
