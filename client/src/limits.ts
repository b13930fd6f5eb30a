/** How long to wait before the next request: what a response asks for, and how pauses grow where it asks for nothing. */

const firstPauseMs = 500
const maxPauseMs = 5_000
/** A timer with more than this would fire at once. */
export const maxTimerMs = 2 ** 31 - 1

/** The pause before attempt `attempt` + 1, ms: it doubles, and is random within a half, so that callers do not come back all at once. */
export function backoffMs(attempt: number): number {
  return Math.min(firstPauseMs * 2 ** (attempt - 1), maxPauseMs) * (0.5 + Math.random() / 2)
}

/** `Retry-After`, ms. A date in it is compared with the sender's own `Date`, because the clock of this machine may be wrong. */
function parseRetryAfter(headers: Headers): number | undefined {
  const text = headers.get('retry-after')
  if (text === null) return undefined
  if (/^\d{1,9}$/.test(text)) return Number(text) * 1_000
  const pauseMs = Date.parse(text) - Date.parse(headers.get('date') ?? new Date().toUTCString())
  return Number.isNaN(pauseMs) ? undefined : Math.max(0, pauseMs)
}

/** The seconds until a used-up quota is renewed, by either form of the RateLimit headers; undefined while something is left of it. */
function secondsUntilRenewal(headers: Headers): number | undefined {
  // The structured form is a list of quotas: `"minute";r=0;t=12, "day";r=90;t=3600`.
  const structured = (headers.get('ratelimit') ?? '').split(',').flatMap((quota) => {
    const [, remaining] = /;\s*r=(\d+)/.exec(quota) ?? []
    const [, seconds] = /;\s*t=(\d{1,9})/.exec(quota) ?? []
    return remaining !== undefined && Number(remaining) === 0 && seconds !== undefined ? [Number(seconds)] : []
  })
  if (structured.length > 0) return Math.max(...structured)
  const reset = headers.get('ratelimit-reset') ?? ''
  return headers.get('ratelimit-remaining') === '0' && /^\d{1,9}$/.test(reset) ? Number(reset) : undefined
}

/**
 * How long the sender of a response wants to be left alone, ms; 0 if it has not said so. Reads `Retry-After` (RFC 9110 §10.2.3), and the
 * `RateLimit` headers that gateways send (draft-ietf-httpapi-ratelimit-headers).
 */
export function requestedPauseMs(headers: Headers): number {
  return parseRetryAfter(headers) ?? (secondsUntilRenewal(headers) ?? 0) * 1_000
}

/** Resolves after `ms`, or 24 days if that is less. @throws the reason of the signal, as soon as it is aborted */
export function pause(ms: number, signal: AbortSignal | undefined): Promise<void> {
  return new Promise((resolve, reject) => {
    const stop = (): void => {
      clearTimeout(timer)
      // The reason is whatever the owner of the signal chose, as with `fetch`.
      // oxlint-disable-next-line prefer-promise-reject-errors
      reject(signal?.reason)
    }
    const timer = setTimeout(
      () => {
        signal?.removeEventListener('abort', stop)
        resolve()
      },
      Math.min(ms, maxTimerMs),
    )
    if (signal?.aborted) stop()
    else signal?.addEventListener('abort', stop, { once: true })
  })
}
