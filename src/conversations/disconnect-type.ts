/** What each `disconnectType` of an ended leg means for the call (docs/genesys-cloud.md rule 36). Only this file compares its values. */
import type { Leg } from './conversation.ts'

/**
 * Who ended the leg, and what that means for the call:
 * - `own_side`: this participant's person, device or program. An unanswered offer was declined or rang out.
 * - `other_side`: another participant. An unanswered offer ended because the caller left, so it was not refused.
 * - `platform`: the cloud, the provider or a dialing timeout.
 * - `handed_on`: a transfer, which took the call from this participant to another.
 * - `passed_on`: a transfer, because this participant did not take the call. The call goes on to a voicemail, a number or another queue.
 * - `forwarded`: a transfer, because this participant's calls are forwarded. The call goes on to the number that the participant has set.
 * - `unknown`: proves only that the leg is over.
 */
type DisconnectMeaning = 'own_side' | 'other_side' | 'platform' | 'handed_on' | 'passed_on' | 'forwarded' | 'unknown'

/** Every documented value, in lower case and with `donotdisturb` written out. */
export const disconnectMeanings: Readonly<Record<string, DisconnectMeaning>> = {
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
  // These occur on email and messages only.
  spam: 'unknown',
  inactivity: 'unknown',
  'session.expired': 'unknown',
  takeover: 'unknown',
  other: 'unknown',
}

/** The meaning of a leg's `disconnectType`; `unknown` for a leg without one. A `transfer.…` that is not listed means `handed_on`. */
function meaningOf({ disconnectType = 'other' }: Leg): DisconnectMeaning {
  const listed = Object.hasOwn(disconnectMeanings, disconnectType) ? disconnectMeanings[disconnectType] : undefined
  return listed ?? (disconnectType.startsWith('transfer.') ? 'handed_on' : 'unknown')
}

const onwardMeanings: ReadonlySet<DisconnectMeaning> = new Set<DisconnectMeaning>(['handed_on', 'passed_on', 'forwarded'])
const nonRefusalMeanings: ReadonlySet<DisconnectMeaning> = new Set<DisconnectMeaning>(['other_side', 'forwarded'])

/** Whether a transfer ended this leg, so that the call goes on with another participant. */
export const hasCallGoneOn = (leg: Leg): boolean => onwardMeanings.has(meaningOf(leg))

/** Whether this leg ended because the calls of its participant are forwarded. */
export const isForwarded = (leg: Leg): boolean => meaningOf(leg) === 'forwarded'

/**
 * Whether an unanswered offer on this leg counts as declined or rung out: always, except if another participant ended it or it was
 * forwarded.
 */
export const isRefusal = (leg: Leg): boolean => !nonRefusalMeanings.has(meaningOf(leg))
