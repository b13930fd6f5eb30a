/** What a caller is answered about a transfer, from its record alone: the same now, on a repeat, and after a restart. */
import type { Answer } from '../../ledger/ledger.ts'
import { Problem, problemDetails, refusalCodes, type RefusalCode } from '../../model/problems.ts'
import type { Transition } from '../transition.ts'
import { asTransfer, type TransferRecord } from '../../model/transfer.ts'

const isRefusal = (code: string | null): code is RefusalCode => refusalCodes.includes(code as RefusalCode)

/** The refusal that a record amounts to, or undefined when the transfer was accepted by the platform or decided. */
export function refusalIn(record: TransferRecord): Problem | undefined {
  if (record.state === 'rejected')
    return new Problem(isRefusal(record.code) ? record.code : 'GENESYS_REJECTED', record.message ?? '', {
      ...record.refusal,
      transferId: record.id,
    })
  if (record.state === 'accepted')
    return new Problem('EXPIRED', 'The deadline passed before the platform was asked to move the call; nothing was done.', {
      transferId: record.id,
    })
  if (record.state === 'executing' || record.state === 'indeterminate') {
    return new Problem(
      'OUTCOME_UNKNOWN',
      `It is not known yet whether the platform moved the call; GET /v1/transfers/${record.id} tells as soon as it is.`,
      { transferId: record.id },
    )
  }
  // Only a transfer that the platform never accepted fails without having been initiated: the caller waits for its answer.
  if (record.state === 'failed' && record.initiatedAt === null && record.mode === 'execute')
    return new Problem('GENESYS_CONFLICT', record.message ?? '', { transferId: record.id })
  return undefined
}

/** Status and body for a record. */
export function replyTo(record: TransferRecord): Answer {
  const refused = refusalIn(record)
  return refused
    ? { status: refused.status, body: JSON.stringify(problemDetails(refused)) }
    : { status: 202, body: JSON.stringify(asTransfer(record)) }
}

/** A change with the answer that later requests with the same key get: a refusal that a retry may cure is not pinned (design §2). */
export function withStoredResponse(change: Transition): Transition {
  const refused = refusalIn(change.record)
  return { ...change, answer: refused?.retryable ? 'release' : replyTo(change.record) }
}

/** Whether the transfer has moved on since its caller could be answered: its record tells more by now than the answer did. */
export const hasProgressed = ({ state, mode, initiatedAt }: TransferRecord): boolean =>
  state !== 'rejected' && (mode === 'decide' ? state !== 'decided' : initiatedAt !== null && state !== 'initiated')
