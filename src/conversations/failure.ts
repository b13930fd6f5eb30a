import { isPerson, hasAnswered } from './participants.ts'
import { isQueueOf, isUnanswered } from './pickup.ts'
import type { Destination } from './pickup.ts'
import type { Participant, Conversation, RecentTransfer } from './conversation.ts'
import type { Snapshot } from './snapshot.ts'

/** Rule 7, the destination's side: everything with which the destination could have taken the call ended unanswered. */
export function refusalAmong(newcomers: Participant[], offers: Participant[], destination: Destination): string | undefined {
  const queues = newcomers.filter((one) => isQueueOf(one, destination))
  const tried = destination.type === 'queue' ? queues : offers
  if (destination.type === 'queue' && offers.length > 0) return undefined
  if (tried.length === 0 || !tried.every(isUnanswered)) return undefined
  return { queue: 'the queue did not take the call', agent: 'the agent did not answer', number: 'the number did not answer' }[
    destination.type
  ]
}

/** Rule 7, the platform's error on the one new leg, when that is the destination's. */
export function errorAmong(newcomers: Participant[], offers: Participant[], destination: Destination): string | undefined {
  const [only, another] = newcomers
  if (only === undefined || another !== undefined || hasAnswered(only)) return undefined
  if (!offers.includes(only) && !isQueueOf(only, destination)) return undefined
  const code = only.calls.find((leg) => leg.errorCode !== undefined)?.errorCode
  if (code === undefined) return undefined
  return isSayable(code) ? `the platform reported ${code}` : 'the platform reported an error on the new leg'
}

// A code is a dotted word; whatever else stands there might quote an address.
const isSayable = (code: string) => /^[a-z][a-z._-]{0,99}$/i.test(code)

/** Rule 7, the platform's own record of the transfer command. */
export function failureOnRecord(picture: Conversation, snapshot: Snapshot, destination: Destination): string | undefined {
  const verdict = picture.recentTransfers.find(
    (one) =>
      (one.state === 'failed' || one.state === 'timeout' || one.state === 'canceled') && isNew(one, snapshot) && isOurs(one, destination),
  )
  return verdict === undefined
    ? undefined
    : `the platform says the transfer ${{ failed: 'failed', timeout: 'timed out', canceled: 'was canceled' }[verdict.state as 'failed']}`
}

const isNew = (transfer: RecentTransfer, snapshot: Snapshot) =>
  snapshot.transferIds === undefined
    ? transfer.issuedAt !== undefined && Date.parse(transfer.issuedAt) >= snapshot.takenAt
    : !snapshot.transferIds.includes(transfer.id)

// The record has no queue id; a queue's address carries it (genesys-api §4). One without any destination is judged by its newness alone.
function isOurs({ destinationUserId: userId, destinationAddress: address }: RecentTransfer, destination: Destination): boolean {
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

/** Rule 8: whom the destination let go of the call to, when that is a machine or somebody outside. */
export function flowedOutTo(taker: Participant, newcomers: Participant[], destination: Destination): string | undefined {
  if (taker.purpose === 'acd' || isPerson(taker)) return undefined
  const passedThrough = newcomers.some((one) => isQueueOf(one, destination))
  if (!passedThrough && taker.purpose !== 'voicemail') return undefined
  return ['ivr', 'voicemail', 'external'].find((purpose) => purpose === taker.purpose) ?? 'other'
}
