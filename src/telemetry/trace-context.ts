/** W3C Trace Context: by what everything that one request led to is found again, here, on the platform and at the CRM. */
import { randomUUID } from 'node:crypto'

const form = /^[\da-f]{2}-([\da-f]{32})-[\da-f]{16}-[\da-f]{2}$/
const zeros = /^0+$/
/** 32 hex digits that are not all zeros. Node keeps random bytes in store for UUIDs, and for nothing else. */
const digits = (): string => randomUUID().replaceAll('-', '')

/** The traceparent that a request came with, or a new one: a malformed one counts as absent (W3C Trace Context §3.2). */
export function traceparentOf(header: string | string[] | undefined): string {
  const given = typeof header === 'string' ? header : ''
  const [, traceId = '0'] = form.exec(given) ?? []
  return zeros.test(traceId) || given.startsWith('ff') ? `00-${digits()}-${digits().slice(-16)}-01` : given
}

/** The trace id in a traceparent. */
export const traceIdOf = (traceparent: string | null): string | null => form.exec(traceparent ?? '')?.[1] ?? null
