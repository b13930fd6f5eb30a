/** Which texts are ids, phone numbers, idempotency keys and traceparents. */
import fc from 'fast-check'
import t from 'tap'
import { isE164, isIdempotencyKey, isUuid, parseTraceparent } from '../../../src/model/formats/patterns.ts'

t.test(
  'given any UUID in lower or upper case, when it is checked, then it is valid, but not with anything before or after it',
  async (t) => {
    t.doesNotThrow(() =>
      fc.assert(
        fc.property(fc.uuid(), fc.string({ minLength: 1 }), (uuid, addition) => {
          return isUuid(uuid) && isUuid(uuid.toUpperCase()) && !isUuid(uuid + addition) && !isUuid(addition + uuid)
        }),
      ),
    )
  },
)

t.test('given phone numbers, when they are checked, then only those in E.164 form are valid', async (t) => {
  for (const number of ['+4930123', '+491511234567', '+123456789012345']) t.ok(isE164(number), number)
  for (const text of ['', '4930123', '+0301234567', '+49 30 1234567', '+1234567890123456', 'tel:+4930123456'])
    t.notOk(isE164(text), `"${text}"`)
})

t.test('given idempotency keys, when they are checked, then only those of 1 to 255 visible ASCII characters are valid', async (t) => {
  for (const key of ['a', '!~', 'x'.repeat(255)]) t.ok(isIdempotencyKey(key))
  for (const text of ['', ' ', 'a b', 'ü', 'a\n', 'x'.repeat(256)]) t.notOk(isIdempotencyKey(text), `"${text.slice(0, 5)}"`)
})

t.test('given a traceparent, when it is parsed, then it has its parts, and any other value has none', async (t) => {
  const traceId = '0af7651916cd43dd8448eb211c80319c'
  const spanId = 'b7ad6b7169203331'
  t.strictSame(parseTraceparent(`00-${traceId}-${spanId}-01`), { traceId, spanId, flags: '01' })
  t.match(parseTraceparent(`cc-${traceId}-${spanId}-00`), { traceId }, 'a future version')
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
