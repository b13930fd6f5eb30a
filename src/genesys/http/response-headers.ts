/** How the headers of the platform's responses are read: correlation id, rate limit, and how long to wait. */
import type { IncomingHttpHeaders } from 'node:http'
import type { ErrorBody } from './error-body.ts'
import { limitScopeOf } from './rate-limit/limit-scope.ts'
import type { RateLimitStatus } from './rate-limit/request-window.ts'

const defaultRetryAfterMs = 2000
const maximumRetryAfterMs = 15 * 60_000

function readHeader(headers: IncomingHttpHeaders, name: string): string | undefined {
  const value = headers[name]
  return Array.isArray(value) ? value[0] : value
}

/** `inin-correlation-id`, if it looks like an id and cannot be a phone number. */
export function readCorrelationId(headers: IncomingHttpHeaders): string | undefined {
  const id = readHeader(headers, 'inin-correlation-id')
  return id && /^(?=.*[a-z])[\w-]{8,64}$/i.test(id) ? id : undefined
}

/** The platform's own count from `inin-ratelimit-*`; undefined unless all three headers are whole numbers. */
export function readRateLimit(headers: IncomingHttpHeaders): RateLimitStatus | undefined {
  const [count, allowed, resetSeconds] = ['count', 'allowed', 'reset'].map((name) => {
    const value = readHeader(headers, `inin-ratelimit-${name}`)
    return value && /^\d{1,9}$/.test(value) ? Number(value) : undefined
  })
  return count === undefined || allowed === undefined || resetSeconds === undefined ? undefined : { count, allowed, resetSeconds }
}

/**
 * How long to wait after a 429, in ms: from `Retry-After` (seconds or a date), else the body, else the end of the token's minute
 * if the limit is the token's, else 2 s; never more than 15 minutes (docs/genesys-cloud.md rule 69). `now` is the machine's time,
 * epoch ms.
 */
export function readRetryAfterMs(headers: IncomingHttpHeaders, body: ErrorBody, now: number): number {
  const value = readHeader(headers, 'retry-after')?.trim()
  const fromSeconds = value && /^\d+$/.test(value) ? Number(value) * 1000 : undefined
  const fromDate = value && fromSeconds === undefined && !Number.isNaN(Date.parse(value)) ? Date.parse(value) - now : undefined
  const resetSeconds = limitScopeOf(body.limitKey) === 'token' ? readRateLimit(headers)?.resetSeconds : undefined
  const fromReset = resetSeconds === undefined ? undefined : resetSeconds * 1000
  const waitMs = fromSeconds ?? fromDate ?? body.retryAfterMs ?? fromReset ?? defaultRetryAfterMs
  return Math.min(Math.max(waitMs, 0), maximumRetryAfterMs)
}
