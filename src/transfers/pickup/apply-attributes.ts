/**
 * Writes the customer's attributes once a call has moved: those of the loop guard, and those of context, summary and reason if they could
 * not be written before the move. Both go out in one request.
 */
import { isTemporary } from '../../genesys/http/errors.ts'
import { hopInitiatedAt } from '../../model/hop.ts'
import type { TransferRecord } from '../../model/transfer.ts'
import { toAttributes } from '../attributes/agent-attributes.ts'
import { loopGuardAttributes } from '../loop-guard.ts'
import { callOptions, type StageContext } from '../stage-context.ts'
import { tryUpdate, type UpdateResult } from './try-update.ts'

/** For this long after the move, ms, a failed write is tried again. */
const attributesLimitMs = 30_000

/** The fields of a record that say whether attributes must still be written, those first that are given up first. */
const kinds = ['attributes', 'mirror'] as const
type Kind = (typeof kinds)[number]

const statuses: Readonly<Record<Kind, { written: string; refused: string }>> = {
  attributes: { written: 'attributes_written', refused: 'attributes_not_written' },
  mirror: { written: 'loop_guard_mirrored', refused: 'loop_guard_not_mirrored' },
}

const pendingKinds = (record: TransferRecord): Kind[] => kinds.filter((kind) => record[kind] === 'pending')

/** Whether attributes must still be written. */
export const needsAttributeUpdate = (record: TransferRecord): boolean => pendingKinds(record).length > 0

/**
 * Writes the attributes that are pending. If the platform refuses them together, only those of the request are given up: the loop guard's
 * are tried alone in the next step.
 * @param hasNewerTransfer whether the conversation has a newer transfer, whose summary must not be overwritten by this one's
 * @returns empty if the write failed and is worth another try
 */
export async function applyAttributes(
  record: TransferRecord,
  context: StageContext,
  hasNewerTransfer: () => Promise<boolean>,
): Promise<UpdateResult[]> {
  const { conversationId, transferDepth: depth, transferPath: path } = record
  const pending = pendingKinds(record)
  if (record.attributes === 'pending' && (await hasNewerTransfer())) {
    const detail = { reason: 'the conversation has a newer transfer' }
    return [{ patch: { attributes: 'too_late' }, status: statuses.attributes.refused, detail }]
  }
  const afterMs = context.clock() - (hopInitiatedAt(record) ?? 0)
  const results = await tryUpdate<UpdateResult[]>(
    async () => {
      const attributes = {
        ...(record.attributes === 'pending' && toAttributes(record)),
        ...(record.mirror === 'pending' && loopGuardAttributes(conversationId, { depth, path }, context.rules.loopSecret)),
      }
      await context.genesys.setAttributes(conversationId, String(record.customerId), attributes, callOptions(context, 'command'))
      return pending.map((kind) => ({ patch: { [kind]: 'done' }, status: statuses[kind].written }))
    },
    (error) =>
      pending
        .slice(0, 1)
        .map((kind) => ({ patch: { [kind]: 'refused' }, status: statuses[kind].refused, detail: { reason: error.message } })),
    (error) => afterMs < attributesLimitMs && isTemporary(error),
  )
  return results ?? []
}
