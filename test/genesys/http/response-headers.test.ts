/** How long a 429 asks the client to wait. */
import t from 'tap'
import { readErrorBody } from '../../../src/genesys/http/error-body.ts'
import { readRetryAfterMs } from '../../../src/genesys/http/response-headers.ts'

t.test(
  'given a 429, then the wait comes from Retry-After, else the body, else the end of the minute, else it is two seconds',
  async (t) => {
    const now = Date.parse('2026-11-20T10:00:00Z')
    t.equal(readRetryAfterMs({ 'retry-after': '7' }, { retryAfterMs: 1000 }, now), 7000)
    t.equal(readRetryAfterMs({ 'retry-after': 'Fri, 20 Nov 2026 10:00:09 GMT' }, {}, now), 9000)
    const body = readErrorBody('{"message":"Rate limit exceeded the maximum. Retry the request in [11] seconds"}')
    t.equal(readRetryAfterMs({}, body, now), 11_000)
    const rateLimit = { 'inin-ratelimit-count': '301', 'inin-ratelimit-allowed': '300', 'inin-ratelimit-reset': '13' }
    t.equal(readRetryAfterMs(rateLimit, {}, now), 13_000)
    t.equal(readRetryAfterMs({}, {}, now), 2000)
    t.equal(readRetryAfterMs({ 'retry-after': 'soon' }, {}, now), 2000)
    t.equal(readRetryAfterMs({ 'retry-after': '999999' }, {}, now), 900_000)
  },
)
