/** Whether the platform answers now: judged by the requests that are sent anyway, and by a probe when there was none for a while. */
import { isOutage, type Breaker } from './http/breaker.ts'
import type { Clock } from './http/clock.ts'
import { GenesysError } from './http/errors.ts'
import type { ExchangeResult } from './http/exchange.ts'
import type { Transport } from './http/transport.ts'
import { heldBack } from './probe.ts'

/** How long an answer shows that the platform can be reached, ms. Probes count under its rate limit, so they cannot be sent more often. */
const answerLifetimeMs = 5_000
const operation = 'readiness'

export interface Reachability {
  /** @throws GenesysError if the platform does not answer, or counts as down */
  check(): Promise<void>
}

/** The same transport, which remembers when the platform answered last. */
export function observeAnswers(transport: Transport, clock: Clock): Transport & { answeredAt: () => number } {
  let answeredAt = -Infinity
  return {
    ...transport,
    answeredAt: () => answeredAt,
    async send(request) {
      const result = await transport.send(request)
      if (isOutage(result)) answeredAt = -Infinity
      else if (result.status !== undefined) answeredAt = clock.now()
      return result
    },
  }
}

/** @param probe as for the breaker; a result with the code `heldBack` means that none could be sent */
export function createReachability({
  answeredAt,
  probe,
  breaker,
  clock,
}: {
  answeredAt: () => number
  probe: () => Promise<ExchangeResult>
  breaker: Breaker
  clock: Clock
}): Reachability {
  return {
    async check() {
      // Also has the breaker find out whether the platform is back.
      breaker.throwIfOpen(operation)
      if (clock.now() - answeredAt() < answerLifetimeMs) return
      // However short its timeout is, a probe that times out counts.
      const result = { ...(await probe()), sinceSentMs: Infinity }
      if (isOutage(result) && result.failure?.code !== heldBack)
        throw new GenesysError({ operation, reason: 'unavailable', effect: 'none' })
    },
  }
}
