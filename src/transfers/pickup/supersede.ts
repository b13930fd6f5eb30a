/** What becomes of older transfers of a conversation that a newer one moves on. */
import type { Picture } from '../../conversations/conversation.ts'
import { pickupOf } from '../stages/audit-poll.ts'
import { sightOf } from '../unknown-outcome/evidence.ts'
import { move, type Move } from '../transition.ts'
import type { TransferRecord } from '../../model/transfer.ts'

/**
 * Each older transfer that is still open ends: picked up, if the picture taken before the newer one shows it, else superseded.
 * @param open the conversation's transfers that are not final
 * @param now epoch ms
 */
export function overtaken(newer: TransferRecord, open: TransferRecord[], picture: Picture | undefined, now: number): Move[] {
  return open
    .filter(({ id, state }) => id !== newer.id && (state === 'decided' || state === 'initiated'))
    .map((older) => {
      const seen = picture && older.state === 'initiated' ? sightOf(older, picture) : undefined
      if (seen?.seen === 'picked_up') return move(older, 'picked_up', pickupOf(older, seen, now), { stage: 'audit-poll' }, now)
      return move(
        older,
        'superseded',
        { code: 'SUPERSEDED', message: `Transfer ${newer.id} moved the call on.` },
        { stage: 'audit-poll', detail: { by: newer.id } },
        now,
      )
    })
}
