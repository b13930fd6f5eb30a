/**
 * Submits the request of a tool. An agent repeats a call of a tool whose answer it did not get, however late, and acts on the answer. So a
 * repeat is answered with the transfer as it is by then: an agent that reads "was there before" of a call that a person has just picked up
 * would move it away from that person. A check says what a transfer would say.
 */
import type { FlatSubmission, FlatTransfers } from '../architect/flat-transfers.ts'
import { canSee, limitedToReadable } from '../auth/restriction.ts'
import type { ApiKey } from '../ledger/contract/api-keys.ts'
import type { TransferStore } from '../ledger/contract/transfers.ts'
import type { RefusalCode } from '../model/problems.ts'
import type { State } from '../model/states.ts'
import type { TransferRecord } from '../model/transfer.ts'
import { identityOf } from '../transfers/request/fingerprint.ts'
import { identityOfRecord, type NormalizedRequest } from '../transfers/request/normalize-request.ts'
import type { Rules } from '../transfers/stage-context.ts'
import type { SubmittedRequest } from './tools/tool.ts'

export interface SubmitRequestDependencies {
  flatTransfers: FlatTransfers
  ledger: Pick<TransferStore, 'findLastMoved' | 'findOpenTransfers' | 'findTransfer'>
  rules: Pick<Rules, 'defaultQueueId'>
}

type Reader = Pick<ApiKey, 'id' | 'queues'>

export type ToolSubmission = FlatSubmission & SubmittedRequest

/** Submits a request and answers within about 8 s. @param receivedAt epoch ms when it arrived @throws Problem STORE_UNAVAILABLE or FORBIDDEN */
export type SubmitRequest = (request: NormalizedRequest, key: ApiKey, receivedAt: number) => Promise<ToolSubmission>

/** The loop guard refuses a repeat with one of these once the transfer that it repeats is over. */
const guardCodes: ReadonlySet<RefusalCode> = new Set(['LOOP_DETECTED', 'DEPTH_LIMIT_REACHED'])
/** Final states after which a repeat has nothing to do: the call is where it was sent, as far as it is known, or its caller is not on it. */
const arrivedStates: ReadonlySet<State> = new Set(['picked_up', 'timeout', 'abandoned', 'callback_created'])

export function createSubmitRequest({ flatTransfers, ledger, rules }: SubmitRequestDependencies): SubmitRequest {
  /** Whether a transfer moves its call to the target of the request, and the reader may see it. */
  function isSame(record: TransferRecord, { conversationId, targets: [target] }: NormalizedRequest, reader: Reader): boolean {
    const asked = target && identityOf(conversationId, target, 'execute')
    return identityOfRecord(record, rules) === asked && canSee(reader, record)
  }

  /** The id of the transfer that has done already what the request asks for, if it is the last one that moved the call. */
  async function findArrived(request: NormalizedRequest, reader: Reader): Promise<string | undefined> {
    const last = await ledger.findLastMoved(request.conversationId)
    return last && arrivedStates.has(last.state) && isSame(last, request, reader) ? last.id : undefined
  }

  /** The id of the transfer that is doing already what the request asks for. One that has timed out only waits for a late pickup. */
  async function findUnderWay(request: NormalizedRequest, reader: Reader): Promise<string | undefined> {
    const open = await ledger.findOpenTransfers(request.conversationId)
    return open.findLast((record) => record.state !== 'timeout' && isSame(record, request, reader))?.id
  }

  /** The id of the transfer that a request repeats; undefined if it repeats none. */
  async function findRepeated(request: NormalizedRequest, reader: Reader, submission: FlatSubmission): Promise<string | undefined> {
    const { problem, isReplay, transferId } = submission
    if (problem) return guardCodes.has(problem.code) ? findArrived(request, reader) : undefined
    return isReplay ? transferId : undefined
  }

  /** Whether the request has another summary or reason than the transfer, whose own are not changed by it. */
  async function hasOtherSummary(transferId: string, { summary, reason }: NormalizedRequest): Promise<boolean> {
    if (summary === null && reason === null) return false
    const earlier = await ledger.findTransfer(transferId)
    return (summary !== null && summary !== earlier?.summary) || (reason !== null && reason !== earlier?.reason)
  }

  /** The answer about a transfer as it is now; undefined if there is none, or the reader may not see it. */
  async function answerAbout(
    transferId: string | undefined,
    request: NormalizedRequest,
    reader: Reader,
  ): Promise<ToolSubmission | undefined> {
    const answer = transferId === undefined ? undefined : await flatTransfers.find(transferId, reader)
    if (transferId === undefined || !answer) return undefined
    return { answer, transferId, isReplay: true, keepsEarlierSummary: await hasOtherSummary(transferId, request) }
  }

  /**
   * The answer to a request without a key that a transfer which is over has done already. It is not submitted: the loop guard would refuse it,
   * and the ledger and the CRM would have a refused transfer that nobody asked for. For a check, this is also so if the transfer is under way.
   */
  async function answerEarlier(request: NormalizedRequest, reader: Reader): Promise<ToolSubmission | undefined> {
    const isCheck = request.mode === 'dryRun'
    if (!isCheck && request.key !== undefined) return undefined
    try {
      const earlierId = (await findArrived(request, reader)) ?? (isCheck ? await findUnderWay(request, reader) : undefined)
      return await answerAbout(earlierId, request, reader)
    } catch {
      // The ledger cannot be read just now. Submitting the request says so.
      return undefined
    }
  }

  return async (request, key, receivedAt) => {
    const reader = limitedToReadable(key)
    const earlier = await answerEarlier(request, reader)
    if (earlier) return earlier
    const submission = await flatTransfers.submit(request, key, receivedAt)
    try {
      return (await answerAbout(await findRepeated(request, reader, submission), request, reader)) ?? submission
    } catch {
      // The ledger cannot be read just now. The answer to the request itself is known, and it is true.
      return submission
    }
  }
}
