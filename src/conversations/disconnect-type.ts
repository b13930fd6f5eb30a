/** What each `disconnectType` of an ended leg says about the call (docs/genesys-cloud.md rule 36). No other file decides this. */
import type { Leg } from './conversation.ts'

/**
 * Who ended the leg, and what follows for the call:
 * - `own_side`: this participant's person, device or program; on an unanswered offer: it was declined, or rang out.
 * - `other_side`: another participant, so that an unanswered offer was not refused.
 * - `platform`: the cloud, the provider or a dialing timeout.
 * - `handed_on`: a transfer took the call from this participant to another.
 * - `passed_on`: a transfer, because this participant did not take the call. The call goes on to a voicemail, a number or another queue.
 * - `forwarded`: a transfer, because this participant's calls are forwarded. The call goes on to the number that was set.
 * - `unknown`: proves only that the leg is over.
 */
type Meaning = 'own_side' | 'other_side' | 'platform' | 'handed_on' | 'passed_on' | 'forwarded' | 'unknown'

/** Every documented value, in lower case and with `donotdisturb` written out. */
export const disconnectMeanings: Readonly<Record<string, Meaning>> = {
  endpoint: 'own_side',
  'endpoint.donotdisturb': 'own_side',
  client: 'own_side',
  peer: 'other_side',
  system: 'platform',
  timeout: 'platform',
  error: 'platform',
  'transport.failure': 'platform',
  uncallable: 'platform',
  transfer: 'handed_on',
  'transfer.consult': 'handed_on',
  'transfer.conference': 'handed_on',
  'transfer.noanswer': 'passed_on',
  'transfer.notavailable': 'passed_on',
  'transfer.donotdisturb': 'passed_on',
  'transfer.forward': 'forwarded',
  // Email and messages only.
  spam: 'unknown',
  inactivity: 'unknown',
  'session.expired': 'unknown',
  takeover: 'unknown',
  other: 'unknown',
}

/** The meaning of a leg's `disconnectType`; `unknown` for a leg without one. A `transfer.…` that is not listed means `handed_on`. */
function meaningOf({ disconnectType = 'other' }: Leg): Meaning {
  const listed = Object.hasOwn(disconnectMeanings, disconnectType) ? disconnectMeanings[disconnectType] : undefined
  return listed ?? (disconnectType.startsWith('transfer.') ? 'handed_on' : 'unknown')
}

const onwardMeanings: ReadonlySet<Meaning> = new Set<Meaning>(['handed_on', 'passed_on', 'forwarded'])
const nonRefusalMeanings: ReadonlySet<Meaning> = new Set<Meaning>(['other_side', 'forwarded'])

/** Whether a transfer ended this leg, so that the call goes on with another participant. */
export const hasCallGoneOn = (leg: Leg): boolean => onwardMeanings.has(meaningOf(leg))

/** Whether an unanswered offer on this leg was declined, rang out or could not be delivered. Forwarding counts as none of these. */
export const isRefusal = (leg: Leg): boolean => !nonRefusalMeanings.has(meaningOf(leg))
