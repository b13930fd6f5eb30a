/** W3C Trace Context: one trace id connects a request with its log lines, its audit entries, its calls to the platform and its webhooks. */
import { randomUUID } from 'node:crypto'
import { parseTraceparent } from '../model/formats/patterns.ts'
import { hidesNumber, isPaddedNumber } from './readable-numbers.ts'

/** Creates 32 hex digits that are never all zeros. UUIDs are the fastest source, because Node keeps a buffer of random bytes for them. */
const createHexDigits = (): string => randomUUID().replaceAll('-', '')
const isZero = (digits: string): boolean => /^0+$/.test(digits)

/**
 * Returns the traceparent in a request's header, or a new one that starts a trace. A malformed header counts as absent
 * (W3C Trace Context §3.2), and so does one with a phone number in the place of an id, because the ids are logged.
 */
export function ensureTraceparent(header: string | string[] | undefined): string {
  const parsed = parseTraceparent(header)
  const isUsable = parsed && !isZero(parsed.traceId) && !hidesNumber(parsed.traceId) && !isPaddedNumber(parsed.spanId)
  if (typeof header === 'string' && isUsable) return header
  return `00-${createHexDigits()}-${createHexDigits().slice(-16)}-01`
}

/** The trace id in a traceparent; null when there is none. */
export const parseTraceId = (traceparent: string | null): string | null => parseTraceparent(traceparent)?.traceId ?? null
