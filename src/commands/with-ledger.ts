/** How a command opens and closes the ledger without the settings that only the service needs. */
import { readEnvironment, type Environment } from '../environment.ts'
import type { Ledger } from '../ledger/contract/ledger.ts'
import { openLedger } from '../ledger/open.ts'

type LedgerSettings = Pick<Environment, 'DATABASE_URL' | 'AUDIT_KEY'>

/** The settings of the ledger; the others get placeholders, since they are required. @throws InvalidSetting */
const readLedgerSettings = (): LedgerSettings =>
  readEnvironment({
    GENESYS_CLIENT_ID: 'none',
    GENESYS_CLIENT_SECRET: 'none',
    LOOP_TOKEN_SECRET: 'x'.repeat(16),
    AUDIT_KEY: process.env['AUDIT_KEY'],
    DATABASE_URL: process.env['DATABASE_URL'],
  })

/**
 * Opens the ledger that DATABASE_URL and AUDIT_KEY name, runs `work`, and closes the ledger.
 * @throws InvalidSetting, StoreUnavailable, and whatever `work` throws
 */
export async function withLedger<T>(work: (ledger: Ledger, settings: LedgerSettings) => Promise<T>): Promise<T> {
  const settings = readLedgerSettings()
  const ledger = await openLedger(settings.DATABASE_URL, { auditKey: settings.AUDIT_KEY })
  try {
    return await work(ledger, settings)
  } finally {
    await ledger.close()
  }
}
