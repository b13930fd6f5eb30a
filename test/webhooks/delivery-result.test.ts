/** What the result of an attempt means for its delivery: delivered, due again later, or given up. */
import t from 'tap'
import { decideDeliveryResult } from '../../src/webhooks/delivery-result.ts'
import type { SendResult } from '../../src/webhooks/webhook-sender.ts'

const now = Date.UTC(2026, 0, 5)
const delays = [0, 5_000, 60_000]
const delayBefore = (attempt: number) => delays[attempt - 1]
const decide = (result: Partial<SendResult>, delivery: { tries?: number; isProbe?: boolean } = {}) =>
  decideDeliveryResult(
    { id: 'evt_1', tries: 0, isProbe: false, ...delivery },
    { outcome: 'retry', durationMs: 7, ...result },
    now,
    delayBefore,
  )

t.test('given an attempt, then its time, status, error and duration are recorded', async (t) => {
  t.same(decide({ outcome: 'delivered', status: 204 }), {
    id: 'evt_1',
    state: 'delivered',
    attempt: { at: '2026-01-05T00:00:00.000Z', status: 204, error: null, durationMs: 7 },
    nextAt: null,
  })
  t.match(decide({ error: 'the connection broke' }).attempt, { status: null, error: 'the connection broke' })
})

t.test('given a receiver that is gone, or an address that is not allowed, then the delivery ends as refused', async (t) => {
  t.match(decide({ outcome: 'gone', status: 410 }), { state: 'refused', nextAt: null })
  t.match(decide({ outcome: 'refused' }), { state: 'refused', nextAt: null })
})

t.test('given failed attempts, then the next one is due by the schedule, and after the last one the delivery is exhausted', async (t) => {
  t.match(decide({}, { tries: 0 }), { state: 'pending', nextAt: now + 5_000 })
  t.match(decide({}, { tries: 1 }), { state: 'pending', nextAt: now + 60_000 })
  t.match(decide({}, { tries: 2 }), { state: 'exhausted', nextAt: null })
})

t.test('given a failed attempt with Retry-After, then the next attempt is due at the later of Retry-After and the schedule', async (t) => {
  t.equal(decide({ retryAfterMs: 9_000 }).nextAt, now + 9_000)
  t.equal(decide({ retryAfterMs: 1_000 }).nextAt, now + 5_000)
})

t.test(
  'given a probe of a paused endpoint, then a failed probe leaves the delivery pending, and a successful one delivers it',
  async (t) => {
    for (const outcome of ['retry', 'gone', 'refused'] as const)
      t.match(decide({ outcome }, { tries: 2, isProbe: true }), { state: 'pending', nextAt: now, isProbe: true }, outcome)
    t.match(decide({ outcome: 'delivered' }, { isProbe: true }), { state: 'delivered', nextAt: null, isProbe: undefined })
  },
)
