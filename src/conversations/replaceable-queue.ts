/** Which participant a command can replace while the call waits at its destination, so that the call moves on. */
import type { Snapshot } from '../model/snapshot.ts'
import type { Conversation, Participant } from './conversation.ts'
import { countOpenLegs, findAnswerTime, isConnected, toEpochMs } from './leg.ts'
import { isOutside, isPerson } from './participants.ts'
import { isDestinationQueue, type Destination } from './pickup.ts'
import { findNewcomers } from './snapshot.ts'

/**
 * The destination queue's participant, which has the call while it waits and while an agent's phone rings (docs/genesys-cloud.md rules 10,
 * 33 and 102). When an agent picks up, the queue's leg ends and the platform refuses to replace it, so a call is never taken from a
 * person. Undefined if the queue does not have the call, or if the call rings directly at an agent or a number: then only the caller is
 * connected. Also undefined while the call rings at a number or a colleague to which an offer of the queue was forwarded.
 */
export function findReplaceableQueue(conversation: Conversation, snapshot: Snapshot, destination: Destination): Participant | undefined {
  const newcomers = findNewcomers(conversation, snapshot)
  if (newcomers.some((newcomer) => isCalledByForwarding(newcomer, destination))) return undefined
  return newcomers
    .filter((newcomer) => isDestinationQueue(newcomer, destination) && isConnected(newcomer))
    .toSorted((a, b) => toEpochMs(findAnswerTime(b)) - toEpochMs(findAnswerTime(a)))[0]
}

/** Whether this newcomer is being called although the destination queue does not offer it the call. */
function isCalledByForwarding(newcomer: Participant, destination: Destination): boolean {
  if (countOpenLegs(newcomer) === 0 || isConnected(newcomer)) return false
  return isOutside(newcomer) || (isPerson(newcomer) && !(destination.type === 'queue' && newcomer.queueId === destination.queueId))
}
