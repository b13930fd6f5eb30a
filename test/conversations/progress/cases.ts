/** Shared by the tests of progress: calls that are transferred, participants that take them, and the function that runs the cases. */
import type { Test } from 'tap'
import { observeProgress } from '../../../src/conversations/progress.ts'
import type { CallProgress } from '../../../src/conversations/progress.ts'
import type { Destination } from '../../../src/conversations/pickup.ts'
import type { Snapshot } from '../../../src/model/snapshot.ts'
import { acd, agent, conversationOf, customer, isoAt, ivr, participant, snapshotHeldBy } from '../fixtures.ts'
import type { Json, ParticipantOptions } from '../fixtures.ts'

export const toQueue: Destination = { type: 'queue', queueId: 'sales' }
export const toAgent: Destination = { type: 'agent', userId: 'ann' }
export const toNumber: Destination = { type: 'number' }

// The call before the transfer.
export const heldByIvr = snapshotHeldBy('ivr', [customer(), ivr()])
export const heldByQueue = snapshotHeldBy('old-acd', [customer(), acd('old-acd', 'billing')])
export const heldByAgent = snapshotHeldBy('old-agent', [customer(), agent('old-agent', 'bob', 'billing', { answeredAt: 0 })])

// Participants that have left.
export const callerGone = customer({ endedAt: 30, disconnectType: 'endpoint' })
export const ivrGone = ivr({ endedAt: 2, disconnectType: 'transfer' })
export const queueGone = acd('old-acd', 'billing', { endedAt: 2, disconnectType: 'transfer' })
export const agentGone = agent('old-agent', 'bob', 'billing', { answeredAt: 0, endedAt: 2, disconnectType: 'transfer' })

// The old holder, still on the call.
export const queueStillThere = acd('old-acd', 'billing')
export const agentStillThere = agent('old-agent', 'bob', 'billing', { answeredAt: 0 })

// Newcomers.
/** The destination queue. */
export const salesQueue = (options: ParticipantOptions = {}) => acd('sales-acd', 'sales', { startedAt: 2, ...options })
/** An offer of the destination queue to Ann, who is also the destination agent. */
export const ann = (options: ParticipantOptions = {}) => agent('ann-1', 'ann', 'sales', { startedAt: 3, ...options })
/** The number that was dialed. */
export const dialedParty = (options: ParticipantOptions = {}) => participant('dialed', 'external', { startedAt: 3, ...options })

/** A conversation's list of transfer commands with a failed one in it. */
export const withFailedTransfer = (fields: Json = {}) => ({
  recentTransfers: [{ id: 't9', state: 'Failed', dateIssued: isoAt(2), ...fields }],
})

export interface ProgressCase {
  /** What happens to the call; completes "when …". */
  event: string
  /** The snapshot that was taken before the transfer. */
  before: Snapshot
  /** The participants after the transfer. */
  participants: Json[]
  /** Further fields of the conversation. */
  fields?: Json
  to: Destination
  expected: CallProgress
}

const destinationNames = { queue: 'a queue', agent: 'an agent', number: 'a number' }

/** Runs one test for each case, with the participants in both orders, because the platform promises no order. */
export function testProgress(t: Test, cases: ProgressCase[]): void {
  for (const { event, before, participants, fields, to, expected } of cases) {
    void t.test(
      `given a call that was sent to ${destinationNames[to.type]}, when ${event}, then its progress is ${expected.status}`,
      async (t) => {
        t.same(observeProgress(conversationOf(participants, fields), before, to), expected)
        t.same(observeProgress(conversationOf(participants.toReversed(), fields), before, to), expected, 'in reversed order')
      },
    )
  }
}
