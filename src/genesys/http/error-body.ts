import type { IncomingHttpHeaders } from 'node:http'

/** What an `ErrorBody` (genesys-api §6) or an OAuth error tells, masked. */
export interface ErrorBody {
  platformCode?: string
  platformMessage?: string
  missingPermissions?: string[]
  /** "Retry the request in [N] seconds", in ms. */
  retryAfterMs?: number
}

const UUID = /[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}/gi
const NUMBER_LIKE = /(?:\+|%2b)?\(?\d(?:(?:[\s().-]|%20){0,2}\d){6,}/gi
const ADDRESS = /\b(?:tel|sips?):[^\s,;"'\]]+/gi
const CREDENTIAL = /\b(?:bearer|basic)\s+[\w\-.~+/=]+/gi
const PERMISSION = /\b[a-z]\w*:[a-z]\w*:(?:[a-z][\w.]*|\*)/gi

/**
 * Text of the platform, fit for logs: no phone numbers or SIP addresses, no credentials, none of `secrets`, at most 300 characters.
 * Ids stay: a UUID is not a number, however many digits it has.
 */
export function masked(text: string, secrets: readonly string[] = []): string {
  const bare = secrets.filter(Boolean).reduce((rest, secret) => rest.replaceAll(secret, '***'), text.replaceAll(CREDENTIAL, '***'))
  const clean = bare.replaceAll(ADDRESS, '***')
  const ids = clean.match(UUID) ?? []
  return clean
    .split(UUID)
    .map((part, index) => part.replaceAll(NUMBER_LIKE, '***') + (ids[index] ?? ''))
    .join('')
    .slice(0, 300)
}

/** Every text in a request body that a refusal might echo; ids may be told. */
export function textsOf(body: unknown): string[] {
  if (typeof body === 'string') return body.length < 3 || body.replaceAll(UUID, '') === '' ? [] : [body, JSON.stringify(body).slice(1, -1)]
  return typeof body === 'object' && body !== null ? Object.values(body).flatMap(textsOf) : []
}

const LARGEST_BODY = 65_536

/** Reads the body of a refusal. Any text will do: HTML, nothing or half a JSON document simply tell nothing. */
export function readErrorBody(text: string, secrets: readonly string[] = []): ErrorBody {
  const body = text.length > LARGEST_BODY ? undefined : parsedObject(text)
  if (!body) return {}
  const code = firstString(body['code'], body['error'])
  const message = firstString(body['message'], body['error_description'], body['description'])
  const permissions = [...new Set(text.match(PERMISSION) ?? [])]
  const seconds = /retry the request in \[?(\d{1,6})\]? seconds/i.exec(message ?? '')?.[1]
  return {
    ...(code && /^[\w.-]{1,120}$/.test(code) && { platformCode: masked(code, secrets) }),
    ...(message && { platformMessage: masked(message, secrets) }),
    ...(permissions.length > 0 && { missingPermissions: permissions.slice(0, 20) }),
    ...(seconds && { retryAfterMs: Number(seconds) * 1000 }),
  }
}

/** `text` as a JSON object, or undefined where it is anything else. */
export function parsedObject(text: string): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(text)
    return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Record<string, unknown>) : undefined
  } catch {
    return undefined
  }
}

const firstString = (...values: unknown[]): string | undefined =>
  values.find((value): value is string => typeof value === 'string' && value !== '')

const header = (headers: IncomingHttpHeaders, name: string): string | undefined => {
  const value = headers[name]
  return Array.isArray(value) ? value[0] : value
}

/** `inin-correlation-id`, where it looks like an id and cannot be a number. */
export function correlationIdOf(headers: IncomingHttpHeaders): string | undefined {
  const id = header(headers, 'inin-correlation-id')
  return id && /^(?=.*[a-z])[\w-]{8,64}$/i.test(id) ? id : undefined
}

const LONGEST_WAIT_MS = 15 * 60_000

/** How long a 429 asks us to stay away, in ms: `Retry-After` (seconds or a date), else the body, else the end of the window, else 2 s. */
export function retryAfterOf(headers: IncomingHttpHeaders, body: ErrorBody, now: number): number {
  const asked = header(headers, 'retry-after')?.trim()
  const seconds = asked && /^\d+$/.test(asked) ? Number(asked) * 1000 : undefined
  const date = asked && seconds === undefined && !Number.isNaN(Date.parse(asked)) ? Date.parse(asked) - now : undefined
  const reset = rateLimitOf(headers)?.resetSeconds
  const wait = seconds ?? date ?? body.retryAfterMs ?? (reset === undefined ? 2000 : reset * 1000)
  return Math.min(Math.max(wait, 0), LONGEST_WAIT_MS)
}

export interface RateLimit {
  count: number
  allowed: number
  resetSeconds: number
}

/** The platform's own count from `inin-ratelimit-*`; undefined unless all three are whole numbers. */
export function rateLimitOf(headers: IncomingHttpHeaders): RateLimit | undefined {
  const [count, allowed, resetSeconds] = ['count', 'allowed', 'reset'].map((name) => {
    const value = header(headers, `inin-ratelimit-${name}`)
    return value && /^\d{1,9}$/.test(value) ? Number(value) : undefined
  })
  return count === undefined || allowed === undefined || resetSeconds === undefined ? undefined : { count, allowed, resetSeconds }
}
