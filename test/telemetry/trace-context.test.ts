/** When a request continues the trace of its traceparent, and when a new trace starts. */
import t from 'tap'
import { parseTraceId, ensureTraceparent } from '../../src/telemetry/trace-context.ts'

const traceId = '4bf92f3577b34da6a3ce929d0e0e4736'
const valid = `00-${traceId}-00f067aa0ba902b7-01`

t.test('given a valid traceparent, when a request has it, then it is kept unchanged', async (t) => {
  t.equal(ensureTraceparent(valid), valid)
  for (const id of ['11111111111111111111111111111111', '00000000000000000000000000000001', '0123456789abcdef0123456789abcdef'])
    t.equal(ensureTraceparent(`00-${id}-00f067aa0ba902b7-01`), `00-${id}-00f067aa0ba902b7-01`)
  t.equal(parseTraceId(valid), traceId)
})

t.test('given no traceparent or a malformed one, when a request comes, then a new trace starts', async (t) => {
  const malformed = [
    undefined,
    '',
    'nonsense',
    valid.toUpperCase(),
    `${valid}-x`,
    `00-${'0'.repeat(32)}-00f067aa0ba902b7-01`,
    `ff-${traceId}-00f067aa0ba902b7-01`,
    // A phone number in the form of an id, which would be in every log line.
    '00-00000000000000000000013175550123-00f067aa0ba902b7-01',
    '00-a0000000000000000000013175550123-00f067aa0ba902b7-01',
    '00-13175550123131755501231317555012-00f067aa0ba902b7-01',
    `00-${traceId}-0000003175550123-01`,
    [valid, valid],
  ]
  const started = malformed.map((header) => ensureTraceparent(header))
  for (const traceparent of started) t.match(traceparent, /^00-[0-9a-f]{32}-[0-9a-f]{16}-01$/)
  t.strictSame(
    started.filter((traceparent) => malformed.includes(traceparent)),
    [],
  )
  t.equal(new Set(started.map(parseTraceId)).size, malformed.length, 'each starts its own trace')
  t.equal(parseTraceId(null), null)
})
