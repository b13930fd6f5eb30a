/** The order in which calls are moved, and the priorities by which they keep it. */
import fc from 'fast-check'
import t from 'tap'
import { orderCalls } from '../../../../src/transfers/submission/bulk/call-order.ts'

const minuteMs = 60_000
const now = 1_800_000_000_000
const waiting = (conversationId: string, waitedMs: number, priority = 0) => ({ conversationId, since: now - waitedMs, priority })

t.test('given calls of one priority, then the oldest comes first, and each gets a point for every whole minute', async (t) => {
  const calls = orderCalls([waiting('new', 30_000), waiting('old', 5.9 * minuteMs), waiting('middle', 5 * minuteMs)], now, 10)
  t.same(
    calls.map(({ position, conversationId, priority }) => [position, conversationId, priority]),
    [
      [1, 'old', 5],
      [2, 'middle', 5],
      [3, 'new', 0],
    ],
  )
})

t.test('given a call with a priority, then each point counts as a minute of waiting', async (t) => {
  const calls = orderCalls(
    [waiting('plain', 5 * minuteMs), waiting('preferred', minuteMs, 10), waiting('deferred', 20 * minuteMs, -18)],
    now,
    10,
  )
  t.same(
    calls.map(({ conversationId, priority }) => [conversationId, priority]),
    [
      ['preferred', 11],
      ['plain', 5],
      ['deferred', 2],
    ],
  )
})

t.test('given any calls, then the next queue serves them in their order, however long it takes to move them', async (t) => {
  const call = fc.record({ waitedMs: fc.integer({ min: -1_000, max: 100 * minuteMs }), priority: fc.integer({ min: -50, max: 50 }) })
  t.doesNotThrow(() =>
    fc.assert(
      fc.property(
        fc.array(call, { maxLength: 30 }),
        fc.array(fc.integer({ min: 1, max: 90_000 }), { minLength: 30, maxLength: 30 }),
        (calls, pauses) => {
          const ordered = orderCalls(
            calls.map(({ waitedMs, priority }, index) => waiting(String(index), waitedMs, priority)),
            now,
            100,
          )
          let arrivedAt = now
          const arrivals = ordered.map(({ priority }, index) => (arrivedAt += pauses[index] ?? 1) - priority * minuteMs)
          return arrivals.every((arrival, index) => index === 0 || arrival > (arrivals[index - 1] ?? 0))
        },
      ),
    ),
  )
})

t.test(
  'given a further list, then known calls and calls that arrived after the request are left out, and the limit counts all',
  async (t) => {
    const first = orderCalls([waiting('a', 3_000), waiting('b', 2_000)], now, 4)
    const further = orderCalls(
      [waiting('b', 2_000), waiting('c', 1_500), waiting('d', 1_000), waiting('e', 900), waiting('late', -5)],
      now,
      4,
      first,
    )
    t.same(
      further.map(({ position, conversationId }) => [position, conversationId]),
      [
        [3, 'c'],
        [4, 'd'],
      ],
    )
  },
)
