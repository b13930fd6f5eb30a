/** Settles an indeterminate transfer with the outcome that an operator has found by other means (docs/architecture.md#states). */
import { Problem } from '../../model/problems.ts'
import { isLaterHop } from '../../model/hop.ts'
import type { TransferRecord } from '../../model/transfer.ts'
import { maskFreeText } from '../../telemetry/redact-log-line.ts'
import { callbackPatch, isCallback } from '../hops/callback.ts'
import type { Patch } from '../patch.ts'
import { acceptHop, returnToEarlierHop } from '../hops/hop-changes.ts'
import { isUnjudgeable } from './evidence.ts'
import { stayAtEarlierHop, transition, withFreeText, withStoredResponse, type Transition } from '../transition.ts'

/**
 * The states that an operator can choose: the call moved, the callback was created, nothing was done, the caller hung up, or the transfer
 * went wrong.
 */
export const settlements = ['initiated', 'callback_created', 'rejected', 'abandoned', 'failed'] as const
export type Settlement = (typeof settlements)[number]

const patches: Readonly<Record<Settlement, Patch>> = {
  initiated: { code: null, message: null },
  callback_created: {},
  rejected: { code: 'EXPIRED', message: 'An operator found that nothing was done.' },
  abandoned: { code: 'CALLER_ABANDONED', message: 'An operator found that the caller had hung up.' },
  failed: { code: 'TRANSFER_FAILED', message: 'An operator found that the transfer went wrong.' },
}

/** The change of the hops: only with `initiated` the call has reached the current hop; otherwise the transfer ends at the earlier one. */
function hopPatch(record: TransferRecord, to: Settlement, now: number): Patch {
  if (to === 'callback_created') return callbackPatch(record, now)
  if (to === 'initiated') return acceptHop(record, now)
  return isLaterHop(record) ? returnToEarlierHop(record, now, false) : {}
}

/**
 * The change by which an operator settles a transfer. If the call was to move on to a later hop and did not (`rejected`), the transfer does
 * not end: the call is watched at its earlier hop.
 * @param reason in the operator's words, for the audit trail; phone numbers and addresses in it are masked, and it can be erased
 * @param keyId id of the operator's API key
 * @param now epoch ms
 * @throws Problem STATE_CONFLICT if the transfer is not indeterminate, or if `to` says that a callback was created instead of a move, or a
 *   move was made instead of a callback
 */
export function operatorSettlement(record: TransferRecord, to: Settlement, reason: string, keyId: string, now: number): Transition {
  if (record.state !== 'indeterminate')
    throw new Problem('STATE_CONFLICT', `Transfer ${record.id} is ${record.state}; only an indeterminate transfer can be settled.`, {
      transferId: record.id,
    })
  if ((to === 'initiated' || to === 'callback_created') && isUnjudgeable(record))
    throw new Problem(
      'STATE_CONFLICT',
      `Transfer ${record.id} was restored from a copy without what is needed to watch its call. If the call moved, settle it as abandoned or failed, with the reason; if not, as rejected.`,
      { transferId: record.id },
    )
  if (to === (isCallback(record) ? 'initiated' : 'callback_created'))
    throw new Problem('STATE_CONFLICT', `Transfer ${record.id} was to ${isCallback(record) ? 'create a callback' : 'move the call'}.`, {
      transferId: record.id,
    })
  const detail = { settledBy: keyId }
  const freeText = { reason: maskFreeText(reason) }
  if (to === 'rejected' && isLaterHop(record)) {
    const detailOfStay = { returned: 'an operator found that the call was not moved', isRefused: false, ...detail }
    return withFreeText(stayAtEarlierHop(record, now, detailOfStay), freeText)
  }
  const patch: Patch = { ...hopPatch(record, to, now), ...patches[to] }
  const settled = transition(record, to, patch, { stage: 'execution', detail }, now)
  return withStoredResponse(withFreeText(settled, freeText), record)
}
