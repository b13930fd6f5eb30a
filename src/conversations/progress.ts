/** What became of a transfer that the platform accepted, decided from one read of the conversation. */
import { describeRecordedFailure, describeUnanswered, findFlowOutTarget } from './failure.ts'
import { hasAnswered, isOutside, isPerson } from './participants.ts'
import { findAnswerTime, isFinished, toEpochMs, wasPresentUntil } from './leg.ts'
import { countBounces, findOffers, findPassedOn, findPickup, findRinging, isDestinationQueue } from './pickup.ts'
import type { Destination } from './pickup.ts'
import type { Conversation, Participant } from './conversation.ts'
import { findCallerHangup, findNewcomers, isStillHeld } from './snapshot.ts'
import type { Snapshot } from '../model/snapshot.ts'

/**
 * `at` is the platform's time, ISO 8601. `reason` and `to` never contain an address. `bounces` counts the offers that agents declined or let
 * ring out so far.
 */
export type CallProgress =
  /** `via`: an outside party answered, to which the platform passed an agent's call on (docs/genesys-cloud.md rule 98). */
  | { status: 'picked_up'; userId?: string; at?: string; via?: 'forwarding'; bounces: number }
  | { status: 'ringing'; userId?: string; bounces: number }
  | { status: 'waiting'; bounces: number }
  | { status: 'abandoned'; at?: string; bounces: number }
  | { status: 'failed'; reason: string; bounces: number }
  /** The in-queue flow moved the call on. */
  | { status: 'flowed_out'; to: string; bounces: number }
  /** The call was moved elsewhere: a participant other than the destination answered it, or it waits in another queue. */
  | { status: 'elsewhere'; bounces: number }
  /** A callback was created instead, and the call stays where it is. */
  | { status: 'callback_created'; bounces: number }
  /** No new participant has the call. This is not yet a failure: the platform may show a transfer late (docs/genesys-cloud.md rule 21). */
  | { status: 'unmoved'; bounces: number }

/**
 * Compares a conversation with the snapshot taken before its transfer (docs/genesys-cloud.md rules 32–40). The order of the checks matters:
 * - A pickup comes first, because it stays true after the caller has hung up.
 * - A move elsewhere comes before the caller's hang-up: a caller who hung up after the move did not abandon the transfer.
 * - The legs come before the platform's list of transfers, which may lag behind.
 */
export function observeProgress(conversation: Conversation, snapshot: Snapshot, destination: Destination): CallProgress {
  const newcomers = findNewcomers(conversation, snapshot)
  const offers = findOffers(newcomers, destination)
  const bounces = countBounces(offers)
  const failed = (reason: string): CallProgress => ({ status: 'failed', reason, bounces })

  const pickup = findPickup(offers)
  if (pickup !== undefined) {
    const at = toOptionalTime(findAnswerTime(pickup))
    // The platform does not show who answered a forwarded call.
    if (destination.type !== 'number' && isOutside(pickup)) return { status: 'picked_up', ...at, via: 'forwarding', bounces }
    return { status: 'picked_up', ...pickUserId(pickup), ...at, bounces }
  }

  const hangup = findCallerHangup(conversation, snapshot)
  const isWithHolder = isStillHeld(conversation, snapshot)
  const waitingQueue = newcomers.find(
    (newcomer) => isDestinationQueue(newcomer, destination) && hasAnswered(newcomer) && wasPresentUntil(newcomer, hangup?.at),
  )
  const taker = findTaker(newcomers)
  const isWithQueue = taker !== undefined && isDestinationQueue(taker, destination)
  const ringing = findRinging(offers)
  const unanswered = describeUnanswered(newcomers, offers, destination)

  // During a consult or a conference the old holder is still on the call, so the call has not moved.
  if (taker !== undefined && !isWithQueue && waitingQueue === undefined && !isWithHolder && ringing === undefined) {
    if (unanswered !== undefined && !isPerson(taker)) return failed(unanswered)
    const flowOutTarget = findFlowOutTarget(taker, newcomers, destination)
    return flowOutTarget === undefined ? { status: 'elsewhere', bounces } : { status: 'flowed_out', to: flowOutTarget, bounces }
  }
  if (hangup !== undefined) return { status: 'abandoned', ...toOptionalTime(hangup.at), bounces }

  if (ringing !== undefined) return { status: 'ringing', ...pickUserId(ringing), bounces }
  if (waitingQueue !== undefined) return { status: 'waiting', bounces }

  const recordedFailure = describeRecordedFailure(conversation, snapshot, destination)
  // The platform is about to ring somewhere else: the next read shows where.
  const passedOn = destination.type !== 'queue' && !isWithHolder && recordedFailure === undefined ? findPassedOn(offers) : undefined
  if (passedOn !== undefined) return { status: 'ringing', ...pickUserId(passedOn), bounces }

  const reason = (isWithQueue && isWithHolder ? 'the call went back to where it was' : unanswered) ?? recordedFailure
  if (reason !== undefined) return failed(reason)
  // If the queue's leg has ended and no other participant has the call yet, the next read shows which one gets it.
  return { status: isWithQueue ? 'waiting' : 'unmoved', bounces }
}

/**
 * The newcomer that answered last among those still on the call, or else the newcomer that answered last of all; undefined if none has
 * answered.
 */
const findTaker = (newcomers: Participant[]): Participant | undefined =>
  newcomers
    .filter(hasAnswered)
    .toSorted((a, b) => Number(isFinished(a)) - Number(isFinished(b)) || toEpochMs(findAnswerTime(b)) - toEpochMs(findAnswerTime(a)))[0]

const pickUserId = ({ userId }: Participant) => (userId === undefined ? {} : { userId })
const toOptionalTime = (at: string | undefined) => (at === undefined ? {} : { at })
