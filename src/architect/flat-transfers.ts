/** Answers flat requests in time for a data action: with the transfer's outcome, or with what the ledger knows when the time is up. */
import { setTimeout } from 'node:timers/promises'
import { canSee } from '../auth/restriction.ts'
import type { TransferStore } from '../ledger/contract/transfers.ts'
import { Problem, type RefusalCode } from '../model/problems.ts'
import type { TransferRecord } from '../model/transfer.ts'
import type { Requester } from '../transfers/request/new-transfer.ts'
import { identityOfRecord, type NormalizedRequest } from '../transfers/request/normalize-request.ts'
import type { Rules } from '../transfers/stage-context.ts'
import type { Submission } from '../transfers/submission/running-transfers.ts'
import type { TransferService } from '../transfers/transfer-service.ts'
import { currentAnswer, toFlatAnswer, toFlatRefusal, type FlatAnswer } from './flat-response.ts'

/** From the request to the deadline of its transfer, ms: early enough for the outcome to be the answer. */
const transferDeadlineMs = 7_200
/** From the request to the answer, whatever the transfer does, ms: less than the 10 s that the shipped data actions wait. */
const answerDeadlineMs = 8_000
/** Time for reading the ledger when no outcome has come, ms. */
const lookupMs = 300
/** Interval at which a request waits for another one with the same idempotency key, ms. */
const sameKeyPollMs = 100

/** Refusals that are not answers: bad credentials, and an outage of Handoff itself. The flow takes its failure path. */
const failureCodes: ReadonlySet<RefusalCode> = new Set(['STORE_UNAVAILABLE', 'UNAUTHENTICATED', 'FORBIDDEN'])
/** Whether a flow must not read this refusal as an answer. */
export const isFailure = ({ code }: Problem): boolean => failureCodes.has(code)

/** Refusals whose `transferId` is the transfer of another request. */
const codesAboutOtherTransfers: ReadonlySet<RefusalCode> = new Set(['TRANSFER_IN_PROGRESS', 'IDEMPOTENCY_KEY_REUSED'])

export interface FlatSubmission {
  answer: FlatAnswer
  /** Set when the answer is a refusal. */
  problem?: Problem
  transferId?: string | undefined
  /** Whether the answer is the outcome of an earlier, equal request. False for an answer from the ledger, which is no outcome yet. */
  isReplay: boolean
}

export interface FlatTransfersDependencies {
  transfers: Pick<TransferService, 'submit'>
  ledger: Pick<TransferStore, 'findTransfer' | 'findOpenTransfers'> & { readonly nodeId: string }
  rules: Pick<Rules, 'deadlineMs' | 'defaultQueueId'>
  /** Epoch ms. */
  clock: () => number
}

export interface FlatTransfers {
  /**
   * Submits a request and answers within 8 s.
   * @param receivedAt epoch ms when the request arrived
   * @throws Problem that `isFailure`
   */
  submit(request: NormalizedRequest, requester: Requester, receivedAt: number): Promise<FlatSubmission>
  /** The answer for a transfer as it is now; undefined when there is none that the reader may see. @throws StoreUnavailable */
  find(transferId: string, reader: Requester): Promise<FlatAnswer | undefined>
}

export function createFlatTransfers({ transfers, ledger, rules, clock }: FlatTransfersDependencies): FlatTransfers {
  const readingNode = () => ({ nodeId: ledger.nodeId, now: clock() })

  /** Waits while a request with the same key is running: a refusal would make the flow move the call itself, away from that transfer. */
  async function submitOrWait(request: NormalizedRequest, requester: Requester, receivedAt: number): Promise<Submission> {
    for (;;) {
      const submission = await transfers.submit(request, requester, receivedAt)
      const isKeyInUse = 'problem' in submission.outcome && submission.outcome.problem.code === 'IDEMPOTENCY_KEY_IN_USE'
      if (!isKeyInUse || clock() + sameKeyPollMs >= receivedAt + answerDeadlineMs) return submission
      await setTimeout(sameKeyPollMs)
    }
  }

  /** The transfer that was refused; undefined when the refusal names no transfer or another one, or the ledger cannot be read. */
  async function findRefused({ code, extensions: { transferId } }: Problem): Promise<TransferRecord | undefined> {
    if (transferId === undefined || codesAboutOtherTransfers.has(code)) return undefined
    return ledger.findTransfer(transferId).catch(() => undefined)
  }

  async function answerWithOutcome(request: NormalizedRequest, requester: Requester, receivedAt: number): Promise<FlatSubmission> {
    const { outcome, transferId, replayed: isReplay } = await submitOrWait(request, requester, receivedAt)
    if ('transfer' in outcome) return { answer: toFlatAnswer(outcome.transfer), transferId, isReplay }
    const { problem } = outcome
    if (isFailure(problem)) throw problem
    return { answer: toFlatRefusal(problem, await findRefused(problem)), problem, transferId, isReplay }
  }

  /**
   * The answer when no outcome has come in time. The request may be waiting for an earlier, slower request for the same transfer: then
   * that transfer is the answer. Otherwise the ledger itself does not respond.
   */
  async function answerFromLedger(request: NormalizedRequest, requester: Requester): Promise<FlatSubmission> {
    const openTransfers = await Promise.race([
      ledger.findOpenTransfers(request.conversationId).catch(() => []),
      setTimeout(lookupMs, [] as TransferRecord[]),
    ])
    const same = openTransfers.find((record) => identityOfRecord(record, rules) === request.identity && canSee(requester, record))
    if (!same) throw new Problem('STORE_UNAVAILABLE', 'No answer was found in time.')
    return { answer: currentAnswer(same, readingNode()), transferId: same.id, isReplay: false }
  }

  return {
    async submit(request, requester, receivedAt) {
      const limited = { ...request, deadlineMs: Math.min(rules.deadlineMs, transferDeadlineMs) }
      const timer = new AbortController()
      const timeUp = setTimeout(receivedAt + answerDeadlineMs - lookupMs - clock(), undefined, { signal: timer.signal })
      try {
        return await Promise.race([
          answerWithOutcome(limited, requester, receivedAt),
          timeUp.then(() => answerFromLedger(limited, requester)),
        ])
      } finally {
        timer.abort()
      }
    },
    async find(transferId, reader) {
      const record = await ledger.findTransfer(transferId)
      return record && canSee(reader, record) ? currentAnswer(record, readingNode()) : undefined
    },
  }
}
