/** Idempotency keys: which request a key belongs to, and the response that a repeat of this request gets (docs/architecture.md#idempotency). */

/** The response that later requests with the same idempotency key get, byte for byte. The ledger does not interpret it. */
export interface StoredResponse {
  /** HTTP status. */
  status: number
  /** The response body as text. */
  body: string
}

/** A request's use of an idempotency key. A key belongs to its caller: two callers may use the same key for different requests. */
export interface IdempotencyKeyUse {
  /** Id of the caller's API key. */
  caller: string
  key: string
  /** Hash of the normalized request. The ledger stores it with the key: a request with another fingerprint is a different request. */
  fingerprint: string
  /** Hash of the request as it was sent, which version 0.1.0 stored as the fingerprint. A key with this fingerprint belongs to the same request. */
  writtenFingerprint?: string
}
