/** How fast a backlog may be sent. */
import fc from 'fast-check'
import t from 'tap'
import { createTokenBucket } from '../../src/webhooks/token-bucket.ts'

// The bucket holds 10 tokens. At 50 a second it is full after 200 ms.

t.test('given requests for tokens at any times, then no more are taken than the rate and one full bucket allow', async (t) => {
  t.doesNotThrow(() =>
    fc.assert(
      fc.property(fc.array(fc.tuple(fc.nat(400), fc.nat(20)), { maxLength: 200 }), (requests) => {
        let now = 0
        const bucket = createTokenBucket(() => now, 50)
        let taken = 0
        for (const [pauseMs, wanted] of requests) {
          now += pauseMs
          const count = Math.min(wanted, bucket.countAvailable())
          bucket.take(count)
          taken += count
          if (taken > 10 + (now * 50) / 1000) throw new Error(`${taken} tokens in ${now} ms`)
          now += bucket.computeMsUntilFull()
          if (bucket.countAvailable() < 9) throw new Error('the bucket is not full after the wait')
        }
      }),
    ),
  )
})

t.test('given a clock that is set back, then the bucket neither stays empty for long nor overflows', async (t) => {
  let now = 1e12
  const bucket = createTokenBucket(() => now, 50)
  bucket.take(bucket.countAvailable())
  now -= 3_600_000
  t.equal(bucket.countAvailable(), 0)
  now += 200
  t.equal(bucket.countAvailable(), 10)
})
