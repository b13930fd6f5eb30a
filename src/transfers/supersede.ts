/** Ends the older transfers of a conversation when a newer one moves its call on. */
import type { Conversation } from '../conversations/conversation.ts'
import type { TransferRecord } from '../model/transfer.ts'
import { pickupPatch } from './stages/audit-poll.ts'
import { transition, type Transition } from './transition.ts'
import { observe } from './hops/observe.ts'

/**
 * The changes that end each older transfer that is still `decided` or `initiated`: as `picked_up` if the conversation shows the pickup,
 * otherwise as `superseded`.
 * @param openTransfers the conversation's transfers that are not over, perhaps with the newer one
 * @param conversation as it was before the newer transfer moved the call, if it was read
 * @param now epoch ms
 */
export function supersedeOlder(
  newer: TransferRecord,
  openTransfers: TransferRecord[],
  conversation: Conversation | undefined,
  now: number,
): Transition[] {
  const older = openTransfers.filter(({ id, state }) => id !== newer.id && (state === 'decided' || state === 'initiated'))
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
