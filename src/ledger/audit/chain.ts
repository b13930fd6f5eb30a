/** What makes the audit trail tamper-evident: keyed hashes of each row and the one before it, of what is personal in it, and of the end of a chain (design §9). */
import { createHmac, randomBytes } from 'node:crypto'
import type { ChainHead } from '../ledger.ts'

/** Stands before the first row of a chain. */
export const chainStart = '0'.repeat(64)

const keyed = (key: string, ...lines: string[]): string => {
  const hmac = createHmac('sha256', key)
  for (const [index, line] of lines.entries()) hmac.update(index === 0 ? line : `\n${line}`)
  return hmac.digest('hex')
}

/** The hash of a row: HMAC-SHA256 keyed with AUDIT_KEY over the previous row's hash and the row's own bytes, hex. */
export const link = (key: string, previous: string, row: string): string => keyed(key, previous, row)

/** The seal on the end of a chain: who cuts the tail cannot make the one that belongs to what is left. */
export const sealOfHead = (key: string, { chain, place, hash }: ChainHead): string => keyed(key, 'head', chain, String(place), hash)

/**
 * What is personal in a row, as it is stored, and the seal that stands for it in the row: salted, so that the seal tells
 * nothing once the personal part is erased, and the chain holds without it.
 */
export function sealed(key: string, personal: Record<string, string>): { personal: string; seal: string } {
  const text = JSON.stringify({ salt: randomBytes(16).toString('hex'), ...personal })
  return { personal: text, seal: sealOfPersonal(key, text) }
}
export const sealOfPersonal = (key: string, text: string): string => keyed(key, 'personal', text)
