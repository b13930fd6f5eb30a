/**
 * Submits the request of a tool. An agent repeats a call of a tool whose answer it did not get, however late, and acts on the answer. So a
 * repeat is answered with the transfer as it is by then: an agent that reads "was there before" of a call that a person has just picked up
 * would move it away from that person.
 */
import type { FlatSubmission, FlatTransfers } from '../architect/flat-transfers.ts'
import { canSee, limitedToReadable } from '../auth/restriction.ts'
import type { ApiKey } from '../ledger/contract/api-keys.ts'
import type { TransferStore } from '../ledger/contract/transfers.ts'
import type { RefusalCode } from '../model/problems.ts'
import type { State } from '../model/states.ts'
import { identityOfRecord, type NormalizedRequest } from '../transfers/request/normalize-request.ts'
import type { Rules } from '../transfers/stage-context.ts'

export interface SubmitRequestDependencies {
  flatTransfers: FlatTransfers
  ledger: Pick<TransferStore, 'findLastMoved'>
  rules: Pick<Rules, 'defaultQueueId'>
}

type Reader = Pick<ApiKey, 'id' | 'queues'>

/** Submits a request and answers within about 8 s. @param receivedAt epoch ms when it arrived @throws Problem STORE_UNAVAILABLE or FORBIDDEN */
export type SubmitRequest = (request: NormalizedRequest, key: ApiKey, receivedAt: number) => Promise<FlatSubmission>

/** The loop guard refuses a repeat with one of these once the transfer that it repeats is over. */
const guardCodes: ReadonlySet<RefusalCode> = new Set(['LOOP_DETECTED', 'DEPTH_LIMIT_REACHED'])
/** Final states after which a repeat has nothing to do: the call is where it was sent, as far as it is known, or its caller is not on it. */
const arrivedStates: ReadonlySet<State> = new Set(['picked_up', 'timeout', 'abandoned', 'callback_created'])

export function createSubmitRequest({ flatTransfers, ledger, rules }: SubmitRequestDependencies): SubmitRequest {
  /** The id of the transfer that has done already what the request asks for, if it is the last one that moved the call. */
  async function findArrived({ conversationId, identity }: NormalizedRequest, reader: Reader): Promise<string | undefined> {
    const last = await ledger.findLastMoved(conversationId)
    const hasArrived = last && arrivedStates.has(last.state) && identityOfRecord(last, rules) === identity && canSee(reader, last)
    return hasArrived ? last.id : undefined
  }

  /** The id of the transfer that a request repeats; undefined if it repeats none. */
  async function findRepeated(request: NormalizedRequest, reader: Reader, submission: FlatSubmission): Promise<string | undefined> {
    const { problem, isReplay, transferId } = submission
    if (problem) return guardCodes.has(problem.code) ? findArrived(request, reader) : undefined
    return isReplay ? transferId : undefined
  }

  /** The answer about a transfer as it is now; undefined if there is none, or the reader may not see it. */
  async function answerAbout(transferId: string | undefined, reader: Reader): Promise<FlatSubmission | undefined> {
    const answer = transferId === undefined ? undefined : await flatTransfers.find(transferId, reader)
    return answer && { answer, transferId, isReplay: true }
  }

  /**
   * The answer to a request without a key that a transfer which is over has done already. It is not submitted: the loop guard would refuse it,
   * and the ledger and the CRM would have a refused transfer that nobody asked for.
   */
  async function answerLateRepeat(request: NormalizedRequest, reader: Reader): Promise<FlatSubmission | undefined> {
    try {
      return request.key === undefined ? await answerAbout(await findArrived(request, reader), reader) : undefined
    } catch {
      // The ledger cannot be read just now. Submitting the request says so.
      return undefined
    }
  }

  return async (request, key, receivedAt) => {
    if (request.mode !== 'execute') return flatTransfers.submit(request, key, receivedAt)
    const reader = limitedToReadable(key)
    const repeat = await answerLateRepeat(request, reader)
    if (repeat) return repeat
    const submission = await flatTransfers.submit(request, key, receivedAt)
    try {
      return (await answerAbout(await findRepeated(request, reader, submission), reader)) ?? submission
    } catch {
      // The ledger cannot be read just now. The answer to the request itself is known, and it is true.
      return submission
    }
  }
}
