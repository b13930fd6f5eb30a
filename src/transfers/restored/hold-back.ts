/** What becomes of a transfer that was open when its ledger was copied: no command is sent for it any more (docs/backup.md#after-a-restore). */
import type { CurrentHop, UpdateState } from '../../model/hop.ts'
import type { TransferRecord } from '../../model/transfer.ts'
import type { Patch } from '../patch.ts'
import { annotate, transition, type Transition } from '../transition.ts'

/** The status of the audit entry about a transfer that was open in a copy and keeps its state. */
const heldBackStatus = 'held_back'

/** An update of the call that is pending may have been made since, and another one after it. */
const withoutUpdate = (state: UpdateState): UpdateState => (state === 'pending' ? 'too_late' : state)
/** The call stays where it is: whether it has moved on since is not known. */
const withoutOverflow = (hop: CurrentHop): CurrentHop => ({ ...hop, overflowAfterMs: null })

/**
 * Holds a transfer back. One that was `accepted` may have been carried out after the copy was made, and there is no snapshot to tell by, so it
 * becomes `indeterminate`. Any other goes on as it is, by reading only.
 * @param now epoch ms
 */
export function holdBack(record: TransferRecord, now: number): Transition {
  const patch: Patch = {
    restoredAt: new Date(now).toISOString(),
    routing: withoutUpdate(record.routing),
    mirror: withoutUpdate(record.mirror),
    attributes: withoutUpdate(record.attributes),
    hop: withoutOverflow(record.hop),
    earlierHops: record.earlierHops.map((earlier) => ({
      ...earlier,
      hop: withoutOverflow(earlier.hop),
      routing: withoutUpdate(earlier.routing),
      mirror: withoutUpdate(earlier.mirror),
    })),
  }
  if (record.state !== 'accepted') return annotate(record, patch, heldBackStatus, 'execution', { state: record.state })
  const unknown: Patch = {
    code: 'OUTCOME_UNKNOWN',
    message: 'The ledger was restored from a copy that was made before the call was moved: it is not known whether it was.',
  }
  return transition(record, 'indeterminate', { ...patch, ...unknown }, { stage: 'execution', detail: { restored: true } }, now)
}
