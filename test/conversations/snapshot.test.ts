/** When a call has moved away from the holder of its snapshot. */
import t from 'tap'
import { hasMovedSince } from '../../src/conversations/snapshot.ts'
import { acd, agent, conversationOf, customer, ivr } from './fixtures.ts'
import type { Json } from './fixtures.ts'
import { agentGone, agentStillThere, callerGone, heldByAgent, heldByIvr, heldByQueue, ivrGone, salesQueue } from './progress/cases.ts'

t.test(
  'given a snapshot, when the conversation is read later, then a move away from the holder is distinguished from the end of the call',
  async (t) => {
    const hasMoved = (participants: Json[], before = heldByIvr) => hasMovedSince(conversationOf(participants), before)
    t.equal(hasMoved([customer(), ivr()]), false, 'the holder still has the call')
    t.equal(hasMoved([customer(), ivrGone]), true, 'the holder left by a transfer')
    t.equal(hasMoved([callerGone, ivr({ endedAt: 30, disconnectType: 'peer' })]), false, 'the caller hung up')
    t.equal(hasMoved([customer(), ivr({ endedAt: 2 }), salesQueue()]), true, 'a queue has the call')
    t.equal(hasMoved([customer(), salesQueue()]), true, 'the holder is no longer listed')
    t.equal(
      hasMoved(
        [
          callerGone,
          acd('old-acd', 'billing', { endedAt: 30, disconnectType: 'peer' }),
          agent('a9', 'eve', 'billing', { endedAt: 30, disconnectType: 'peer' }),
        ],
        heldByQueue,
      ),
      false,
      'an unanswered offer moves nothing',
    )
    t.equal(hasMoved([customer(), agentStillThere, agent('c', 'eve', undefined, { answeredAt: 5 })], heldByAgent), false, 'a consult')
    t.equal(
      hasMoved(
        [
          callerGone,
          agent('old-agent', 'bob', 'billing', { answeredAt: 0, endedAt: 31, disconnectType: 'peer' }),
          agent('c', 'eve', undefined, { answeredAt: 5, endedAt: 32 }),
        ],
        heldByAgent,
      ),
      false,
      'a consult that ended with the call',
    )
    t.equal(hasMoved([customer(), agentGone, salesQueue()], heldByAgent), true, 'an agent left by a transfer')
    t.equal(
      hasMoved([customer(), ivr(), agent('sup', 'eve', undefined, { answeredAt: 4, fields: { monitoredParticipantId: 'ivr' } })]),
      false,
      'a supervisor monitors the call',
    )
  },
)
