import t from 'tap'
import { table } from '../../src/demo/closing.ts'
import { asExpected, outcomeOf, type Played } from '../../src/demo/playing.ts'
import { fit, line, painter, wantsColours } from '../../src/demo/telling.ts'
import { waitingCallId } from '../../src/demo/waiting-calls.ts'
import { DEFAULT_SCENE } from '../../src/simulator/control/default-scene.ts'
import { TransferRequestSchema } from '../../src/model/transfer.ts'

const plain = painter(false)

t.test('given a moment, then its line tells the time since the call came, in names, and fits a terminal', async (t) => {
  const queueId = '9e0e0000-0000-4000-8000-000000000001'
  const names = new Map([[queueId, 'Support']])
  t.equal(
    line({ at: 1_080, what: 'initiated', text: `moved to queue ${queueId}` }, 1_000, names, plain),
    '   +0.08 s  initiated   moved to queue Support',
  )
  t.equal(line({ at: 1_080, what: 'initiated', text: 'x'.repeat(200) }, 1_000, names, plain).length, 110)
  t.equal(fit('x'.repeat(110)).length, 110)
})

t.test('colours are for terminals, and never where NO_COLOR is set', async (t) => {
  t.strictSame(
    [wantsColours({ isTTY: true }, {}), wantsColours({ isTTY: true }, { NO_COLOR: '1' }), wantsColours({}, { FORCE_COLOR: '1' })],
    [true, false, false],
  )
  t.equal(painter(true)('red', 'late'), '\u001B[31mlate\u001B[39m')
  t.equal(plain('red', 'late'), 'late')
})

t.test('given calls of which one went wrong, then the table says which and why', async (t) => {
  const good: Played = { title: 'A', expected: 'picked up', happened: 'picked up', faults: [], latencyMs: 70, pickupMs: 810 }
  const other: Played = { ...good, title: 'B', happened: 'PICKUP_TIMEOUT', pickupMs: null }
  const untold: Played = { ...good, title: 'C', faults: ['the CRM heard nothing instead of initiated'] }
  t.strictSame([good, other, untold].map(asExpected), [true, false, false])
  const text = table([good, other, untold], plain).join('\n')
  t.match(text, /A +picked up +picked up +70 ms +0\.81 s/)
  t.match(text, /Not as it should be: B: PICKUP_TIMEOUT instead of picked up/)
  t.match(text, /Not as it should be: C: the CRM heard nothing/)
  t.notMatch(text, /Not as it should be: A/)
})

t.test('an outcome says how it came about', async (t) => {
  const to = {
    type: 'queue',
    queueId: 'q',
    userId: null,
    skillIds: [],
    languageId: null,
    address: null,
    priority: 0,
    usedFallback: true,
  } as const
  t.equal(
    outcomeOf({ state: 'picked_up', code: null, bounces: 2, resolvedTarget: { ...to, skillIds: [] } }, 1),
    'picked up, by the fallback, 2 offers declined, after 429',
  )
  t.equal(outcomeOf({ state: 'rejected', code: 'LOOP_DETECTED', bounces: 0, resolvedTarget: null }, 0), 'LOOP_DETECTED')
})

t.test("the first waiting call is the OpenAPI example's", async (t) => {
  const [example] = (TransferRequestSchema as unknown as { examples: Array<{ conversationId: string }> }).examples
  t.equal(waitingCallId(1), example?.conversationId)
  t.strictSame(
    DEFAULT_SCENE.conversations.map((_, n) => waitingCallId(n + 1)),
    DEFAULT_SCENE.conversations,
    "and they go on from the scene's",
  )
})
