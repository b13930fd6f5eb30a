/** The forms of identifiers that the service receives or sends. Each pattern is written here once and used everywhere. */

/** A UUID of any version, upper or lower case; the ids of the platform and of this service have this form. As the source of a JSON Schema `pattern`. */
export const uuidPattern = '^[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}$'

/** An idempotency key: 1 to 255 visible ASCII characters. As the source of a JSON Schema `pattern`. */
export const idempotencyKeyPattern = '^[\\x21-\\x7e]{1,255}$'

/** The name of a participant attribute in a request's context. As the source of a JSON Schema `pattern`. */
export const attributeNamePattern = '^[A-Za-z0-9_.-]{1,64}$'

/** The reason of a transfer. As the source of a JSON Schema `pattern`. */
export const reasonPattern = '^[a-z0-9_.-]{1,64}$'

/** A traceparent; its groups are the trace id, the parent's span id and the flags (W3C Trace Context §3.2). */
const traceparent = /^(?!ff)[0-9a-f]{2}-([0-9a-f]{32})-([0-9a-f]{16})-([0-9a-f]{2})$/
const uuid = new RegExp(uuidPattern)
/** A phone number in E.164 form. */
const e164 = /^\+[1-9][0-9]{6,14}$/
const idempotencyKey = new RegExp(idempotencyKeyPattern)

export const isUuid = (text: string): boolean => uuid.test(text)
export const isE164 = (text: string): boolean => e164.test(text)
export const isIdempotencyKey = (text: string): boolean => idempotencyKey.test(text)

export interface Traceparent {
  /** 32 hex digits. */
  traceId: string
  /** 16 hex digits. */
  spanId: string
  /** 2 hex digits. */
  flags: string
}

/**
 * The parts of a traceparent; undefined for anything that does not have the form of one, version `ff` included (W3C Trace Context §3.2).
 * Ids that are all zeros have the right form, but are invalid: the calling code decides whether to accept them.
 */
export function parseTraceparent(text: unknown): Traceparent | undefined {
  const [, traceId, spanId, flags] = typeof text === 'string' ? (traceparent.exec(text) ?? []) : []
  return traceId && spanId && flags ? { traceId, spanId, flags } : undefined
}
