/** What statuses and transport failures prove about what the platform did. */
import fc from 'fast-check'
import t from 'tap'
import { classifyStatus, classifyTransportFailure } from '../../../src/genesys/http/classify-result.ts'

t.test('given a status, then its classification says whether the platform may have acted', async (t) => {
  const withoutEffect: Array<[status: number, reason: string]> = [
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
  for (const [status, reason] of withoutEffect) t.same(classifyStatus(status), { reason, effect: 'none' }, String(status))
  for (const status of [408, 500, 501, 502, 503, 504, 599])
    t.same(classifyStatus(status), { reason: 'unavailable', effect: 'unknown' }, String(status))
  for (const status of [301, 302, 304]) t.same(classifyStatus(status), { reason: 'malformed', effect: 'unknown' }, String(status))
})

t.test('given any status, then only a 4xx other than 408 proves that nothing was done', async (t) => {
  t.doesNotThrow(() =>
    fc.assert(
      fc.property(fc.integer({ min: 300, max: 999 }), (status) => {
        const isProof = status >= 400 && status < 500 && status !== 408
        return (classifyStatus(status).effect === 'none') === isProof
      }),
    ),
  )
})

t.test('given a transport failure, then nothing is proved once the request may have left', async (t) => {
  for (const kind of ['network', 'deadline', 'aborted'] as const) {
    t.equal(classifyTransportFailure(kind, true).effect, 'unknown')
    t.equal(classifyTransportFailure(kind, false).effect, 'none')
  }
})
