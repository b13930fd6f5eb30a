/** How a command opens and closes the ledger without the settings that only the service needs. */
import { loadEnvFile } from '../environment/env-file.ts'
import { readEnvironment, type Environment } from '../environment.ts'
import type { Ledger } from '../ledger/contract/ledger.ts'
import { openLedgerForWriting } from '../ledger/open-for-writing.ts'

export type LedgerSettings = Pick<Environment, 'DATABASE_URL' | 'DATABASE_DIRECT_URL' | 'AUDIT_KEY' | 'AUDIT_KEY_PREVIOUS' | 'API_KEYS'>

/** The ledger's settings, from the environment and .env. Other required settings get placeholders. @throws InvalidSetting */
export function readLedgerSettings(): LedgerSettings {
  loadEnvFile()
  return readEnvironment({
    GENESYS_CLIENT_ID: 'none',
    GENESYS_CLIENT_SECRET: 'none',
    LOOP_TOKEN_SECRET: 'x'.repeat(16),
    AUDIT_KEY: process.env['AUDIT_KEY'],
    AUDIT_KEY_PREVIOUS: process.env['AUDIT_KEY_PREVIOUS'],
    DATABASE_URL: process.env['DATABASE_URL'],
    DATABASE_DIRECT_URL: process.env['DATABASE_DIRECT_URL'],
    API_KEYS: process.env['API_KEYS'],
  })
}

/**
 * Opens the ledger that DATABASE_URL and AUDIT_KEY name, runs `work`, and closes the ledger.
 * @param open opens the ledger. The default refuses an AUDIT_KEY that the audit trail was not written with
 * @throws InvalidSetting, StoreUnavailable, and whatever `work` throws
 */
export async function withLedger<T>(
  work: (ledger: Ledger, settings: LedgerSettings) => Promise<T>,
  open: typeof openLedgerForWriting = openLedgerForWriting,
): Promise<T> {
  const settings = readLedgerSettings()
  const ledger = await open(settings.DATABASE_URL, {
    auditKey: settings.AUDIT_KEY,
    previousAuditKeys: settings.AUDIT_KEY_PREVIOUS,
  })
  try {
    return await work(ledger, settings)
  } finally {
    await ledger.close()
  }
}
