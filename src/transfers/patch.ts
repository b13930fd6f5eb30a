/** The two parts of a change of a transfer: fields of its record, and values for its audit entry. */
import type { AuditDraft } from '../ledger/contract/audit.ts'
import type { TransferRecord } from '../model/transfer.ts'

/** The values of an audit entry that have no field of their own. */
export type Detail = AuditDraft['detail']

/** Fields of a record that a change may set. The state is set by `transition`, owner and fence by the ledger. */
export type Patch = Partial<Omit<TransferRecord, 'id' | 'conversationId' | 'state' | 'owner' | 'fence' | 'updatedAt'>>
