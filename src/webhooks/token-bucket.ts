/** How fast a backlog is sent: a receiver that works again must not be overrun by the events that it has missed. */

/** Deliveries of a backlog per second and endpoint. */
const defaultPerSecond = 50
/** Most deliveries at once after a pause. */
const capacity = 10

export interface TokenBucket {
  /** Tokens that can be taken now. */
  countAvailable(): number
  take(tokens: number): void
  /** Ms until the bucket is full again. A claim before that is not worth its query. */
  computeMsUntilFull(): number
}

/** A bucket that starts full and gains `perSecond` tokens. `clock` in epoch ms; it may be set back. */
export function createTokenBucket(clock: () => number, perSecond = defaultPerSecond): TokenBucket {
  let tokens = capacity
  let refilledAt = clock()
  function refill(): number {
    const now = clock()
    tokens = Math.min(capacity, tokens + (Math.max(0, now - refilledAt) * perSecond) / 1000)
    refilledAt = now
    return tokens
  }
  return {
    countAvailable: () => Math.floor(refill()),
    take(count) {
      tokens -= count
    },
    computeMsUntilFull: () => Math.ceil(((capacity - refill()) * 1000) / perSecond),
  }
}
