/** How the limit is reduced by a 429 and recovers. */
import t from 'tap'
import { Throttle } from '../../../../src/genesys/http/rate-limit/throttle.ts'

t.test('given a 429, then the limit is reduced, and recovers step by step after the pause', async (t) => {
  const throttle = new Throttle()
  t.equal(throttle.factor(0), 1)
  throttle.pause(5000, 0)
  t.equal(throttle.pausedUntil, 5000)
  t.equal(throttle.factor(5000), 0.7)
  t.equal(throttle.factor(15_000), 0.75)
  t.equal(throttle.factor(65_000), 1)
})

t.test('given further 429s during the pause, then they lengthen it and do not reduce the limit again', async (t) => {
  const throttle = new Throttle()
  throttle.pause(5000, 0)
  throttle.pause(5000, 1000)
  t.equal(throttle.pausedUntil, 6000)
  t.equal(throttle.factor(6000), 0.7)
})

t.test('given one 429 after another, then the limit never falls below a tenth', async (t) => {
  const throttle = new Throttle()
  for (let now = 0; now < 100; now++) throttle.pause(1, now)
  t.equal(throttle.factor(100), 0.1)
})
