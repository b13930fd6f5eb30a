/** What a verification reports when the audit trail is not what was written. */
import type { StoredAuditRow } from '../contract/audit.ts'

/** One fault. The field names are those that `npm run audit:verify -- --json` prints. */
export interface IntegrityFault {
  /** Empty when the fault concerns no single chain. */
  chain: string
  /** The row's position in its chain, counted from 1. */
  place: number | null
  /** The row's number in the database. */
  seq: number | null
  /** What is wrong, as a sentence. */
  what: string
}

/** @returns a fault of this row */
export const createRowFault = ({ chain, position, seq }: StoredAuditRow, what: string): IntegrityFault => ({
  chain,
  place: position,
  seq,
  what,
})
