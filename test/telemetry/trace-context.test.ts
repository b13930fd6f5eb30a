import t from 'tap'
import { traceIdOf, traceparentOf } from '../../src/telemetry/trace-context.ts'

const trace = '4bf92f3577b34da6a3ce929d0e0e4736'
const good = `00-${trace}-00f067aa0ba902b7-01`

t.test('given a traceparent, then it is passed on as it came', async (t) => {
  t.equal(traceparentOf(good), good)
  t.equal(traceIdOf(good), trace)
})

t.test('given none, or one that is malformed, then a new trace begins', async (t) => {
  const wrong = [
    undefined,
    '',
    'nonsense',
    good.toUpperCase(),
    `${good}-x`,
    `00-${'0'.repeat(32)}-00f067aa0ba902b7-01`,
    `ff-${trace}-00f067aa0ba902b7-01`,
    [good, good],
  ]
  const made = wrong.map((header) => traceparentOf(header))
  for (const one of made) t.match(one, /^00-[0-9a-f]{32}-[0-9a-f]{16}-01$/)
  t.equal(new Set(made.map(traceIdOf)).size, wrong.length, 'each a trace of its own')
  t.equal(traceIdOf(null), null)
})
