/** How fast a backlog drains: a CRM that is back must not be run over by what it missed. */

/** Deliveries of a backlog, per second and endpoint. */
const perSecond = 50
/** So many may go at once after a pause. */
const burst = 10

/** Allows `perSecond` on average. `clock` in ms. */
export function createTokenBucket(clock: () => number, rate = perSecond) {
  let tokens = burst
  let at = clock()
  const refill = (): number => {
    const now = clock()
    tokens = Math.min(burst, tokens + (Math.max(0, now - at) * rate) / 1000)
    at = now
    return tokens
  }
  return {
    /** How many may go now. */
    room: (): number => Math.floor(refill()),
    spend(many: number): void {
      tokens -= many
    },
    /** Ms until there is room again, for more than one at a time. */
    wait: (): number => Math.ceil(((burst - refill()) * 1000) / rate),
  }
}
