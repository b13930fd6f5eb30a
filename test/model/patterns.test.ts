import fc from 'fast-check'
import t from 'tap'
import { isE164, isIdempotencyKey, isUuid, parseTraceparent } from '../../src/model/patterns.ts'

t.test('given any UUID, in lower or upper case, then it is one; with anything before or after it, it is not', async (t) => {
  t.doesNotThrow(() =>
    fc.assert(
      fc.property(fc.uuid(), fc.string({ minLength: 1 }), (uuid, addition) => {
        return isUuid(uuid) && isUuid(uuid.toUpperCase()) && !isUuid(uuid + addition) && !isUuid(addition + uuid)
      }),
    ),
  )
})

t.test('given a phone number, then only the E.164 form counts', async (t) => {
  for (const number of ['+4930123', '+491511234567', '+123456789012345']) t.ok(isE164(number), number)
  for (const text of ['', '4930123', '+0301234567', '+49 30 1234567', '+1234567890123456', 'tel:+4930123456'])
    t.notOk(isE164(text), `"${text}"`)
})

t.test('given a key, then it has 1 to 255 visible ASCII characters', async (t) => {
  for (const key of ['a', '!~', 'x'.repeat(255)]) t.ok(isIdempotencyKey(key))
  for (const text of ['', ' ', 'a b', 'ü', 'a\n', 'x'.repeat(256)]) t.notOk(isIdempotencyKey(text), `"${text.slice(0, 5)}"`)
})

t.test('given a traceparent, then its parts are read; anything else has none', async (t) => {
  const traceId = '0af7651916cd43dd8448eb211c80319c'
  const spanId = 'b7ad6b7169203331'
  t.strictSame(parseTraceparent(`00-${traceId}-${spanId}-01`), { traceId, spanId, flags: '01' })
  t.match(parseTraceparent(`cc-${traceId}-${spanId}-00`), { traceId }, 'a version of the future')
  for (const other of [
    undefined,
    null,
    7,
    [`00-${traceId}-${spanId}-01`],
    '',
    `ff-${traceId}-${spanId}-01`,
    `00-${traceId.toUpperCase()}-${spanId}-01`,
    `00-${traceId}-${spanId}-01-extra`,
    `00-${traceId}-${spanId}`,
  ])
    t.equal(parseTraceparent(other), undefined, JSON.stringify(other) ?? 'undefined')
})
