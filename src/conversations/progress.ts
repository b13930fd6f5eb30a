import { errorAmong, failureOnRecord, flowedOutTo, refusalAmong } from './failure.ts'
import { isPerson, hasAnswered } from './participants.ts'
import { answeredAt, instant, isFinished, wasPresentUntil } from './leg.ts'
import { bouncesAmong, isQueueOf, offersTo, pickupAmong, ringingAmong } from './pickup.ts'
import type { Destination } from './pickup.ts'
import type { Participant, Conversation, Routing } from './conversation.ts'
import { callerGone, newcomers, stillHeld } from './snapshot.ts'
import type { Snapshot } from './snapshot.ts'

/** What became of a transfer. `at` is the platform's time, ISO 8601; `why` and `to` never hold an address. */
export type CallProgress =
  | { status: 'picked_up'; participantId: string; userId?: string; at?: string; bounces: number }
  | { status: 'ringing'; userId?: string; bounces: number }
  | { status: 'waiting'; bounces: number; routing?: Routing }
  | { status: 'abandoned'; at?: string; bounces: number }
  | { status: 'failed'; why: string; bounces: number }
  | { status: 'flowed_out'; to: string; bounces: number }
  /** Somebody else moved it: it was answered by, or waits in, a place that is not the destination. */
  | { status: 'elsewhere'; bounces: number }
  /** Nobody new has taken the call. No failure by itself: the platform shows a transfer late (genesys-api §3.2). */
  | { status: 'unmoved'; bounces: number }

/**
 * Judges one picture against the snapshot taken before the transfer (genesys-api §3.2 rules 3–8).
 * A pickup outranks everything, since it stays true after the caller has hung up; what happened elsewhere outranks the caller's
 * leaving, since he left from there; and what is seen of the call outranks the platform's record of the command.
 */
export function observeProgress(picture: Conversation, snapshot: Snapshot, destination: Destination): CallProgress {
  const fresh = newcomers(picture, snapshot)
  const offers = offersTo(fresh, destination)
  const bounces = bouncesAmong(offers)
  const failed = (why: string): CallProgress => ({ status: 'failed', why, bounces })

  const answer = pickupAmong(offers)
  if (answer !== undefined)
    return { status: 'picked_up', participantId: answer.id, ...userOf(answer), ...timeOf(answeredAt(answer)), bounces }

  const gone = callerGone(picture, snapshot)
  const held = stillHeld(picture, snapshot)
  const queue = fresh.find((one) => isQueueOf(one, destination) && hasAnswered(one) && wasPresentUntil(one, gone?.at))
  const taker = lastToTake(fresh)
  const passed = taker !== undefined && isQueueOf(taker, destination)
  const ringing = ringingAmong(offers)
  const refusal = refusalAmong(fresh, offers, destination)

  // A consult or a conference does not move a call: its holder is still there.
  if (taker !== undefined && !passed && queue === undefined && !held && ringing === undefined) {
    if (refusal !== undefined && !isPerson(taker)) return failed(refusal)
    const out = flowedOutTo(taker, fresh, destination)
    return out === undefined ? { status: 'elsewhere', bounces } : { status: 'flowed_out', to: out, bounces }
  }
  if (gone !== undefined) return { status: 'abandoned', ...timeOf(gone.at), bounces }

  const error = errorAmong(fresh, offers, destination)
  if (error !== undefined) return failed(error)
  if (ringing !== undefined) return { status: 'ringing', ...userOf(ringing), bounces }
  if (queue !== undefined) return { status: 'waiting', bounces, ...(queue.routing && { routing: queue.routing }) }

  const failure = (passed && held ? 'the call went back to where it was' : refusal) ?? failureOnRecord(picture, snapshot, destination)
  if (failure !== undefined) return failed(failure)
  // The queue has let go and nobody has it yet: the next picture shows who.
  return { status: passed ? 'waiting' : 'unmoved', bounces }
}

/** Who has the call, of those who came after the snapshot: the newest who is in it now, else the newest who was. */
const lastToTake = (fresh: Participant[]): Participant | undefined =>
  fresh
    .filter(hasAnswered)
    .toSorted((a, b) => Number(isFinished(a)) - Number(isFinished(b)) || instant(answeredAt(b)) - instant(answeredAt(a)))[0]

const userOf = ({ userId }: Participant) => (userId === undefined ? {} : { userId })
const timeOf = (at: string | undefined) => (at === undefined ? {} : { at })
