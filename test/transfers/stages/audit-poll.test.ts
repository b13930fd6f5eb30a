import assert from 'node:assert/strict'
import fc from 'fast-check'
import t from 'tap'
import type { CallProgress } from '../../../src/conversations/progress.ts'
import { auditPoll, nextLook } from '../../../src/transfers/stages/audit-poll.ts'
import { moves } from '../../../src/model/states.ts'
import { aRecord } from '../../support/record.ts'

const rules = { pickupTimeoutMs: 30_000, pollIntervalMs: 2_000 }
const began = Date.parse('2026-11-23T09:00:00Z')
const initiated = aRecord({ state: 'initiated', initiatedAt: began })
const decided = aRecord({ state: 'decided', updatedAt: new Date(began).toISOString(), receivedAt: began - 100 })
const timedOut = aRecord({ state: 'timeout', initiatedAt: began, lateWatch: true })

const table: Array<[string, Parameters<typeof auditPoll>[0], CallProgress, number, object]> = [
  [
    'a pickup',
    initiated,
    { status: 'picked_up', participantId: 'p', userId: 'u', at: '2026-11-23T09:00:12Z', bounces: 2 },
    13_000,
    { action: 'move', to: 'picked_up', patch: { pickupMs: 12_000, pickupTime: '2026-11-23T09:00:12.000Z', agentUserId: 'u', bounces: 2 } },
  ],
  [
    "a pickup before our own acceptance, by the platform's clock",
    initiated,
    { status: 'picked_up', participantId: 'p', at: '2026-11-23T08:59:59Z', bounces: 0 },
    1_000,
    { to: 'picked_up', patch: { pickupMs: 0 } },
  ],
  [
    'a pickup seen after the timeout would be due',
    initiated,
    { status: 'picked_up', participantId: 'p', at: '2026-11-23T09:00:29Z', bounces: 0 },
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
  ['a caller who hung up', initiated, { status: 'abandoned', bounces: 0 }, 5_000, { to: 'abandoned', patch: { code: 'CALLER_ABANDONED' } }],
  [
    'a failure',
    initiated,
    { status: 'failed', why: 'the agent did not answer', bounces: 1 },
    5_000,
    { to: 'failed', patch: { code: 'TRANSFER_FAILED' } },
  ],
  ['voicemail', initiated, { status: 'flowed_out', to: 'voicemail', bounces: 0 }, 5_000, { to: 'failed', patch: { code: 'FLOWED_OUT' } }],
  ['somebody else', initiated, { status: 'elsewhere', bounces: 0 }, 5_000, { to: 'superseded', patch: { code: 'SUPERSEDED' } }],
  ['an old picture right after the 202', initiated, { status: 'unmoved', bounces: 0 }, 3_000, { action: 'wait' }],
  ['a call that never moved', initiated, { status: 'unmoved', bounces: 0 }, 10_000, { to: 'failed', patch: { code: 'TRANSFER_FAILED' } }],
  [
    'a flow that follows the decision',
    decided,
    { status: 'waiting', bounces: 0 },
    4_000,
    { to: 'initiated', patch: { initiatedAt: began + 4_000, latencyMs: 4_100 } },
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
    { status: 'picked_up', participantId: 'p', userId: 'u', bounces: 0 },
    60_000,
    { action: 'note', status: 'late_pickup', patch: { lateWatch: false } },
  ],
  ['a call that still waits after the timeout', timedOut, { status: 'waiting', bounces: 0 }, 60_000, { action: 'wait' }],
  ['a caller who gave up after the timeout', timedOut, { status: 'abandoned', bounces: 0 }, 60_000, { action: 'end' }],
  ['a call that waits for hours', timedOut, { status: 'waiting', bounces: 0 }, 3_600_000, { action: 'end' }],
]
t.test('what follows from what is seen', async (t) => {
  for (const [given, record, seen, after, expected] of table)
    t.match(auditPoll(record, seen, began + after, rules), expected, `given ${given}`)
})

const anySight: fc.Arbitrary<CallProgress> = fc
  .nat(5)
  .chain((bounces) =>
    fc.constantFrom<CallProgress>(
      { status: 'picked_up', participantId: 'p', bounces },
      { status: 'ringing', bounces },
      { status: 'waiting', bounces },
      { status: 'abandoned', bounces },
      { status: 'failed', why: 'w', bounces },
      { status: 'flowed_out', to: 'ivr', bounces },
      { status: 'elsewhere', bounces },
      { status: 'unmoved', bounces },
    ),
  )
t.test('whatever is seen and whenever, only allowed moves follow, and nothing is waited for beyond its time', async (t) => {
  t.doesNotThrow(() =>
    fc.assert(
      fc.property(fc.constantFrom(initiated, decided), anySight, fc.nat(100_000), (record, seen, after) => {
        const verdict = auditPoll(record, seen, began + after, rules)
        if (verdict.action === 'move') assert.ok(moves[record.state].includes(verdict.to))
        if (after >= rules.pickupTimeoutMs) assert.equal(verdict.action, 'move')
      }),
    ),
  )
})
t.test('looks begin at the interval, ease off to two and a half times that, and the last before the timeout falls on it', async (t) => {
  t.equal(nextLook(initiated, 0, rules, began), 2_000)
  t.equal(nextLook(initiated, 50, rules, began + 1_000), 5_000)
  t.equal(nextLook(initiated, 50, rules, began + 29_000), 1_000)
  t.equal(nextLook(timedOut, 3, rules, began + 40_000), 20_000)
})
