/** An operator settles what nobody else can know: whether an indeterminate transfer moved its call (design §4). */
import { redact } from '../../telemetry/log.ts'
import { Problem } from '../../model/problems.ts'
import { transition, type Transition, type Patch } from '../transition.ts'
import { withStoredResponse } from '../request/stored-response.ts'
import type { TransferRecord } from '../../model/transfer.ts'

/** What an operator can find out about the call: it moved and is watched on, it did not, the caller left, it went wrong. */
export const settlements = ['initiated', 'rejected', 'abandoned', 'failed'] as const
export type Settlement = (typeof settlements)[number]

const outcomes: Readonly<Record<Settlement, Patch>> = {
  initiated: { code: null, message: null },
  rejected: { code: 'EXPIRED', message: 'An operator found that the call was not moved; nothing was done.' },
  abandoned: { code: 'CALLER_ABANDONED', message: 'An operator found that the caller had hung up.' },
  failed: { code: 'TRANSFER_FAILED', message: 'An operator found that the transfer went wrong.' },
}

/**
 * The change with which an operator settles a transfer.
 * @param reason the operator's words, for the audit trail; numbers in them are masked
 * @param by id of the operator's key
 * @throws Problem INVALID_REQUEST (status 409) when the transfer is not indeterminate
 */
export function operatorSettlement(record: TransferRecord, to: Settlement, reason: string, by: string, now: number): Transition {
  if (record.state !== 'indeterminate')
    throw new Problem('INVALID_REQUEST', `Transfer ${record.id} is ${record.state}; only an indeterminate one can be settled.`, {
      status: 409,
      transferId: record.id,
    })
  const moved: Patch = to === 'initiated' ? { initiatedAt: now, latencyMs: now - record.receivedAt } : {}
  return withStoredResponse(
    transition(record, to, { ...outcomes[to], ...moved }, { stage: 'execution', detail: { settledBy: by, reason: redact(reason) } }, now),
  )
}
