import fc from 'fast-check'
import t from 'tap'
import { masked, readErrorBody, retryAfterOf } from '../../../src/genesys/http/error-body.ts'
import { verdictOfBreak, verdictOfStatus } from '../../../src/genesys/http/errors.ts'

t.test('given a status, the verdict says what the platform can have done', async (t) => {
  const none: Array<[number, string]> = [
    [400, 'rejected'],
    [401, 'login_failed'],
    [403, 'forbidden'],
    [404, 'not_found'],
    [409, 'conflict'],
    [413, 'rejected'],
    [415, 'rejected'],
    [422, 'rejected'],
    [429, 'rate_limited'],
  ]
  for (const [status, reason] of none) t.same(verdictOfStatus(status), [reason, 'none'], String(status))
  for (const status of [408, 500, 501, 502, 503, 504, 599]) t.same(verdictOfStatus(status), ['unavailable', 'unknown'], String(status))
  for (const status of [301, 302, 304]) t.same(verdictOfStatus(status), ['malformed', 'unknown'], String(status))
})

t.test('given any status at all, only a definite 4xx proves that nothing was done', async (t) => {
  t.doesNotThrow(() =>
    fc.assert(
      fc.property(fc.integer({ min: 300, max: 999 }), (status) => {
        const [, effect] = verdictOfStatus(status)
        return (effect === 'none') === (status >= 400 && status < 500 && status !== 408)
      }),
    ),
  )
})

t.test('given a broken exchange, nothing is proved once the request may have left', async (t) => {
  for (const kind of ['network', 'deadline', 'aborted'] as const) {
    t.equal(verdictOfBreak(kind, true)[1], 'unknown')
    t.equal(verdictOfBreak(kind, false)[1], 'none')
  }
})

t.test('given a 403, the missing permissions are read wherever the body names them', async (t) => {
  const name = 'conversation:communication:blindTransfer'
  for (const body of [
    { code: 'missing.permissions', message: `You are missing the following permission(s): ${name}` },
    { code: 'missing.any.permissions', messageParams: { permissions: `[${name}]` } },
    { code: 'not.authorized', details: [{ errorCode: 'x', fieldName: name }] },
  ])
    t.same(readErrorBody(JSON.stringify(body)).missingPermissions, [name])
  t.same(readErrorBody(JSON.stringify({ message: 'Requires any of: routing:queue:view, routing:queueMember:manage' })).missingPermissions, [
    'routing:queue:view',
    'routing:queueMember:manage',
  ])
})

t.test('given text of the platform, ids stay and numbers, addresses and credentials go', async (t) => {
  const id = '12345678-1234-1234-1234-123456789012'
  t.equal(masked(`conversation ${id} not found`), `conversation ${id} not found`)
  for (const number of [
    '+15551234567',
    '+1 (555) 123-4567',
    '555-123-4567',
    '%2B15551234567',
    '0049 30 1234567',
    'tel:+15551234567',
    'sip:+15551234567@edge.example',
    '4111 1111 1111 1111',
  ]) {
    t.notMatch(masked(`address ${number} is not valid`), /\d{3}/, number)
  }
  t.notMatch(masked('header Bearer abc.def-ghi sent', []), /abc/)
  t.notMatch(masked('client s3cret is wrong', ['s3cret']), /s3cret/)
})

t.test('given any number in any of the usual spellings, it is masked', async (t) => {
  const digits = fc.array(fc.integer({ min: 0, max: 9 }), { minLength: 7, maxLength: 15 })
  t.doesNotThrow(() =>
    fc.assert(
      fc.property(
        digits,
        fc.constantFrom('', ' ', '-', '.'),
        fc.constantFrom('', '+', 'tel:+'),
        (all, gap, lead) => !masked(`to ${lead}${all.join(gap)} please`).includes(all.join(gap)),
      ),
    ),
  )
})

t.test('given a 429, the wait comes from Retry-After, else the body, else the window, else two seconds', async (t) => {
  const now = Date.parse('2026-11-20T10:00:00Z')
  t.equal(retryAfterOf({ 'retry-after': '7' }, { retryAfterMs: 1000 }, now), 7000)
  t.equal(retryAfterOf({ 'retry-after': 'Fri, 20 Nov 2026 10:00:09 GMT' }, {}, now), 9000)
  t.equal(retryAfterOf({}, readErrorBody('{"message":"Rate limit exceeded the maximum. Retry the request in [11] seconds"}'), now), 11_000)
  t.equal(retryAfterOf({ 'inin-ratelimit-count': '301', 'inin-ratelimit-allowed': '300', 'inin-ratelimit-reset': '13' }, {}, now), 13_000)
  t.equal(retryAfterOf({}, {}, now), 2000)
  t.equal(retryAfterOf({ 'retry-after': 'soon' }, {}, now), 2000)
  t.equal(retryAfterOf({ 'retry-after': '999999' }, {}, now), 900_000)
})

t.test('given a body that is no error document, nothing is read from it', async (t) => {
  for (const body of ['', '<html>502</html>', '[]', 'null', '"x"', '{"code":"broken']) t.same(readErrorBody(body), {})
  t.doesNotThrow(() => fc.assert(fc.property(fc.string(), (text) => typeof readErrorBody(text) === 'object')))
})
