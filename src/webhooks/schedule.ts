/** When a delivery is attempted again (docs/webhooks.md#retries). */
const secondMs = 1000
const minuteMs = 60 * secondMs
const hourMs = 60 * minuteMs

/** The ms before each attempt, counted from the failure of the previous one: the example schedule of Standard Webhooks 1.0.0. */
const delaysMs = [0, 5 * secondMs, 5 * minuteMs, 30 * minuteMs, 2 * hourMs, 5 * hourMs, 10 * hourMs, 14 * hourMs, 20 * hourMs, 24 * hourMs]
/** Each delay varies by ±20 %, so that retries do not come all at once. */
const jitter = 0.2
const maxRetryAfterMs = 24 * hourMs

/**
 * The ms to wait before attempt number `attempt` (from 1); undefined if there is no such attempt. `random` is from 0 to less than 1.
 * @throws RangeError unless `attempt` is a whole number from 1
 */
export function delayBeforeAttempt(attempt: number, random: number): number | undefined {
  if (!Number.isSafeInteger(attempt) || attempt < 1) throw new RangeError('attempts count from 1')
  const delayMs = delaysMs[attempt - 1]
  return delayMs === undefined ? undefined : Math.round(delayMs * (1 - jitter + 2 * jitter * random))
}

/**
 * Parses a Retry-After header, in seconds or as an HTTP date (RFC 9110 §10.2.3, §5.6.7). Returns the ms to wait from `now` (epoch ms), but
 * at most 24 h, so that no receiver can postpone a delivery forever; undefined for an absent or malformed header.
 */
export function parseRetryAfter(header: string | undefined, now: number): number | undefined {
  const text = header?.trim() ?? ''
  if (/^\d+$/.test(text)) return Math.min(Number(text) * secondMs, maxRetryAfterMs)
  if (!/^[A-Z][a-z]{2,8},? .*\d{2}:\d{2}:\d{2}( \d{4}| GMT)$/.test(text)) return undefined
  // asctime, the oldest of the three date formats, names no time zone but means GMT.
  const time = Date.parse(text.endsWith('GMT') ? text : `${text} GMT`)
  return Number.isNaN(time) ? undefined : Math.min(Math.max(time - now, 0), maxRetryAfterMs)
}
