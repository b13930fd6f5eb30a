/** Whether a call can be transferred now and, if it cannot, why and whether waiting can help. */
import { findCustomer, findHolders, findInternalParticipants, isOutside, isPerson } from './participants.ts'
import { isConsultInProgress } from './consult.ts'
import { findConnectedLeg, findListedState, findRingingLeg, hasRingingLeg, isConnected, isFinished } from './leg.ts'
import { mediumByField, type Conversation, type Participant } from './conversation.ts'

/**
 * `holder` is the participant that a command replaces. `canRetry`: whether the call may become transferable by itself. `reason` is part of
 * an error message of the API; it never contains an address or any other text of the platform.
 */
export type Transferability =
  | { isTransferable: true; holder: Participant; customer: Participant }
  | { isTransferable: false; hasEnded: boolean; canRetry: boolean; reason: string }

const purposeNames: Readonly<Record<string, string>> = {
  agent: 'an agent',
  user: 'a user',
  acd: 'the queue',
  ivr: 'the IVR',
  voicemail: 'voicemail',
  external: 'an outside party',
  customer: 'another customer',
}
const nameOf = ({ purpose }: Participant) => (Object.hasOwn(purposeNames, purpose) ? purposeNames[purpose] : 'another participant')
/** The state of the participant's leg, in words. A state that leg.ts does not list is not repeated: it could contain an address. */
const stateOf = (participant: Participant) => findListedState(participant) ?? 'in an unknown state'

const ended = (reason: string): Transferability => ({ isTransferable: false, hasEnded: true, canRetry: false, reason })
const never = (reason: string): Transferability => ({ isTransferable: false, hasEnded: false, canRetry: false, reason })
const notYet = (reason: string): Transferability => ({ isTransferable: false, hasEnded: false, canRetry: true, reason })

/**
 * Checks a conversation against the preconditions of a transfer, and finds the participant to replace
 * (docs/genesys-cloud.md rules 29–30). A call on hold can be transferred.
 */
export function checkTransferable(conversation: Conversation): Transferability {
  const { participants, recentTransfers } = conversation
  if (conversation.endedAt !== undefined) return ended('the platform has ended it')
  const onCall = participants.filter(({ legs }) => legs.length > 0)
  if (participants.length > 0 && onCall.length === 0) return refuseOtherMedium(participants) ?? never('the conversation has no call')

  const customer = findCustomer(participants)
  if (customer === undefined) {
    const reason = 'there is no caller in this conversation'
    return refuseOtherMedium(participants.filter(isOutside)) ?? (haveAllFinished(participants) ? ended(reason) : notYet(reason))
  }
  if (isFinished(customer)) return ended('the caller has hung up')
  const callerLeg = findConnectedLeg(customer)
  if (callerLeg === undefined)
    return (findRingingLeg(customer) ? undefined : refuseOtherMedium([customer])) ?? notYet(`the caller's leg is ${stateOf(customer)}`)

  const running = recentTransfers.find(({ state }) => state === 'pending' || state === 'active')
  if (running !== undefined) return notYet(`another transfer of this call is ${running.state}`)

  if (isConsultInProgress(participants, customer)) return notYet('the call is being handed over; a consult is in progress')
  const others = participants
    .filter((participant) => participant !== customer && !participant.isMonitor)
    .toSorted((a, b) => (a.id < b.id ? -1 : 1))
  const ringing = others.find(hasRingingLeg)
  if (ringing !== undefined) return notYet(`${nameOf(ringing)}'s leg is ${stateOf(ringing)}`)
  if (hasRingingLeg(customer)) return notYet(`the caller's second leg is ${stateOf(customer)}`)
  // The platform has no command that takes a call back from an outside party (docs/genesys-cloud.md rule 11).
  if (others.some((participant) => isOutside(participant) && isConnected(participant)))
    return never(
      'another outside party is on the call; the platform can take such a call back only by SIP REFER, or once that party leaves',
    )
  const connectedPeople = findInternalParticipants(others).filter((participant) => isPerson(participant) && isConnected(participant))
  if (connectedPeople.length > 1) return notYet('more than one agent is on the call')

  const [holder, second] = findHolders(conversation, callerLeg)
  if (holder === undefined) return notYet('no participant holds the call at this moment')
  if (second !== undefined) return notYet(`both ${nameOf(holder)} and ${nameOf(second)} are on the call`)
  return { isTransferable: true, holder, customer }
}

/**
 * The refusal for participants in another medium, such as a chat or a waiting callback: their conversation never becomes a call
 * (docs/genesys-cloud.md rule 23). Undefined if they use none.
 */
function refuseOtherMedium(participants: Participant[]): Transferability | undefined {
  const medium = Object.values(mediumByField).find((candidate) =>
    participants.some((participant) => participant.otherMedia.includes(candidate)),
  )
  return medium && never(`it is ${/^[aeiou]/.test(medium) ? 'an' : 'a'} ${medium}, not a call`)
}

const haveAllFinished = (participants: Participant[]) =>
  participants.some(isFinished) && participants.every((participant) => participant.legs.length === 0 || isFinished(participant))
