import { customerOf, holdersOf, internalOf, isOutside, isPerson } from './participants.ts'
import { connectedLeg, isFinished, ringingLeg } from './leg.ts'
import type { Participant, Conversation } from './conversation.ts'

export type Replaced = 'agent' | 'acd' | 'ivr' | 'other'

/** `saw` is one plain sentence for the person who asked; it never holds an address or any other text of the platform's. */
export type Transferability =
  | { transferable: true; holder: Participant; customer: Participant; replaces: Replaced }
  | { transferable: false; ended: boolean; saw: string }

const REPLACED: Record<string, Replaced> = { agent: 'agent', user: 'agent', acd: 'acd', ivr: 'ivr' }
const WORDS: Record<string, string> = { agent: 'an agent', user: 'a user', acd: 'the queue', ivr: 'the IVR', voicemail: 'voicemail' }
const SAYABLE = ['alerting', 'dialing', 'contacting', 'offering', 'converting', 'uploading', 'transmitting', 'parked', 'scheduled', 'none']

const wordFor = (one: Participant) => (Object.hasOwn(WORDS, one.purpose) ? WORDS[one.purpose] : 'another participant')
const stateOf = (one: Participant) => SAYABLE.find((state) => one.calls.some((leg) => leg.state === state)) ?? 'in an unknown state'

/** Whether this call can be moved now, and whom to replace to move it (genesys-api §3.2 rules 1 and 2). A call on hold can. */
export function transferable(picture: Conversation): Transferability {
  const refuse = (saw: string, ended = false): Transferability => ({ transferable: false, ended, saw })
  if (picture.endedAt !== undefined) return refuse('the conversation has ended', true)

  const customer = customerOf(picture.participants)
  if (customer === undefined) return refuse('there is no caller in this conversation', isAllOver(picture))
  if (isFinished(customer)) return refuse('the caller has hung up', true)
  const caller = connectedLeg(customer)
  if (caller === undefined) return refuse(`the caller's leg is ${stateOf(customer)}`)

  const moving = picture.recentTransfers.find(({ state }) => state === 'pending' || state === 'active')
  if (moving !== undefined) return refuse(`another transfer of this call is ${moving.state}`)

  const others = picture.participants.filter((one) => one !== customer && !one.monitors).toSorted((a, b) => (a.id < b.id ? -1 : 1))
  const ringing = others.find((one) => isPerson(one) && ringingLeg(one) !== undefined)
  if (ringing !== undefined) return refuse(`${wordFor(ringing)}'s leg is ${stateOf(ringing)}`)
  if (others.some((one) => isOutside(one) && connectedLeg(one) !== undefined)) return refuse('another outside party is on the call')
  if (internalOf(others).filter((one) => isPerson(one) && connectedLeg(one) !== undefined).length > 1)
    return refuse('more than one agent is on the call')

  const [holder, second] = holdersOf(picture, caller)
  if (holder === undefined) return refuse('nobody holds the call at this moment')
  if (second !== undefined) return refuse(`the call is between ${[holder, second].map(wordFor).join(' and ')}`)
  const replaces = Object.hasOwn(REPLACED, holder.purpose) ? REPLACED[holder.purpose] : undefined
  return { transferable: true, holder, customer, replaces: replaces ?? 'other' }
}

const isAllOver = ({ participants }: Conversation) =>
  participants.some(isFinished) && participants.every((one) => one.calls.length === 0 || isFinished(one))
