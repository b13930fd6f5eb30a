/** W3C Trace Context: one trace id connects a request with its log lines, its audit entries, its calls to the platform and its webhooks. */
import { randomUUID } from 'node:crypto'
import { parseTraceparent } from '../model/patterns.ts'

/** 32 random hex digits that are not all zeros. Node keeps a buffer of random bytes for UUIDs only, so this is the cheapest source. */
const randomDigits = (): string => randomUUID().replaceAll('-', '')
const isZero = (digits: string): boolean => /^0+$/.test(digits)

/**
 * The traceparent of a request's header, or a new one that starts a trace. A malformed header counts as absent
 * (W3C Trace Context §3.2).
 */
export function ensureTraceparent(header: string | string[] | undefined): string {
  const parsed = parseTraceparent(header)
  if (typeof header === 'string' && parsed && !isZero(parsed.traceId)) return header
  return `00-${randomDigits()}-${randomDigits().slice(-16)}-01`
}

/** The trace id in a traceparent; null when there is none. */
export const parseTraceId = (traceparent: string | null): string | null => parseTraceparent(traceparent)?.traceId ?? null
