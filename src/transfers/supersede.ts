/** What becomes of older transfers of a conversation that a newer one moves on. */
import type { Conversation } from '../../conversations/conversation.ts'
import { pickupOf } from '../stages/audit-poll.ts'
import { progressOf } from '../unknown-outcome/evidence.ts'
import { transition, type Transition } from '../transition.ts'
import type { TransferRecord } from '../../model/transfer.ts'

/**
 * Each older transfer that is still open ends: picked up, if the picture taken before the newer one shows it, else superseded.
 * @param open the conversation's transfers that are not final
 * @param now epoch ms
 */
export function supersedeOlder(
  newer: TransferRecord,
  open: TransferRecord[],
  picture: Conversation | undefined,
  now: number,
): Transition[] {
  return open
    .filter(({ id, state }) => id !== newer.id && (state === 'decided' || state === 'initiated'))
    .map((older) => {
      const seen = picture && older.state === 'initiated' ? progressOf(older, picture) : undefined
      if (seen?.status === 'picked_up') return transition(older, 'picked_up', pickupOf(older, seen, now), { stage: 'audit-poll' }, now)
      return transition(
        older,
        'superseded',
        { code: 'SUPERSEDED', message: `Transfer ${newer.id} moved the call on.` },
        { stage: 'audit-poll', detail: { by: newer.id } },
        now,
      )
    })
}
