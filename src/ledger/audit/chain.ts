/** The keyed hashes that make the audit trail tamper-evident: of each row, of personal data, and of the last row of a chain (docs/decisions/0006-audit-chain.md). */
import { createHmac, randomBytes } from 'node:crypto'
import type { ChainHead } from '../contract/audit.ts'

/** The only chain of a SQLite ledger: all processes write it. */
export const singleChain = 'main'
/** Stands for the hash of the row before the first one. */
export const chainStartHash = '0'.repeat(64)

/** HMAC-SHA256 over lines of text, hex. */
function hashLines(key: string, ...lines: string[]): string {
  const hmac = createHmac('sha256', key)
  for (const [index, line] of lines.entries()) hmac.update(index === 0 ? line : `\n${line}`)
  return hmac.digest('hex')
}

/** @returns the hash of a row: HMAC-SHA256 with AUDIT_KEY over the previous row's hash and the row's JSON text, hex */
export const hashRow = (key: string, previousHash: string, entry: string): string => hashLines(key, previousHash, entry)

/** @returns a name for the key that may be shown: it tells keys apart and reveals nothing about them */
export const auditKeyId = (key: string): string => hashLines(key, 'key id').slice(0, 8)

/** @returns the seal of a chain's head: after cutting off the last rows, nobody can seal the new last row without the key */
export const sealHead = (key: string, { chain, position, hash }: ChainHead): string => hashLines(key, 'head', chain, String(position), hash)

/**
 * @param ticket a number that no other row of the chain has, so that no row can be added twice
 * @returns the keyed hash of a row that has no position in the chain yet: without the key, nobody can add or change such a row
 */
export const hashUnsealedRow = (key: string, chain: string, ticket: number, entry: string): string =>
  hashLines(key, 'unsealed', chain, String(ticket), entry)

/** @returns the keyed hash that stands for personal data in the row's entry, hex */
export const hashPersonalData = (key: string, personal: string): string => hashLines(key, 'personal', personal)

/** @returns the text that replaces an idempotency key when its conversation is erased: a repeat still finds it, but the key cannot be read */
export const hashIdempotencyKey = (key: string, idempotencyKey: string): string =>
  `erased:${hashLines(key, 'idempotency key', idempotencyKey)}`

/**
 * Personal data as text to be stored, and its keyed hash. The text contains a random salt, so that the hash reveals nothing
 * once the text is erased.
 */
export function sealPersonalData(key: string, personal: Readonly<Record<string, unknown>>): { text: string; seal: string } {
  const text = JSON.stringify({ salt: randomBytes(16).toString('hex'), ...personal })
  return { text, seal: hashPersonalData(key, text) }
}
