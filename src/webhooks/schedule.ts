const SECOND = 1000
const MINUTE = 60 * SECOND
const HOUR = 60 * MINUTE

/** When a delivery is tried, each wait counted from the failure before (Standard Webhooks 1.0.0; design §8). */
const WAITS = [0, 5 * SECOND, 5 * MINUTE, 30 * MINUTE, 2 * HOUR, 5 * HOUR, 10 * HOUR, 14 * HOUR, 20 * HOUR, 24 * HOUR]
const JITTER = 0.2
const LONGEST = 24 * HOUR

/**
 * Milliseconds to wait before attempt number `attempt` (from 1), ±20 % by `random` in [0, 1); undefined when all attempts are used up.
 * Throws a RangeError for an attempt that is no whole number from 1.
 */
export function delayBefore(attempt: number, random: number): number | undefined {
  if (!Number.isSafeInteger(attempt) || attempt < 1) throw new RangeError('attempts count from 1')
  const wait = WAITS[attempt - 1]
  return wait === undefined ? undefined : Math.round(wait * (1 - JITTER + 2 * JITTER * random))
}

/**
 * Milliseconds from `now` (epoch milliseconds) that a Retry-After header asks for, as seconds or as an HTTP date (RFC 9110 §10.2.3, §5.6.7);
 * undefined for none or nonsense. At most 24 h, so that no receiver can park a delivery for ever.
 */
export function retryAfter(header: string | undefined, now: number): number | undefined {
  const text = header?.trim() ?? ''
  if (/^\d+$/.test(text)) return Math.min(Number(text) * SECOND, LONGEST)
  if (!/^[A-Z][a-z]{2,8},? .*\d{2}:\d{2}:\d{2}( \d{4}| GMT)$/.test(text)) return undefined
  // asctime, the oldest of the three forms, says nothing of the zone but means GMT.
  const then = Date.parse(text.endsWith('GMT') ? text : `${text} GMT`)
  return Number.isNaN(then) ? undefined : Math.min(Math.max(then - now, 0), LONGEST)
}
