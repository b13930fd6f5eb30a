import { circuitBreaker, CircuitState, ConsecutiveBreaker, handleWhenResult, SamplingBreaker } from 'cockatiel'
import type { IBreaker } from 'cockatiel'
import type { Answer } from './exchange.ts'
import { GenesysError } from './errors.ts'

/** When at least 20 calls in 30 s were made and more than half failed, nobody is let through for 3 s, then one call tries. */
const SAMPLING = { threshold: 0.5, duration: 30_000, minimumRps: 20 / 30 }
/** After half a minute of health an outage would have to last as long until it is half of what was seen: so many failures in a row are one at once. */
const IN_A_ROW = 20
const HALF_OPEN_AFTER_MS = 3000
/** A silence shorter than this says more about the caller's deadline than about the platform. */
const SILENCE_MS = 2000

/** Signs of an outage: the network, or a gateway that finds nothing behind it. Never a refusal, never 429, never a caller who left, never what waited here. */
function isOutage(answer: Answer): boolean {
  if (answer.status !== undefined && !(answer.status < 300 && answer.broke)) return [502, 503, 504].includes(answer.status)
  if (answer.broke?.kind === 'deadline') return (answer.sinceSentMs ?? 0) >= SILENCE_MS
  return answer.broke?.kind === 'network'
}

/** Opens as soon as one of the rules says so. */
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
  /** Throws GenesysError overloaded with `retryAfterMs`, effect none, while nobody is let through. */
  check(operation: string): void
  /** Runs one exchange and remembers how it went. Throws as `check` does. */
  run(operation: string, exchange: () => Promise<Answer>): Promise<Answer>
}

/**
 * Fails fast while the platform is down (design §6; reliability §6: cockatiel, sampling). Whether it is back is found out by `probe`,
 * a call that nobody waits for, made when somebody asks and it is time: no caller is the one who tries.
 */
export function createBreaker({
  probe,
  halfOpenAfterMs = HALF_OPEN_AFTER_MS,
}: {
  probe: () => Promise<Answer>
  halfOpenAfterMs?: number
}): Breaker {
  const policy = circuitBreaker(
    handleWhenResult((answer) => isOutage(answer as Answer)),
    { halfOpenAfter: halfOpenAfterMs, breaker: new FirstOf(new SamplingBreaker(SAMPLING), new ConsecutiveBreaker(IN_A_ROW)) },
  )
  let opensAt = 0
  policy.onBreak(() => void (opensAt = Date.now() + halfOpenAfterMs))

  const check = (operation: string) => {
    if (policy.state === CircuitState.Closed) return
    if (policy.state === CircuitState.Open && Date.now() >= opensAt)
      void policy.execute(async () => ({ ...(await probe()), sinceSentMs: Infinity })).catch(() => {})
    throw new GenesysError({ operation, reason: 'overloaded', effect: 'none', retryAfterMs: Math.max(opensAt - Date.now(), 1000) })
  }
  return {
    get state() {
      return stateNames[policy.state] ?? 'closed'
    },
    check,
    async run(operation, exchange) {
      check(operation)
      return policy.execute(exchange)
    },
  }
}
