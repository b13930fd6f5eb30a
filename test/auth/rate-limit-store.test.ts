/** How requests are counted for rate limits. */
import t from 'tap'
import { RateLimitStore } from '../../src/auth/rate-limit-store.ts'
import { waitFor } from '../support/wait-for.ts'

const minuteMs = 60_000

function count(store: RateLimitStore, key: string, windowMs = minuteMs): { current: number; ttl: number } {
  let counted = { current: 0, ttl: 0 }
  store.incr(key, (_error, result) => void (counted = result), windowMs)
  return counted
}

t.test('given several callers, then each has its own count, which starts again with each window', async (t) => {
  const store = new RateLimitStore()
  t.equal(count(store, 'a').current, 1)
  t.equal(count(store, 'a').current, 2)
  t.equal(count(store, 'b').current, 1)
  t.equal(count(store.child(), 'a').current, 3, 'a route has no count of its own')
  // The first of the two requests may be in a window that ends before the second; then both are sent again.
  await waitFor(() => count(store, 'short', 5).current > 1 || count(store, 'short', 5).current > 1, 'two requests in a window')
  await waitFor(() => count(store, 'short', 5).current === 1, 'a new window')
})

t.test('given a clock that jumps by an hour, then the window continues and lasts no longer', async (t) => {
  const store = new RateLimitStore()
  count(store, 'a')
  const { now } = Date
  t.teardown(() => void (Date.now = now))
  for (const stepMs of [-3_600_000, 3_600_000]) {
    Date.now = () => now() + stepMs
    const { current, ttl } = count(store, 'a')
    t.ok(current > 1 && ttl > 0 && ttl <= minuteMs)
  }
})

t.test('given more callers than the store keeps (5,000), then the count of the oldest is dropped', async (t) => {
  const store = new RateLimitStore()
  for (let caller = 0; caller < 5_001; caller++) count(store, `caller ${caller}`)
  t.equal(count(store, 'caller 5000').current, 2)
  t.equal(count(store, 'caller 0').current, 1)
})
