/** Makes a copy of a ledger safe to go on with: nothing that was open in it is done a second time (docs/backup.md#after-a-restore). */
import { createAuditDraft } from '../../ledger/audit/draft.ts'
import type { CopyStore } from '../../ledger/contract/copies.ts'
import { Problem } from '../../model/problems.ts'
import type { Recorder } from '../recorder.ts'
import type { Log } from '../stage-context.ts'
import { pauseForProblem } from '../submission/bulk/bulk-changes.ts'
import { holdBack } from './hold-back.ts'

/** The status of the audit entry that the ledger is a copy. */
const restoredStatus = 'ledger_restored'

const bulkReason = new Problem(
  'OUTCOME_UNKNOWN',
  'The ledger was restored from a copy: calls that were moved after the copy was made are pending in it again. Check the queue, then resume or cancel.',
)

export interface AdoptCopyDependencies {
  ledger: CopyStore
  recorder: Pick<Recorder, 'toChange'>
  /** Epoch ms. */
  clock: () => number
  log: Log
}

/** Must run before any transfer is taken over. Does nothing if the ledger is no copy. @throws StoreUnavailable */
export async function adoptCopy({ ledger, recorder, clock, log }: AdoptCopyDependencies): Promise<void> {
  if (!(await ledger.isCopy())) return
  const now = clock()
  const counts = await ledger.adoptCopy({
    transfer: (stored) => recorder.toChange(holdBack(stored, now)),
    bulkTransfer: (stored) => (stored.state === 'running' ? pauseForProblem(stored, bulkReason, now) : undefined),
    bulkCallMessage: 'The ledger was restored from a copy that was made while the call was being moved.',
    audit: (adopted) => createAuditDraft(restoredStatus, { detail: { ...adopted } }),
  })
  if (counts)
    log.error(
      { ...counts, alert: true },
      'this ledger is a copy. No command is sent for the transfers that were open when it was made, and bulk transfers are paused; some may need an operator',
    )
}
