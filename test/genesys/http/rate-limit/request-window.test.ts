/** Which requests count against the limit, and when there is room again. */
import t from 'tap'
import { zeroByLane } from '../../../../src/genesys/http/rate-limit/lanes.ts'
import { RequestWindow, windowMs } from '../../../../src/genesys/http/rate-limit/request-window.ts'

// The usable limit is 95 % of the platform's, rounded down: 19 of 20, 57 of 60, 285 of 300.

t.test('given a full window, then there is room when the oldest request expires', async (t) => {
  const window = new RequestWindow(20)
  t.equal(window.limit, 19)
  for (let now = 0; now < 19; now++) window.record('command', now)
  t.equal(window.used(18), 19)
  t.same(
    window.roomAt('command', zeroByLane(), window.limit, 18),
    { at: windowMs + 1, isEstimate: false },
    'one request stays reserved for reads',
  )
  t.equal(window.used(windowMs), 18)
})

t.test(
  'given a count of the platform that is higher than ours, then the requests of other users count until the minute ends',
  async (t) => {
    const window = new RequestWindow(100)
    window.record('read', 0)
    window.observe({ count: 11, allowed: 100, resetSeconds: 20 }, 0)
    t.equal(window.used(19_999), 11)
    t.equal(window.used(20_000), 1)
  },
)

t.test('given a window that is full of requests of other users, then the time at which there is room is an estimate', async (t) => {
  const window = new RequestWindow(100)
  window.observe({ count: 100, allowed: 100, resetSeconds: 20 }, 0)
  t.same(window.roomAt('command', zeroByLane(), window.limit, 0), { at: 20_000, isEstimate: true })
})

t.test('given a lower allowance of the platform, then it applies at once; a higher one only after its minute', async (t) => {
  const window = new RequestWindow(300)
  window.observe({ count: 1, allowed: 60, resetSeconds: 60 }, 0)
  t.equal(window.limit, 57)
  window.observe({ count: 1, allowed: 3000, resetSeconds: 60 }, 59_999)
  t.equal(window.limit, 57)
  window.observe({ count: 1, allowed: 3000, resetSeconds: 60 }, 60_000)
  t.equal(window.limit, 285)
})
