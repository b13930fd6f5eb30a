/** The reasons that /ready gives: what is wrong and what to do, in words that anyone may read. The error itself is for the log only. */
import { GenesysError, type GenesysReason } from '../genesys/http/errors.ts'
import { StoreDamaged, StoreMisplaced } from '../ledger/contract/errors.ts'

const ledgerDamaged =
  "The ledger's file was overwritten or damaged, or another file was put in its place. No transfer is accepted by this process until it is started again: stop Handoff, put a backup of the ledger in place, and start it; its log names the file"
const ledgerMisplaced =
  "A file of the ledger was deleted or moved while Handoff had it open, so no transfer is accepted: stop Handoff, put the ledger's files in place, and start it; its log names the file"
const ledgerUnavailable = 'The ledger cannot be written now, so no transfer is accepted; this may pass by itself, and the log says why'

const platformReasons: Readonly<Partial<Record<GenesysReason, string>>> = {
  login_failed:
    'Genesys Cloud does not accept the OAuth client, so no call can be moved: check GENESYS_CLIENT_ID, GENESYS_CLIENT_SECRET and GENESYS_ENV, and start Handoff again',
  rate_limited: 'Genesys Cloud refuses the login because of its rate limit; this passes by itself',
}
const platformUnavailable = 'Genesys Cloud does not answer, so no call can be moved; this may pass by itself, and the log says why'

/** The reason to give for an error of the ledger's check. */
export function describeLedgerFailure(error: unknown): string {
  if (error instanceof StoreDamaged) return ledgerDamaged
  return error instanceof StoreMisplaced ? ledgerMisplaced : ledgerUnavailable
}

/** The reason to give for an error of the platform's check. */
export const describePlatformFailure = (error: unknown): string =>
  (error instanceof GenesysError && platformReasons[error.reason]) || platformUnavailable
