/** When a call moves on to its next place, when the pickup timeout ends a transfer, and how the priority grows with the wait. */
import fc from 'fast-check'
import t from 'tap'
import { firstHop, type CurrentHop, type EarlierHop } from '../../../src/model/hop.ts'
import { toStoredTarget } from '../../../src/model/target.ts'
import { isOverflowDue, overflowAt, raisedPriority, timeoutAt } from '../../../src/transfers/hops/hop-times.ts'
import { auditPoll, nextPollDelayMs } from '../../../src/transfers/stages/audit-poll.ts'
import { createTestRecord } from '../../support/transfer-record.ts'

const rules = { pickupTimeoutMs: 30_000, pollIntervalMs: 2_000 }
const initiatedAt = 1_000_000
const recordWith = (hop: Partial<CurrentHop>) => createTestRecord({ state: 'initiated', initiatedAt, hop: { ...firstHop, ...hop } })
const waiting = { status: 'waiting', bounces: 0 } as const

t.test('given a hop without overflow, then the call never moves on, and the pickup timeout counts from the acceptance', async (t) => {
  const record = recordWith({})
  t.equal(overflowAt(record, rules), undefined)
  t.notOk(isOverflowDue(record, rules, initiatedAt + 3_600_000))
  t.equal(timeoutAt(record, rules, 0), initiatedAt + 30_000)
})

t.test('given a hop with overflow after a minute, then the pickup timeout counts from then, although it is shorter', async (t) => {
  const record = recordWith({ overflowAfterMs: 60_000 })
  const decide = (afterMs: number) => auditPoll(record, waiting, initiatedAt + afterMs, rules).action
  t.equal(decide(59_999), 'wait', 'until then it waits')
  t.equal(decide(60_000), 'overflow', 'then it moves on')
  t.equal(decide(3_600_000), 'overflow', 'also if the service was stopped for long')
  t.equal(timeoutAt(record, rules, 0), initiatedAt + 90_000)
  t.equal(nextPollDelayMs(record, 50, rules, initiatedAt + 59_000), 1_000, 'the call is polled at that moment')
  t.equal(nextPollDelayMs(record, 50, rules, initiatedAt + 59_000, true), 1_000, 'also while events arrive')
})

t.test('given a call that could not move on, then it is tried again every five intervals until the timeout', async (t) => {
  const record = recordWith({ overflowAfterMs: 60_000, triedAt: initiatedAt + 60_000 })
  t.equal(overflowAt(record, rules), initiatedAt + 70_000)
  const decide = (afterMs: number) => auditPoll(record, waiting, initiatedAt + afterMs, rules)
  t.match(decide(69_999), { action: 'wait' })
  t.match(decide(70_000), { action: 'overflow' })
  t.match(decide(90_000), { action: 'move', to: 'timeout' })
  const returned = recordWith({ overflowAfterMs: 60_000, triedAt: initiatedAt + 85_000, returnedAt: initiatedAt + 85_000 })
  t.equal(timeoutAt(returned, rules, 0), initiatedAt + 115_000, 'the time for a command that did nothing does not count')
  t.match(auditPoll(recordWith({ overflowAfterMs: 60_000, triedAt: 1 }), waiting, initiatedAt + 59_000, rules), { action: 'wait' })
})

t.test('given a call that no longer waits at its place, then it does not move on', async (t) => {
  const record = recordWith({ overflowAfterMs: 60_000 })
  const decide = (progress: Parameters<typeof auditPoll>[1]) => auditPoll(record, progress, initiatedAt + 65_000, rules)
  t.match(decide({ status: 'ringing', bounces: 1 }), { action: 'overflow', bounces: 1 }, 'a call that rings at an agent still moves on')
  t.match(decide({ status: 'picked_up', bounces: 0 }), { action: 'move', to: 'picked_up' })
  t.match(decide({ status: 'abandoned', bounces: 0 }), { action: 'move', to: 'abandoned' })
  t.match(decide({ status: 'elsewhere', bounces: 0 }), { action: 'move', to: 'superseded' })
  t.match(decide({ status: 'flowed_out', to: 'voicemail', bounces: 0 }), { action: 'move', to: 'failed' })
  t.match(decide({ status: 'failed', reason: 'no', bounces: 0 }), { action: 'move', to: 'failed' })
  t.match(decide({ status: 'unmoved', bounces: 0 }), { action: 'move', to: 'failed' })
})

t.test('given a later hop, then overflow and timeout count from the acceptance of that hop', async (t) => {
  const record = {
    ...recordWith({ overflowAfterMs: 10_000, initiatedAt: initiatedAt + 100_000 }),
    earlierHops: [{} as never],
  }
  t.equal(overflowAt(record, rules), initiatedAt + 110_000)
  t.equal(timeoutAt(record, rules, 0), initiatedAt + 140_000)
})

const queueA = '00000000-0000-4000-8000-00000000000a'
const queueB = '00000000-0000-4000-8000-00000000000b'
/** A call that waits in a queue with this priority. @param startedAt epoch ms of its first hop */
const waitingWith = (priority: number, startedAt: number | null) =>
  createTestRecord({ state: 'initiated', initiatedAt: startedAt, resolvedTarget: inQueue(queueA, priority) })
const inQueue = (queueId: string, priority: number) =>
  toStoredTarget({ type: 'queue', queueId, skillIds: [], languageId: null, priority, usedFallback: false })

t.test('given any wait, then the priority is raised by one for each full minute, and never beyond the maximum', async (t) => {
  t.strictSame(
    [0, 59_999, 60_000, 119_999, 3_600_000, -5_000].map((ms) => raisedPriority(waitingWith(5, initiatedAt), initiatedAt + ms, 25_000_000)),
    [5, 5, 6, 6, 65, 5],
  )
  t.equal(raisedPriority(waitingWith(5, null), initiatedAt, 25_000_000), 5)
  t.doesNotThrow(() =>
    fc.assert(
      fc.property(fc.integer({ min: -100, max: 100 }), fc.nat(1_000_000_000), (priority, ms) => {
        const raised = raisedPriority(waitingWith(priority, 0), ms, 100)
        return raised >= priority && raised <= 100
      }),
    ),
  )
})

t.test('given several hops, then no minute of the whole wait is lost or counted twice, also after a hop within a queue', async (t) => {
  const hops: Array<{ queueId: string; at: number }> = [
    { queueId: queueA, at: 0 },
    { queueId: queueA, at: 90_000 },
    { queueId: queueB, at: 180_000 },
  ]
  const earlierHops = hops.map(({ queueId, at }) => ({
    ...({ hop: firstHop, snapshot: null, routing: 'done', mirror: 'done', endedAt: null } as never as EarlierHop),
    resolvedTarget: inQueue(queueId, 0),
    initiatedAt: at,
  }))
  const recordAt = (index: number, priority: number) =>
    createTestRecord({
      state: 'initiated',
      initiatedAt: 0,
      resolvedTarget: inQueue(String(hops[index]?.queueId), priority),
      hop: { ...firstHop, initiatedAt: index === 0 ? null : (hops[index]?.at ?? null) },
      earlierHops: earlierHops.slice(0, index),
    })
  t.equal(raisedPriority(recordAt(1, 5), 180_000, 100), 8, 'the hop within the queue has raised nothing')
  t.equal(raisedPriority(recordAt(2, 8), 270_000, 100), 9, 'three minutes are counted already')
  t.equal(raisedPriority(recordAt(2, 50), 270_000, 100), 51, 'a change of the priority is kept')
})
