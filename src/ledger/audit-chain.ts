/** What makes the audit trail tamper-evident: each row's keyed hash covers the one before it in its chain (design §9). */
import { createHmac } from 'node:crypto'
import type { AuditEntry } from './ledger.ts'

/** Stands before the first row of a chain. */
export const chainStart = '0'.repeat(64)

/** The hash of a row: HMAC-SHA256 keyed with AUDIT_KEY over the previous row's hash and the row's own bytes, hex. */
export const link = (key: string, previous: string, row: string): string =>
  createHmac('sha256', key).update(previous).update('\n').update(row).digest('hex')

/** The bytes of an entry that were hashed: all of it but its place in the store and the hash itself. */
function rowOf({ seq: _, hash: __, ...row }: AuditEntry): string {
  return JSON.stringify(row)
}

/** A check that is given every entry of the trail in order, and says of each whether it follows from the one before it in its chain. */
export function chainCheck(key: string): (entry: AuditEntry) => boolean {
  const heads = new Map<string, string>()
  return (entry) => {
    const expected = link(key, heads.get(entry.chain) ?? chainStart, rowOf(entry))
    heads.set(entry.chain, entry.hash)
    return entry.hash === expected
  }
}
