/** The parts that every change of a transfer is made of: fields of its record, and values for the audit trail. */
import type { AuditDraft } from '../ledger/contract/audit.ts'
import type { TransferRecord } from '../model/transfer.ts'

/** Further values of an audit entry. */
export type Detail = AuditDraft['detail']

/** Fields of a record that a change may set. The state is set by `transition`, owner and fence by the ledger. */
export type Patch = Partial<Omit<TransferRecord, 'id' | 'conversationId' | 'state' | 'owner' | 'fence' | 'updatedAt'>>
