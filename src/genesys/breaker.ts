import { circuitBreaker, CircuitState, handleWhenResult, SamplingBreaker } from 'cockatiel'
import type { Answer } from './exchange.ts'
import { GenesysError } from './errors.ts'

/** When at least 20 calls in 30 s were made and more than half failed, nobody is let through for 3 s, then one call tries. */
const SAMPLING = { threshold: 0.5, duration: 30_000, minimumRps: 20 / 30 }
const HALF_OPEN_AFTER_MS = 3000
/** A silence shorter than this says more about the caller's deadline than about the platform. */
const SILENCE_MS = 2000

/** Signs of an outage: the network, or a gateway that finds nothing behind it. Never a refusal, never 429, never a caller who left. */
function isOutage(answer: Answer & { tookMs?: number }): boolean {
  if (answer.status !== undefined && !(answer.status < 300 && answer.broke)) return [502, 503, 504].includes(answer.status)
  if (answer.broke?.kind === 'deadline') return (answer.tookMs ?? 0) >= SILENCE_MS
  return answer.broke?.kind === 'network'
}

export interface Breaker {
  /** Throws GenesysError overloaded with `retryAfterMs`, effect none, while nobody is let through. */
  check(operation: string): void
  /** Runs one exchange and remembers how it went. Throws as `check` does. */
  run(operation: string, exchange: () => Promise<Answer>): Promise<Answer>
}

/** Fails fast while the platform is down (design §6; reliability §6: cockatiel, sampling). Callers never queue behind the trial call. */
export function createBreaker({ halfOpenAfterMs = HALF_OPEN_AFTER_MS } = {}): Breaker {
  const policy = circuitBreaker(
    handleWhenResult((answer) => isOutage(answer as Answer)),
    { halfOpenAfter: halfOpenAfterMs, breaker: new SamplingBreaker(SAMPLING) },
  )
  let opensAt = 0
  policy.onBreak(() => void (opensAt = Date.now() + halfOpenAfterMs))

  const check = (operation: string) => {
    const shut = (policy.state === CircuitState.Open && Date.now() < opensAt) || policy.state === CircuitState.HalfOpen
    if (shut)
      throw new GenesysError({ operation, reason: 'overloaded', effect: 'none', retryAfterMs: Math.max(opensAt - Date.now(), 1000) })
  }
  return {
    check,
    async run(operation, exchange) {
      check(operation)
      return policy.execute(async () => {
        const started = performance.now()
        const answer = await exchange()
        return { ...answer, tookMs: performance.now() - started }
      })
    },
  }
}
