/** Commands that work on the ledger alone: no platform is needed for them. */
import { readEnvironment, type Environment } from '../environment.ts'
import type { Ledger } from '../ledger/ledger.ts'
import { openLedger } from '../ledger/open.ts'

type LedgerSettings = Pick<Environment, 'DATABASE_URL' | 'AUDIT_KEY'>

/** @throws InvalidSetting */
const ledgerSettings = (): LedgerSettings =>
  readEnvironment({
    GENESYS_CLIENT_ID: 'none',
    GENESYS_CLIENT_SECRET: 'none',
    LOOP_TOKEN_SECRET: 'x'.repeat(16),
    AUDIT_KEY: process.env['AUDIT_KEY'],
    DATABASE_URL: process.env['DATABASE_URL'],
  })

/** Opens the ledger that DATABASE_URL and AUDIT_KEY name, and closes it after the work. @throws InvalidSetting, StoreUnavailable, and what the work throws */
export async function withLedger<T>(work: (ledger: Ledger, settings: LedgerSettings) => Promise<T>): Promise<T> {
  const settings = ledgerSettings()
  const ledger = await openLedger(settings.DATABASE_URL, { auditKey: settings.AUDIT_KEY })
  try {
    return await work(ledger, settings)
  } finally {
    await ledger.close()
  }
}
