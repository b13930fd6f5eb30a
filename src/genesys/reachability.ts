/** Whether the platform answers now: decided from the requests that are sent anyway, or by a probe if there was none for a while. */
import { isOutage, type Breaker } from './http/breaker.ts'
import type { Clock } from './http/clock.ts'
import { GenesysError } from './http/errors.ts'
import type { ExchangeResult } from './http/exchange.ts'
import type { Transport } from './http/transport.ts'
import { probeNotSent } from './probe.ts'

/** How long an answer shows that the platform can be reached, ms. Probes count against the rate limit, so they must not be more frequent. */
const answerLifetimeMs = 5_000
const operation = 'readiness'

export interface Reachability {
  /** @throws GenesysError if the platform does not answer, counts as down, or accepts no token that it issues */
  check(): Promise<void>
}

/** Wraps a transport so that it remembers when the platform answered last. */
export function observeAnswers(transport: Transport, clock: Clock): Transport & { answeredAt: () => number } {
  let answeredAt = -Infinity
  return {
    ...transport,
    answeredAt: () => answeredAt,
    async send(request) {
      const result = await transport.send(request)
      // A platform that refuses a token answers, but no transfer is possible until it accepts one.
      if (isOutage(result) || result.status === 401) answeredAt = -Infinity
      else if (result.status !== undefined) answeredAt = clock.now()
      return result
    },
  }
}

/** @param probe the breaker's probe; a failure with the code `probeNotSent` says nothing about the platform, so `check` does not throw for it */
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
      // This also makes an open breaker test whether the platform is back.
      breaker.throwIfOpen(operation)
      if (clock.now() - answeredAt() < answerLifetimeMs) return
      const response = await probe()
      if (response.status === 401) throw new GenesysError({ operation, reason: 'login_failed', effect: 'none', status: 401 })
      // A probe that times out counts as an outage, however short its timeout is.
      const result = { ...response, sinceSentMs: Infinity }
      if (isOutage(result) && result.failure?.code !== probeNotSent)
        throw new GenesysError({ operation, reason: 'unavailable', effect: 'none' })
    },
  }
}
