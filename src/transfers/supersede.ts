/** How older transfers of a conversation end when a newer one moves the call on. */
import type { Conversation } from '../conversations/conversation.ts'
import type { TransferRecord } from '../model/transfer.ts'
import { pickupPatch } from './stages/audit-poll.ts'
import { transition, type Transition } from './transition.ts'
import { observe } from './hops/observe.ts'

/**
 * Ends each older transfer that is still `decided` or `initiated`: as picked up if the conversation shows the pickup, otherwise as
 * superseded.
 * @param open the conversation's transfers that are not over
 * @param conversation as it was before the newer transfer, if it was read
 * @param now epoch ms
 */
export function supersedeOlder(
  newer: TransferRecord,
  open: TransferRecord[],
  conversation: Conversation | undefined,
  now: number,
): Transition[] {
  const older = open.filter(({ id, state }) => id !== newer.id && (state === 'decided' || state === 'initiated'))
  return older.map((record) => {
    const seen = conversation && record.state === 'initiated' ? observe(record, conversation, now) : undefined
    if (seen?.progress.status === 'picked_up')
      return transition(seen.record, 'picked_up', pickupPatch(record, seen.progress, now), { stage: 'audit-poll' }, now)
    return transition(
      record,
      'superseded',
      { code: 'SUPERSEDED', message: `Transfer ${newer.id} moved the call on.` },
      { stage: 'audit-poll', detail: { by: newer.id } },
      now,
    )
  })
}
