/** Refuses to continue an audit trail with another AUDIT_KEY: such a trail could no longer be verified as a whole. */
import { InvalidSetting } from '../environment/invalid-setting.ts'
import type { Ledger, LedgerOptions } from './contract/ledger.ts'
import { openLedger } from './open.ts'

const reason =
  'is not the key that the audit trail in DATABASE_URL was written with. Set that key again (it is in a copy of .env, or in the secret store), or leave this ledger as it is and name a new one in DATABASE_URL'

/**
 * Opens the ledger as `openLedger` does.
 * @throws InvalidSetting if AUDIT_KEY does not fit the ledger's audit trail; else as `openLedger`
 */
export async function openLedgerForWriting(url: string, options: LedgerOptions): Promise<Ledger> {
  const ledger = await openLedger(url, options)
  try {
    if (!(await ledger.fitsAuditKey())) throw new InvalidSetting('AUDIT_KEY', reason)
    return ledger
  } catch (error) {
    await ledger.close()
    throw error
  }
}
