/** What the audit-poll stage does after one read of a call, and when it reads the next time. */
import assert from 'node:assert/strict'
import fc from 'fast-check'
import t from 'tap'
import type { CallProgress } from '../../../src/conversations/progress.ts'
import { auditPoll, nextPollDelayMs } from '../../../src/transfers/stages/audit-poll.ts'
import { transitions } from '../../../src/model/states.ts'
import type { TransferRecord } from '../../../src/model/transfer.ts'
import { createTestRecord } from '../../support/transfer-record.ts'

const rules = { pickupTimeoutMs: 30_000, pollIntervalMs: 2_000 }
const initiatedAt = Date.parse('2026-11-23T09:00:00Z')
const initiated = createTestRecord({ state: 'initiated', initiatedAt })
const decided = createTestRecord({ state: 'decided', updatedAt: new Date(initiatedAt).toISOString(), receivedAt: initiatedAt - 100 })
const timedOut = createTestRecord({ state: 'timeout', initiatedAt, lateWatch: true })

const table: Array<[situation: string, record: TransferRecord, progress: CallProgress, afterMs: number, expected: object]> = [
  [
    'a pickup',
    initiated,
    { status: 'picked_up', userId: 'u', at: '2026-11-23T09:00:12Z', bounces: 2 },
    13_000,
    { action: 'move', to: 'picked_up', patch: { pickupMs: 12_000, pickupTime: '2026-11-23T09:00:12.000Z', agentUserId: 'u', bounces: 2 } },
  ],
  [
    "a pickup before the acceptance, by the platform's clock",
    initiated,
    { status: 'picked_up', at: '2026-11-23T08:59:59Z', bounces: 0 },
    1_000,
    { to: 'picked_up', patch: { pickupMs: 0 } },
  ],
  [
    'a pickup that is seen after the timeout',
    initiated,
    { status: 'picked_up', at: '2026-11-23T09:00:29Z', bounces: 0 },
    31_000,
    { to: 'picked_up' },
  ],
  ['a call that waits', initiated, { status: 'waiting', bounces: 0 }, 10_000, { action: 'wait' }],
  ['a declined offer', initiated, { status: 'waiting', bounces: 1 }, 10_000, { action: 'note', status: 'bounced', patch: { bounces: 1 } }],
  [
    'a call that still waits at the timeout',
    initiated,
    { status: 'waiting', bounces: 1 },
    30_000,
    { action: 'move', to: 'timeout', patch: { code: 'PICKUP_TIMEOUT', lateWatch: true, bounces: 1 } },
  ],
  [
    'a pickup at the number to which the calls of the agent are forwarded',
    initiated,
    { status: 'picked_up', via: 'forwarding', bounces: 0 },
    5_000,
    { to: 'picked_up', patch: { agentUserId: null }, detail: { via: 'forwarding' } },
  ],
  ['a caller who hung up', initiated, { status: 'abandoned', bounces: 0 }, 5_000, { to: 'abandoned', patch: { code: 'CALLER_ABANDONED' } }],
  [
    'a failure',
    initiated,
    { status: 'failed', reason: 'the agent did not answer', bounces: 1 },
    5_000,
    { to: 'failed', patch: { code: 'TRANSFER_FAILED' } },
  ],
  ['voicemail', initiated, { status: 'flowed_out', to: 'voicemail', bounces: 0 }, 5_000, { to: 'failed', patch: { code: 'FLOWED_OUT' } }],
  [
    'a call that was moved elsewhere',
    initiated,
    { status: 'elsewhere', bounces: 0 },
    5_000,
    { to: 'superseded', patch: { code: 'SUPERSEDED' } },
  ],
  ['an old state shortly after the acceptance', initiated, { status: 'unmoved', bounces: 0 }, 3_000, { action: 'wait' }],
  ['a call that never moved', initiated, { status: 'unmoved', bounces: 0 }, 10_000, { to: 'failed', patch: { code: 'TRANSFER_FAILED' } }],
  [
    'a flow that follows the decision',
    decided,
    { status: 'waiting', bounces: 0 },
    4_000,
    { to: 'initiated', patch: { initiatedAt: initiatedAt + 4_000, latencyMs: 4_100 } },
  ],
  ['a flow that still talks to the caller', decided, { status: 'unmoved', bounces: 0 }, 29_000, { action: 'wait' }],
  ['a flow that hops to another flow', decided, { status: 'elsewhere', bounces: 0 }, 2_000, { action: 'wait' }],
  [
    'a flow that goes elsewhere',
    decided,
    { status: 'elsewhere', bounces: 0 },
    30_000,
    { to: 'failed', patch: { code: 'DECISION_NOT_FOLLOWED' } },
  ],
  [
    'a late pickup',
    timedOut,
    { status: 'picked_up', userId: 'u', bounces: 0 },
    60_000,
    { action: 'note', status: 'late_pickup', patch: { lateWatch: false } },
  ],
  [
    'a late pickup at the number to which the calls of the agent are forwarded',
    timedOut,
    { status: 'picked_up', via: 'forwarding', bounces: 0 },
    60_000,
    { action: 'note', status: 'late_pickup', detail: { agentUserId: null, via: 'forwarding' } },
  ],
  ['a call that still waits after the timeout', timedOut, { status: 'waiting', bounces: 0 }, 60_000, { action: 'wait' }],
  ['a caller who gave up after the timeout', timedOut, { status: 'abandoned', bounces: 0 }, 60_000, { action: 'end' }],
  ['a call that waits for hours', timedOut, { status: 'waiting', bounces: 0 }, 3_600_000, { action: 'end' }],
]
t.test('given one read of a call, then its progress decides what follows', async (t) => {
  for (const [situation, record, progress, afterMs, expected] of table)
    t.match(auditPoll(record, progress, initiatedAt + afterMs, rules), expected, `given ${situation}`)
})

/** Without `callback_created`, because a callback is created instead of moving the call. */
const anyProgress: fc.Arbitrary<CallProgress> = fc
  .nat(5)
  .chain((bounces) =>
    fc.constantFrom<CallProgress>(
      { status: 'picked_up', bounces },
      { status: 'ringing', bounces },
      { status: 'waiting', bounces },
      { status: 'abandoned', bounces },
      { status: 'failed', reason: 'w', bounces },
      { status: 'flowed_out', to: 'ivr', bounces },
      { status: 'elsewhere', bounces },
      { status: 'unmoved', bounces },
    ),
  )
t.test('given any progress at any time, then only allowed transitions follow, and no transfer waits beyond the timeout', async (t) => {
  t.doesNotThrow(() =>
    fc.assert(
      fc.property(fc.constantFrom(initiated, decided), anyProgress, fc.nat(100_000), (record, progress, afterMs) => {
        const decision = auditPoll(record, progress, initiatedAt + afterMs, rules)
        if (decision.action === 'move') assert.ok(transitions[record.state].includes(decision.to))
        if (afterMs >= rules.pickupTimeoutMs) assert.equal(decision.action, 'move')
      }),
    ),
  )
})
t.test(
  'given many polls, then the interval grows to two and a half times, but no poll is later than the timeout; after it, the interval is tenfold',
  async (t) => {
    t.equal(nextPollDelayMs(initiated, 0, rules, initiatedAt), 2_000)
    t.equal(nextPollDelayMs(initiated, 50, rules, initiatedAt + 1_000), 5_000)
    t.equal(nextPollDelayMs(initiated, 50, rules, initiatedAt + 29_000), 1_000)
    t.equal(nextPollDelayMs(timedOut, 3, rules, initiatedAt + 40_000), 20_000)
  },
)
