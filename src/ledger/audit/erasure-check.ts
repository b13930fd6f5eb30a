/** Checks that personal data is missing from exactly as many rows as the erasures of a conversation report. */
import type { AuditEntry, AuditTrailReader, StoredAuditRow } from '../contract/audit.ts'
import { parseObject } from '../../model/json-fields.ts'
import { createRowFault, type IntegrityFault } from './integrity-fault.ts'

/** The status of the audit entry that an erasure leaves. Its detail counts the audit rows that it emptied. */
export const erasedStatus = 'erased'

const countReportedRows = ({ detail }: Pick<AuditEntry, 'detail'>): number => Number(detail['auditRows'] ?? 0)

interface ConversationCount {
  /** Number of rows whose personal data is gone. */
  emptiedRows: number
  /** The fault to report if the erasures do not account for all of these rows. It names the first of them. */
  firstFault: IntegrityFault | undefined
  /** Number of rows that the conversation's erasures report as emptied. */
  reportedRows: number
}

/** Whether the counts agree in the rows as they are now: the conversation may have been erased during the verification. */
async function isConsistentNow(trail: Pick<AuditTrailReader, 'findStoredAuditRows'>, conversationId: string): Promise<boolean> {
  let emptiedRows = 0
  let reportedRows = 0
  for (const { entry, personal } of await trail.findStoredAuditRows(conversationId)) {
    const { sealed, status, detail = {} } = (parseObject(entry) ?? {}) as Partial<AuditEntry>
    if (sealed !== undefined && personal === null) emptiedRows++
    if (status === erasedStatus) reportedRows += countReportedRows({ detail })
  }
  return emptiedRows === reportedRows
}

/** Collects rows while the chains are read, and compares the counts at the end. */
export function createErasureCheck() {
  const counts = new Map<string, ConversationCount>()

  function countOf(conversationId: string): ConversationCount {
    const count = counts.get(conversationId) ?? { emptiedRows: 0, firstFault: undefined, reportedRows: 0 }
    counts.set(conversationId, count)
    return count
  }

  return {
    /** Counts a row whose entry has been verified. */
    add(row: StoredAuditRow, entry: AuditEntry): void {
      if (row.personal === null && entry.sealed !== undefined) {
        const count = countOf(String(row.conversationId))
        count.emptiedRows++
        count.firstFault ??= createRowFault(row, 'its personal data was removed, and no erasure reports it')
      }
      if (entry.status === erasedStatus) countOf(String(entry.conversationId)).reportedRows += countReportedRows(entry)
    },

    /** @returns the number of conversations that an erasure emptied */
    countErased: (): number => [...counts.values()].filter(({ reportedRows }) => reportedRows > 0).length,

    /** Yields a fault for each conversation whose counts differ. @throws StoreUnavailable */
    async *findFaults(trail: Pick<AuditTrailReader, 'findStoredAuditRows'>): AsyncGenerator<IntegrityFault> {
      for (const [conversationId, { emptiedRows, reportedRows, firstFault }] of counts) {
        if (emptiedRows === reportedRows || (await isConsistentNow(trail, conversationId))) continue
        yield emptiedRows > reportedRows && firstFault
          ? firstFault
          : { chain: '', place: null, seq: null, what: `personal data of conversation ${conversationId} that was erased is there again` }
      }
    },
  }
}
export type ErasureCheck = ReturnType<typeof createErasureCheck>
