/** How an operator, who has found out elsewhere what became of the call, settles an indeterminate transfer (docs/architecture.md#states). */
import { Problem } from '../../model/problems.ts'
import type { TransferRecord } from '../../model/transfer.ts'
import { maskFreeText } from '../../telemetry/redact-log-line.ts'
import type { Patch } from '../patch.ts'
import { transition, withStoredResponse, type Transition } from '../transition.ts'

/** What an operator may have found: the call moved, it did not move, the caller hung up, or the transfer went wrong. */
export const settlements = ['initiated', 'rejected', 'abandoned', 'failed'] as const
export type Settlement = (typeof settlements)[number]

const patches: Readonly<Record<Settlement, Patch>> = {
  initiated: { code: null, message: null },
  rejected: { code: 'EXPIRED', message: 'An operator found that the call was not moved; nothing was done.' },
  abandoned: { code: 'CALLER_ABANDONED', message: 'An operator found that the caller had hung up.' },
  failed: { code: 'TRANSFER_FAILED', message: 'An operator found that the transfer went wrong.' },
}

/**
 * The change by which an operator settles a transfer.
 * @param reason in the operator's words, for the audit trail; phone numbers and addresses in it are masked
 * @param keyId id of the operator's API key
 * @param now epoch ms
 * @throws Problem STATE_CONFLICT if the transfer is not indeterminate
 */
export function operatorSettlement(record: TransferRecord, to: Settlement, reason: string, keyId: string, now: number): Transition {
  if (record.state !== 'indeterminate')
    throw new Problem('STATE_CONFLICT', `Transfer ${record.id} is ${record.state}; only an indeterminate transfer can be settled.`, {
      transferId: record.id,
    })
  const acceptance: Patch = to === 'initiated' ? { initiatedAt: now, latencyMs: now - record.receivedAt } : {}
  const detail = { settledBy: keyId, reason: maskFreeText(reason) }
  return withStoredResponse(transition(record, to, { ...patches[to], ...acceptance }, { stage: 'execution', detail }, now))
}
