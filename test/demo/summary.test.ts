/** How the results of the demo's calls are compared with the expected ones and printed as a table. */
import t from 'tap'
import { describeOutcome, isAsExpected, type CallResult } from '../../src/demo/run-call.ts'
import { formatTable } from '../../src/demo/summary.ts'
import { createPainter } from '../../src/demo/terminal.ts'
import { toStoredTarget } from '../../src/model/target.ts'
import type { Transfer } from '../../src/model/transfer.ts'

t.test('given calls of which some did not go as expected, then the table names them and says why', async (t) => {
  const good: CallResult = { title: 'A', expected: 'picked up', actual: 'picked up', deviations: [], latencyMs: 70, pickupMs: 810 }
  const unexpectedOutcome: CallResult = { ...good, title: 'B', actual: 'PICKUP_TIMEOUT', pickupMs: null }
  const missingEvent: CallResult = { ...good, title: 'C', deviations: ['the CRM received nothing instead of initiated'] }
  t.strictSame([good, unexpectedOutcome, missingEvent].map(isAsExpected), [true, false, false])
  const text = formatTable([good, unexpectedOutcome, missingEvent], createPainter(false)).join('\n')
  t.match(text, /A +picked up +picked up +70 ms +0\.81 s/)
  t.match(text, /Not as expected: B: PICKUP_TIMEOUT instead of picked up/)
  t.match(text, /Not as expected: C: the CRM received nothing/)
  t.notMatch(text, /Not as expected: A/)
})

t.test('given a transfer, then its outcome mentions the fallback, the declined offers and the 429', async (t) => {
  const resolvedTarget: NonNullable<Transfer['resolvedTarget']> = toStoredTarget({
    type: 'queue',
    queueId: 'q',
    skillIds: [],
    languageId: null,
    priority: 0,
    usedFallback: true,
  })
  t.equal(
    describeOutcome({ state: 'picked_up', code: null, bounces: 2, resolvedTarget }, 1),
    'picked up, by the fallback, 2 offers declined, after 429',
  )
  t.equal(describeOutcome({ state: 'rejected', code: 'LOOP_DETECTED', bounces: 0, resolvedTarget: null }, 0), 'LOOP_DETECTED')
})
