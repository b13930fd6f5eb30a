import { answeredAt, connectedLeg, instant, leftAt, ringingLeg } from './leg.ts'
import type { Leg, Participant, Conversation } from './conversation.ts'

const OUTSIDE = new Set(['customer', 'external'])
const PEOPLE = new Set(['agent', 'user'])

/** Somebody of ours, on a phone: an agent, or a user who was called directly. */
export const isPerson = (participant: Participant): boolean => PEOPLE.has(participant.purpose)

/** The parties outside: the customer, and whoever was dialled. */
export const isOutside = (participant: Participant): boolean => OUTSIDE.has(participant.purpose)

/**
 * The caller: a `customer`, else an `external` (genesys-api §3.2). Of several the one who is connected, else who left last, else who
 * came last: a customer leg that ended early in the call must never be taken for the caller's hang-up.
 */
export function customerOf(participants: Participant[]): Participant | undefined {
  const outside = participants.filter((one) => one.calls.length > 0 && !one.monitors)
  const customers = outside.filter((one) => one.purpose === 'customer')
  const candidates = customers.length > 0 ? customers : outside.filter((one) => one.purpose === 'external')
  return candidates.toSorted(
    (a, b) =>
      Number(connectedLeg(b) !== undefined) - Number(connectedLeg(a) !== undefined) ||
      instant(leftAt(b)) - instant(leftAt(a)) ||
      instant(b.startedAt ?? b.connectedAt) - instant(a.startedAt ?? a.connectedAt) ||
      (a.id < b.id ? -1 : 1),
  )[0]
}

/** The participants on our side of the call: queue, IVR, agents, anything unknown; not those who only listen in. */
export const internalOf = (participants: Participant[]): Participant[] =>
  participants.filter((one) => !isOutside(one) && !one.monitors && one.calls.length > 0)

/**
 * Who holds the call: internal, connected, and talking to this caller where the platform says so (genesys-api §3.2).
 * More than one means that the call is being handed over right now, or is a conference. Newest first.
 */
export function holdersOf(picture: Conversation, caller: Leg): Participant[] {
  const connected = internalOf(picture.participants).filter((one) => connectedLeg(one) !== undefined)
  const withCaller = connected.filter((one) => connectedLeg(one)?.peerId === caller.id)
  const holders = withCaller.length > 0 ? withCaller : connected
  return holders.toSorted((a, b) => instant(answeredAt(b)) - instant(answeredAt(a)) || (a.id < b.id ? -1 : 1))
}

/**
 * Whether this participant has the call or had it. A person must have answered by the platform's clock (rule 3); a queue
 * has the call as soon as its leg lives, other machines and outside parties as soon as theirs is connected.
 */
export const hasAnswered = (participant: Participant): boolean =>
  answeredAt(participant) !== undefined ||
  (!isPerson(participant) && connectedLeg(participant) !== undefined) ||
  (participant.purpose === 'acd' && ringingLeg(participant) !== undefined)

/** Where a call comes from, as places of the transfer path: the holder's queue and the agent; none for a flow. */
export function originOf(holder: Participant): Array<{ type: 'queue'; queueId: string } | { type: 'agent'; userId: string }> {
  const person = isPerson(holder)
  return [
    ...((holder.purpose === 'acd' || person) && holder.queueId !== undefined ? [{ type: 'queue' as const, queueId: holder.queueId }] : []),
    ...(person && holder.userId !== undefined ? [{ type: 'agent' as const, userId: holder.userId }] : []),
  ]
}
