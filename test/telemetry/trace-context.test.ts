/** Which traceparent a request continues, and when a new trace starts. */
import t from 'tap'
import { parseTraceId, ensureTraceparent } from '../../src/telemetry/trace-context.ts'

const traceId = '4bf92f3577b34da6a3ce929d0e0e4736'
const valid = `00-${traceId}-00f067aa0ba902b7-01`

t.test('given a valid traceparent, then it is kept as it is', async (t) => {
  t.equal(ensureTraceparent(valid), valid)
  t.equal(parseTraceId(valid), traceId)
})

t.test('given no traceparent or a malformed one, then a new trace starts', async (t) => {
  const malformed = [
    undefined,
    '',
    'nonsense',
    valid.toUpperCase(),
    `${valid}-x`,
    `00-${'0'.repeat(32)}-00f067aa0ba902b7-01`,
    `ff-${traceId}-00f067aa0ba902b7-01`,
    [valid, valid],
  ]
  const started = malformed.map((header) => ensureTraceparent(header))
  for (const traceparent of started) t.match(traceparent, /^00-[0-9a-f]{32}-[0-9a-f]{16}-01$/)
  t.equal(new Set(started.map(parseTraceId)).size, malformed.length, 'each is a trace of its own')
  t.equal(parseTraceId(null), null)
})
