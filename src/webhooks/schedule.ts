/** When a delivery is attempted again (docs/architecture.md#crm-webhooks). */
const secondMs = 1000
const minuteMs = 60 * secondMs
const hourMs = 60 * minuteMs

/** Ms before each attempt, counted from the failure of the one before; the example schedule of Standard Webhooks 1.0.0. */
const delays = [0, 5 * secondMs, 5 * minuteMs, 30 * minuteMs, 2 * hourMs, 5 * hourMs, 10 * hourMs, 14 * hourMs, 20 * hourMs, 24 * hourMs]
const jitter = 0.2
const maxRetryAfterMs = 24 * hourMs

/**
 * Ms to wait before attempt number `attempt` (from 1), ±20 % by `random` (from 0 to less than 1); undefined if there is no such attempt.
 * @throws RangeError unless `attempt` is a whole number from 1
 */
export function delayBeforeAttempt(attempt: number, random: number): number | undefined {
  if (!Number.isSafeInteger(attempt) || attempt < 1) throw new RangeError('attempts count from 1')
  const delay = delays[attempt - 1]
  return delay === undefined ? undefined : Math.round(delay * (1 - jitter + 2 * jitter * random))
}

/**
 * Ms from `now` (epoch ms) that a Retry-After header asks for, as seconds or as an HTTP date (RFC 9110 §10.2.3, §5.6.7); undefined for
 * none or a malformed one. At most 24 h, so that no receiver can postpone a delivery forever.
 */
export function parseRetryAfter(header: string | undefined, now: number): number | undefined {
  const text = header?.trim() ?? ''
  if (/^\d+$/.test(text)) return Math.min(Number(text) * secondMs, maxRetryAfterMs)
  if (!/^[A-Z][a-z]{2,8},? .*\d{2}:\d{2}:\d{2}( \d{4}| GMT)$/.test(text)) return undefined
  // asctime, the oldest of the three date formats, names no time zone but means GMT.
  const time = Date.parse(text.endsWith('GMT') ? text : `${text} GMT`)
  return Number.isNaN(time) ? undefined : Math.min(Math.max(time - now, 0), maxRetryAfterMs)
}
