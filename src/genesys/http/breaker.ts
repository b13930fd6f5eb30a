/** When the platform counts as down, so that calls fail at once instead of waiting for it. */
import { circuitBreaker, CircuitState, ConsecutiveBreaker, handleWhenResult, SamplingBreaker, type IBreaker } from 'cockatiel'
import { GenesysError } from './errors.ts'
import type { ExchangeResult } from './exchange.ts'

/** Opens if more than half of at least 20 calls in 30 s failed. */
const sampling = { threshold: 0.5, duration: 30_000, minimumRps: 20 / 30 }
/** Opens after as many failures in a row. After 30 s without failures the sampling rule alone would need another 30 s. */
const failuresInARow = 20
const defaultHalfOpenAfterMs = 3000
const minimumRetryAfterMs = 1000
/** A timeout shorter than this says more about the caller's deadline than about the platform. */
const minimumTimeoutMs = 2000

/**
 * Whether a result is a sign of an outage: a network failure, a long silence, or a gateway that finds nothing behind it. Refusals,
 * 429, requests that a caller gave up, and requests that were never sent are not.
 */
function isOutage({ status, failure, sinceSentMs = 0 }: ExchangeResult): boolean {
  if (status !== undefined && !(status < 300 && failure)) return [502, 503, 504].includes(status)
  if (failure?.kind === 'deadline') return sinceSentMs >= minimumTimeoutMs
  return failure?.kind === 'network'
}

/** A breaker of the library that opens as soon as one of several rules says so. */
class FirstOf implements IBreaker {
  readonly #rules: readonly IBreaker[]
  constructor(...rules: IBreaker[]) {
    this.#rules = rules
  }
  get state(): unknown {
    return this.#rules.map(({ state }) => state)
  }
  set state(states: unknown) {
    for (const [index, rule] of this.#rules.entries()) rule.state = (states as unknown[])[index]
  }
  success(state: CircuitState): void {
    for (const rule of this.#rules) rule.success(state)
  }
  failure(state: CircuitState): boolean {
    return this.#rules.map((rule) => rule.failure(state)).some(Boolean)
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
 * Whether the platform is back is tested by `probe`, a request that no caller waits for. It is sent when a call comes and the
 * breaker has been open for `halfOpenAfterMs` (docs/reliability.md#breaker-and-retries).
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
    { halfOpenAfter: halfOpenAfterMs, breaker: new FirstOf(new SamplingBreaker(sampling), new ConsecutiveBreaker(failuresInARow)) },
  )
  let probeAt = 0
  policy.onBreak(() => void (probeAt = Date.now() + halfOpenAfterMs))

  const sendProbe = () => {
    // A probe that times out counts as an outage, however short its timeout is.
    void policy.execute(async () => ({ ...(await probe()), sinceSentMs: Infinity })).catch(() => {})
  }
  const throwIfOpen = (operation: string) => {
    if (policy.state === CircuitState.Closed) return
    if (policy.state === CircuitState.Open && Date.now() >= probeAt) sendProbe()
    throw new GenesysError({
      operation,
      reason: 'overloaded',
      effect: 'none',
      retryAfterMs: Math.max(probeAt - Date.now(), minimumRetryAfterMs),
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
