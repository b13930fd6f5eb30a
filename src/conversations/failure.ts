/** Why a transfer that the platform accepted has failed, or what took the call after it had passed through the destination. */
import { isPerson } from './participants.ts'
import { isDestinationQueue, isUnanswered } from './pickup.ts'
import type { Destination } from './pickup.ts'
import type { Conversation, Participant, RecentTransfer } from './conversation.ts'
import type { Snapshot } from '../model/snapshot.ts'

const unansweredReasons = {
  queue: 'the queue did not take the call',
  agent: 'the agent did not answer',
  number: 'the number did not answer',
} as const satisfies Record<Destination['type'], string>

/**
 * The failure reason, if the destination was offered the call and every offer has ended unanswered (docs/genesys-cloud.md rule 38); a
 * destination that is a queue counts by its own legs. If only one participant joined, an error on its leg is the reason
 * (docs/genesys-cloud.md rule 24).
 * @param newcomers the participants that joined after the snapshot
 * @param offers the newcomers that `findOffers` returns for this destination
 */
export function describeUnanswered(newcomers: Participant[], offers: Participant[], destination: Destination): string | undefined {
  const queues = newcomers.filter((newcomer) => isDestinationQueue(newcomer, destination))
  const attempts = destination.type === 'queue' ? queues : offers
  // A queue that offered the call to an agent did take it.
  if (destination.type === 'queue' && offers.length > 0) return undefined
  if (attempts.length === 0 || !attempts.every(isUnanswered)) return undefined
  return describeLegError(newcomers) ?? unansweredReasons[destination.type]
}

/** The error on the leg of the only newcomer; undefined if there are several, or no error. */
function describeLegError([newcomer, another]: Participant[]): string | undefined {
  if (newcomer === undefined || another !== undefined) return undefined
  const code = newcomer.legs.find((leg) => leg.errorCode !== undefined)?.errorCode
  if (code === undefined) return undefined
  return isErrorCode(code) ? `the platform reported ${code}` : 'the platform reported an error on the new leg'
}

/**
 * Whether text of the platform may be repeated: only a code of letters, dots, hyphens and underscores. Other text could contain an address.
 */
const isErrorCode = (code: string) => /^[a-z][a-z._-]{0,99}$/i.test(code)

const recordedFailures: Partial<Record<RecentTransfer['state'], string>> = {
  failed: 'the platform says the transfer failed',
  timeout: 'the platform says the transfer timed out',
  canceled: 'the platform says the transfer was canceled',
}

/** The failure reason, if the platform lists this transfer's command as failed (docs/genesys-cloud.md rules 22 and 38). */
export function describeRecordedFailure(conversation: Conversation, snapshot: Snapshot, destination: Destination): string | undefined {
  const failed = conversation.recentTransfers.find(
    (transfer) => transfer.state in recordedFailures && isNew(transfer, snapshot) && matchesDestination(transfer, destination),
  )
  return failed && recordedFailures[failed.state]
}

/** Whether the transfer began after the snapshot. Snapshots of earlier versions list no transfers, so their time is compared instead. */
const isNew = (transfer: RecentTransfer, snapshot: Snapshot) =>
  snapshot.transferIds === undefined
    ? transfer.issuedAt !== undefined && Date.parse(transfer.issuedAt) >= snapshot.takenAt
    : !snapshot.transferIds.includes(transfer.id)

/**
 * Whether the transfer goes to this destination: a queue is named only within the address (docs/genesys-cloud.md rule 22). Without user and
 * address: yes.
 */
function matchesDestination({ destinationUserId: userId, destinationAddress: address }: RecentTransfer, destination: Destination): boolean {
  if (userId === undefined && address === undefined) return true
  switch (destination.type) {
    case 'queue':
      return address?.includes(destination.queueId) === true
    case 'agent':
      return userId === destination.userId
    case 'number':
      return userId === undefined
  }
}

/**
 * Where the in-queue flow sent the call (docs/genesys-cloud.md rule 40): `ivr`, `voicemail`, `external` or `other`. Undefined if a person
 * or another queue has the call, or if it was not in the destination queue before. A voicemail counts in any case.
 * @param taker the newcomer that has the call now
 */
export function findFlowOutTarget(taker: Participant, newcomers: Participant[], destination: Destination): string | undefined {
  if (taker.purpose === 'acd' || isPerson(taker)) return undefined
  const wasInQueue = newcomers.some((newcomer) => isDestinationQueue(newcomer, destination))
  if (!wasInQueue && taker.purpose !== 'voicemail') return undefined
  return ['ivr', 'voicemail', 'external'].find((purpose) => purpose === taker.purpose) ?? 'other'
}
