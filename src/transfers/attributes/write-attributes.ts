/** Writes context, summary and reason to the customer's attributes while the call is still where it is (docs/architecture.md#summary-and-reason). */
import type { Participant } from '../../conversations/conversation.ts'
import { GenesysError, isTemporary } from '../../genesys/http/errors.ts'
import type { TransferRecord } from '../../model/transfer.ts'
import type { Detail } from '../patch.ts'
import { laneFor, logFields, optionalCallOptions, type StageContext } from '../stage-context.ts'
import { needsAttributes, toAttributes } from './agent-attributes.ts'

export interface WrittenAttributes {
  patch: Pick<TransferRecord, 'attributes'>
  /** For the audit trail. It does not contain what was written. */
  detail: Detail
}

/**
 * Writes the attributes of a transfer, if it needs any. If that fails, the call is moved all the same, because a caller left behind is worse
 * than a missing summary. A failure that may pass leaves the attributes `pending`: they are written after the move (pickup/apply-attributes.ts).
 * @param customer as validation has read it: its attributes show whether an earlier transfer has left some
 * @param context its deadline is that of the transfer
 */
export async function writeAttributes(
  record: TransferRecord,
  customer: Pick<Participant, 'id' | 'attributes'>,
  context: StageContext,
): Promise<WrittenAttributes> {
  if (!needsAttributes(record, customer.attributes)) return { patch: { attributes: 'done' }, detail: { context: false } }
  try {
    const options = optionalCallOptions(context, laneFor(record, 'command'))
    await context.genesys.setAttributes(record.conversationId, customer.id, toAttributes(record), options)
    return { patch: { attributes: 'done' }, detail: { context: Object.keys(record.context).length > 0, attributes: 'done' } }
  } catch (error) {
    const attributes = error instanceof GenesysError && isTemporary(error) ? 'pending' : 'refused'
    const { message } = error as Error
    context.log.warn({ ...logFields(record), stage: 'execution', reason: message }, 'the attributes of a transfer could not be written')
    return { patch: { attributes }, detail: { context: false, attributes, attributesFailure: message } }
  }
}
