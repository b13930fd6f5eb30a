/** An audit entry as the tables hold it: JSON text that is hashed, and personal data beside it, which can be erased. */
import type { AuditEntry } from '../contract/audit.ts'

/** What an entry says, without what its row and its chain add. */
export type AuditContent = Omit<AuditEntry, 'seq' | 'hash' | 'personal'>

export interface AuditText {
  content: AuditContent
  /** The content as JSON text, exactly as it is hashed. */
  entry: string
  /** Personal data as JSON text, with a salt. */
  personal: string | null
}

export const parseContent = (entry: string): AuditContent => JSON.parse(entry) as AuditContent

/** @returns personal data without its salt; null when there is none, or when it was erased */
export function parsePersonal(text: string | null): Record<string, string> | null {
  if (text === null) return null
  const { salt: _, ...personal } = JSON.parse(text) as Record<string, string>
  return personal
}
