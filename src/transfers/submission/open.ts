/** Opens a new transfer for a request, or answers the request as a repeat of an earlier one, or refuses it. */
import { canSee, requireAllowedTargets } from '../../auth/restriction.ts'
import type { NewTransfer, TransferStore } from '../../ledger/contract/transfers.ts'
import { Problem } from '../../model/problems.ts'
import type { TransferRecord } from '../../model/transfer.ts'
import { maskFreeText } from '../../telemetry/redact-log-line.ts'
import { numberHash } from '../number-hash.ts'
import type { Rules } from '../stage-context.ts'
import { auditDraft } from '../transition.ts'
import type { AdmissionTicket } from '../request/admission.ts'
import { createTransferRecord, type Requester } from '../request/new-transfer.ts'
import type { NormalizedRequest } from '../request/normalize-request.ts'
import { findRefusal, type ResponseCodec } from '../request/outcome.ts'
import type { RecentConversations } from './recent-conversations.ts'
import type { RunningTransfers, Submission } from './running-transfers.ts'

export interface OpenDependencies {
  ledger: Pick<TransferStore, 'openTransfer'>
  codec: Pick<ResponseCodec, 'decode'>
  rules: Pick<Rules, 'deadlineMs' | 'loopSecret'>
  /** Epoch ms. */
  clock: () => number
  running: Pick<RunningTransfers, 'start' | 'joinRunning'>
  recentConversations: RecentConversations
}

/**
 * Carries out an admitted request.
 * @param receivedAt epoch ms when the request arrived
 * @throws Problem, StoreUnavailable, or an unexpected error
 */
export type Open = (request: NormalizedRequest, requester: Requester, receivedAt: number, ticket: AdmissionTicket) => Promise<Submission>

/** The refusal while another transfer may still move the call. A requester that may not see that transfer gets only its id. */
export const createInProgressProblem = (other: TransferRecord, requester: Requester): Problem =>
  new Problem(
    'TRANSFER_IN_PROGRESS',
    `Transfer ${other.id} of this conversation is ${canSee(requester, other) ? other.state : 'in progress'}.`,
    { transferId: other.id, retryAfterSeconds: 2 },
  )

/** The record with everything that the ledger stores when it opens a transfer. */
function toNewTransfer(
  record: TransferRecord,
  request: NormalizedRequest,
  requester: Requester,
  loopSecret: string,
): Omit<NewTransfer, 'isProbablyFirst'> {
  const { target, targets, priority, summary, reason, override, key, fingerprint, writtenFingerprint, identity, origin } = request
  const overridden = override.length > 0 && { override: override.join(' ') }
  const audit = auditDraft(record, 'accepted', 'validation', {
    targetType: target.type,
    priority,
    ...(summary !== null && { summaryLength: Array.from(summary).length }),
    ...overridden,
  })
  const number = target.type === 'callback' ? target.callbackNumber : target.type === 'number' ? target.address : undefined
  const personal = number !== undefined && { personal: { targetNumber: String(numberHash(number, loopSecret)) } }
  return {
    record,
    identity,
    callbacks: targets.filter((candidate) => candidate.type === 'callback'),
    audit: { ...audit, ...personal, freeText: { ...origin, ...(reason !== null && { reason: maskFreeText(reason) }) } },
    ...(key !== undefined && { key: { caller: requester.id, key, fingerprint, writtenFingerprint } }),
  }
}

export function createOpen({ ledger, codec, rules, clock, running, recentConversations }: OpenDependencies): Open {
  /** The refusal if the transfer of the request's key has no response yet, because it is running or its outcome is unknown. */
  function createKeyInUseProblem(record: TransferRecord): Problem {
    const unknownOutcome = clock() < record.deadlineAt ? undefined : findRefusal(record)
    return unknownOutcome ?? new Problem('IDEMPOTENCY_KEY_IN_USE', `Transfer ${record.id} is ${record.state}.`, { transferId: record.id })
  }

  /**
   * Answers a request that repeats a running transfer with the outcome of that transfer. Another API key may have requested it.
   * @throws Problem TRANSFER_IN_PROGRESS if the requester may not see that transfer, or not the target that was chosen for it
   */
  async function join(other: TransferRecord, requester: Requester): Promise<Submission> {
    if (!canSee(requester, other)) throw createInProgressProblem(other, requester)
    const submission = await running.joinRunning(other)
    const { outcome } = submission
    if ('transfer' in outcome && !canSee(requester, { ...other, resolvedTarget: outcome.transfer.resolvedTarget }))
      throw createInProgressProblem({ ...other, resolvedTarget: outcome.transfer.resolvedTarget }, requester)
    return submission
  }

  return async (request, requester, receivedAt, ticket) => {
    const record = createTransferRecord(request, requester, receivedAt, request.deadlineMs ?? rules.deadlineMs, clock())
    const opened = await ledger.openTransfer({
      ...toNewTransfer(record, request, requester, rules.loopSecret),
      isProbablyFirst: !recentConversations.has(record.conversationId),
    })
    switch (opened.outcome) {
      case 'accepted':
        ticket.markProcessed()
        recentConversations.add(record.conversationId)
        return running.start(opened.record, request.targets)
      case 'replayed':
        return { outcome: codec.decode(opened.response), replayed: true, transferId: opened.transferId }
      case 'same':
        requireAllowedTargets(requester.queues, request.targets)
        return join(opened.record, requester)
      case 'locked':
        requireAllowedTargets(requester.queues, request.targets)
        throw createInProgressProblem(opened.record, requester)
      case 'running':
        throw createKeyInUseProblem(opened.record)
      case 'reused':
        throw new Problem('IDEMPOTENCY_KEY_REUSED', 'This idempotency key was used for another request.', { transferId: opened.transferId })
    }
  }
}
