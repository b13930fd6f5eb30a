/**
 * Derives the caller's answer from the record of the transfer alone, so that it is the same now, for a repeat of the request and after a
 * restart.
 */
import type { StoredResponse } from '../../ledger/contract/idempotency.ts'
import { isLaterHop } from '../../model/hop.ts'
import { Problem, refusalCodes, type RefusalCode } from '../../model/problems.ts'
import { asTransfer, type DryRun, type Transfer, type TransferRecord } from '../../model/transfer.ts'
import { describeCommand } from '../hops/callback.ts'

/** The result of a request: the transfer, or why it was refused. */
export type Outcome = { transfer: Transfer | DryRun } | { problem: Problem }

/**
 * Encodes outcomes as responses and decodes them. It is implemented in routes/, so that nothing here knows HTTP.
 * `encode(decode(response))` is `response`, byte for byte, whichever version stored it.
 */
export interface ResponseCodec {
  encode(outcome: Outcome): StoredResponse
  decode(response: StoredResponse): Outcome
}

const isRefusalCode = (code: string | null): code is RefusalCode => refusalCodes.includes(code as RefusalCode)

/**
 * The refusal for the caller of this transfer; undefined once the platform has accepted the transfer or, in `decide` mode, a target was
 * chosen.
 */
export function findRefusal(record: TransferRecord): Problem | undefined {
  const { id: transferId, message, considered } = record
  switch (record.state) {
    case 'rejected':
      return new Problem(isRefusalCode(record.code) ? record.code : 'GENESYS_REJECTED', message ?? '', {
        ...record.refusal,
        // If a candidate could take the call, the refusal has another reason than the candidates.
        ...(considered.length > 0 && !considered.some(({ taken }) => taken) && { considered }),
        transferId,
      })
    case 'accepted':
      return new Problem('EXPIRED', 'The deadline passed before a command was sent to the platform; nothing was done.', {
        transferId,
      })
    case 'executing':
    case 'indeterminate':
      // A call that moves on to a later hop was moved before, and the request was answered then.
      if (isLaterHop(record)) return undefined
      return new Problem(
        'OUTCOME_UNKNOWN',
        `It is not known yet whether the platform ${describeCommand(record)}; GET /v1/transfers/${transferId} shows the outcome once it is known.`,
        { transferId },
      )
    case 'failed':
      // A transfer that failed after the platform had accepted it was answered before, with the acceptance; one in `decide` mode, with
      // the decision.
      return record.initiatedAt === null && record.mode === 'execute'
        ? new Problem('GENESYS_CONFLICT', message ?? '', { transferId })
        : undefined
    default:
      return undefined
  }
}

/** The outcome that the caller gets for a transfer in this state. */
export function outcomeOf(record: TransferRecord): Outcome {
  const problem = findRefusal(record)
  return problem ? { problem } : { transfer: asTransfer(record) }
}

/** Whether the transfer has changed since its caller's answer was stored, so that the record differs from that answer. */
export const hasProgressed = ({ state, mode, initiatedAt }: TransferRecord): boolean =>
  state !== 'rejected' && (mode === 'decide' ? state !== 'decided' : initiatedAt !== null && state !== 'initiated')
