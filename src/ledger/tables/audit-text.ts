/** An audit entry as the tables hold it: JSON text that is hashed, and personal data beside it, which can be erased. */
import type { AuditEntry } from '../contract/audit.ts'

/** The part of an entry that is hashed: all but the row's number, its hash and the personal data. */
export type AuditContent = Omit<AuditEntry, 'seq' | 'hash' | 'personal'>

export interface AuditText {
  content: AuditContent
  /** The content as JSON text, exactly as it is hashed. */
  entry: string
  /** Personal data as JSON text, with a salt. */
  personal: string | null
}

export const parseContent = (entry: string): AuditContent => JSON.parse(entry) as AuditContent

/** Personal data of an entry, as it is stored beside the salt. */
export interface StoredPersonalData {
  personal: Record<string, string> | null
  /** What a caller wrote, to be shown in the entry's detail. */
  freeText: Readonly<Record<string, string>>
}

/** @returns the personal data of a row; empty when there is none, or when it was erased */
export function parsePersonalData(text: string | null): StoredPersonalData {
  if (text === null) return { personal: null, freeText: {} }
  const { salt: _, freeText = {}, ...personal } = JSON.parse(text) as Record<string, string> & Partial<Pick<StoredPersonalData, 'freeText'>>
  return { personal: Object.keys(personal).length > 0 ? personal : null, freeText }
}
