/** Erasing personal data of a conversation on request (GDPR art. 17; docs/reliability.md#personal-data). */
import type { BulkTransferRecord } from '../../model/bulk-transfer.ts'
import type { TransferRecord } from '../../model/transfer.ts'
import type { AuditDraft } from './audit.ts'

/** How to remove personal data from a record and from a webhook body that the ledger stores. */
export interface PersonalDataEraser {
  /** @returns the record without personal data */
  eraseRecord: (record: TransferRecord) => TransferRecord
  /** @returns the record of a bulk transfer that had a call of the conversation, without personal data */
  eraseBulkTransfer: (record: BulkTransferRecord) => BulkTransferRecord
  /** @returns the webhook body without personal data */
  eraseBody: (body: string) => string
}

/** The number of rows in each table that personal data was removed from. */
export interface ErasedCounts {
  transfers: number
  bulkTransfers: number
  deliveries: number
  auditRows: number
}

export interface ErasureStore {
  /**
   * Removes personal data from a conversation's transfers, the bulk transfers that had its calls, stored responses, webhooks and audit rows, and appends `audit` with the counts
   * added to its detail.
   * @throws TransferStillOpen while one of its transfers, or of these bulk transfers, is not over; StoreUnavailable
   */
  eraseConversation(conversationId: string, eraser: PersonalDataEraser, audit: AuditDraft): Promise<ErasedCounts>
}
