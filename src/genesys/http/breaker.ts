/** When the platform counts as down, so that calls fail at once instead of waiting for it. */
import { circuitBreaker, CircuitState, handleWhenResult, type IBreaker } from 'cockatiel'
import { monotonicMs } from '../../model/clock.ts'
import { GenesysError } from './errors.ts'
import type { ExchangeResult } from './exchange.ts'

/** Opens if more than half of at least 20 calls in 30 s failed. */
const sampling = { maximumShare: 0.5, minimumCalls: 20, seconds: 30 }
/** Opens after this many failures in a row: after 30 s of successes, more than half of the calls would have failed only after 15 s. */
const failuresInARow = 20
const defaultHalfOpenAfterMs = 3000
const minimumRetryAfterMs = 1000
/** A shorter timeout says more about the caller's deadline than about the platform. */
const minimumTimeoutMs = 2000

/**
 * Whether a result is a sign of an outage: a network failure, no response for 2 s or longer, or a gateway's 502 to 504. Refusals, 429,
 * aborted requests, and shorter timeouts are not.
 */
export function isOutage({ status, failure, sinceSentMs = 0 }: ExchangeResult): boolean {
  if (status !== undefined && !(status < 300 && failure)) return [502, 503, 504].includes(status)
  if (failure?.kind === 'deadline') return sinceSentMs >= minimumTimeoutMs
  return failure?.kind === 'network'
}

/**
 * Opens after too many failures in a row, or when too large a share of the calls has failed. It measures time with a monotonic clock, which
 * the library's own rules do not.
 */
class OutageRule implements IBreaker {
  /** The library's interface requires this property; it is not used. */
  state: unknown
  #inARow = 0
  /** The calls of each second, the oldest first. */
  #seconds: Array<{ second: number; calls: number; failures: number }> = []

  success(state: CircuitState): void {
    if (state === CircuitState.HalfOpen) this.#seconds = []
    this.#inARow = 0
    this.#record(0)
  }
  failure(state: CircuitState): boolean {
    this.#inARow += 1
    this.#record(1)
    if (state !== CircuitState.Closed || this.#inARow >= failuresInARow) return true
    let [calls, failures] = [0, 0]
    for (const each of this.#seconds) {
      calls += each.calls
      failures += each.failures
    }
    return calls >= sampling.minimumCalls && failures > sampling.maximumShare * calls
  }
  #record(failures: 0 | 1): void {
    const second = Math.floor(monotonicMs() / 1_000)
    const last = this.#seconds.at(-1)
    if (last?.second === second) {
      last.calls += 1
      last.failures += failures
    } else {
      this.#seconds = [...this.#seconds.filter((each) => each.second > second - sampling.seconds), { second, calls: 1, failures }]
    }
  }
}

export type BreakerState = 'closed' | 'halfOpen' | 'open'
const stateNames: Readonly<Record<number, BreakerState>> = { [CircuitState.HalfOpen]: 'halfOpen', [CircuitState.Open]: 'open' }

export interface Breaker {
  readonly state: BreakerState
  /** @throws GenesysError `overloaded` with `retryAfterMs`, effect none, unless the breaker is closed */
  throwIfOpen(operation: string): void
  /** Runs one exchange and counts its result. @throws as `throwIfOpen` */
  run(operation: string, exchange: () => Promise<ExchangeResult>): Promise<ExchangeResult>
}

/**
 * Creates a closed breaker. While it is open, a `probe` tests whether the platform is back, so no caller has to wait for that. The first
 * call after `halfOpenAfterMs` triggers it (docs/reliability.md#breaker-and-retries).
 */
export function createBreaker({
  probe,
  halfOpenAfterMs = defaultHalfOpenAfterMs,
}: {
  probe: () => Promise<ExchangeResult>
  halfOpenAfterMs?: number
}): Breaker {
  const policy = circuitBreaker(
    handleWhenResult((result) => isOutage(result as ExchangeResult)),
    // `throwIfOpen` decides when to test the platform again, because the library would measure the time with the wall clock.
    { halfOpenAfter: -Infinity, breaker: new OutageRule() },
  )
  let probeAt = 0
  policy.onBreak(() => void (probeAt = monotonicMs() + halfOpenAfterMs))

  const sendProbe = () => {
    // A probe that times out counts as an outage, however short its timeout is.
    void policy.execute(async () => ({ ...(await probe()), sinceSentMs: Infinity })).catch(() => {})
  }
  const throwIfOpen = (operation: string) => {
    if (policy.state === CircuitState.Closed) return
    if (policy.state === CircuitState.Open && monotonicMs() >= probeAt) sendProbe()
    throw new GenesysError({
      operation,
      reason: 'overloaded',
      effect: 'none',
      retryAfterMs: Math.max(probeAt - monotonicMs(), minimumRetryAfterMs),
    })
  }
  return {
    get state() {
      return stateNames[policy.state] ?? 'closed'
    },
    throwIfOpen,
    async run(operation, exchange) {
      throwIfOpen(operation)
      return policy.execute(exchange)
    },
  }
}
