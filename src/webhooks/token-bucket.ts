/** How fast a backlog is sent: a receiver that works again must not be overloaded by the events that it has missed. */

/** How many deliveries of a backlog are sent to an endpoint in a second. */
const defaultPerSecond = 50
/** How many deliveries of a backlog are sent at once after a pause. */
const capacity = 10

export interface TokenBucket {
  /** How many tokens can be taken now. */
  countAvailable(): number
  take(count: number): void
  /** Ms until the bucket is full again. The worker waits as long, so that each query claims as many deliveries as possible. */
  computeMsUntilFull(): number
}

/** Creates a full bucket, which gains `perSecond` tokens a second. `clock` in epoch ms; it may be set back. */
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
