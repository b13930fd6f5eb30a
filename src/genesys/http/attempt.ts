/** One attempt of a call: with a valid token, under the rate limits of family and token, past the breaker and before the deadline. */
import { recordSpan } from '../../telemetry/spans.ts'
import type { Breaker } from './breaker.ts'
import type { CallContext } from './call-options.ts'
import type { Clock } from './clock.ts'
import { readErrorBody } from './error-body.ts'
import { GenesysError } from './errors.ts'
import type { ExchangeResult } from './exchange.ts'
import type { PreparedRequest } from './prepare-request.ts'
import type { FamilyLimiter } from './rate-limit/family-limiter.ts'
import type { Lane } from './rate-limit/lanes.ts'
import { limitScopeOf, type LimitScope } from './rate-limit/limit-scope.ts'
import type { RateLimiter } from './rate-limiter.ts'
import { readCorrelationId, readRateLimit, readRetryAfterMs } from './response-headers.ts'
import type { Transport } from './transport.ts'

/** A token together with the rate limiter that counts its requests; `auth/token-pool.ts` provides it. */
export interface RateLimitedToken {
  source: {
    /** `deadline` in epoch ms. @throws GenesysError */
    get(deadline: number, signal?: AbortSignal): Promise<string>
    invalidate(token: string): void
  }
  limiter: Pick<RateLimiter, 'admit' | 'observe' | 'pause'>
}

/** Receives requests to the platform and waits for the rate limit, for metrics. */
export interface GenesysObservers {
  /** `result`: the status, the kind of transport failure, or `held_back` (never sent, so without `ms`). */
  onRequest(operation: string, result: string, ms?: number): void
  onWait(lane: Lane, ms: number): void
}

export interface AttemptDependencies {
  pickToken: (lane: Lane) => RateLimitedToken
  /** Shared by all tokens. */
  families: Pick<FamilyLimiter, 'admit' | 'pause' | 'pausedMs'>
  transport: Transport
  breaker: Breaker
  epochClock: Clock
  steadyClock: Clock
  observers?: GenesysObservers | undefined
}

export interface Attempt {
  result: ExchangeResult
  token: string
  /** How long to wait after a 429; absent for any other status. */
  retryAfterMs?: number
  /** What the 429 was about; absent for any other status. */
  limitScope?: LimitScope
}

/** Sends `request`; a second time with a new token if the platform refused the first one. @throws GenesysError if nothing was sent */
export async function attemptRequest(request: PreparedRequest, context: CallContext, dependencies: AttemptDependencies): Promise<Attempt> {
  dependencies.breaker.throwIfOpen(context.operation)
  const rateLimitedToken = dependencies.pickToken(context.lane)
  const first = await sendWithToken(rateLimitedToken, request, context, dependencies)
  if (first.result.status !== 401) return first
  rateLimitedToken.source.invalidate(first.token)
  return sendWithToken(rateLimitedToken, request, context, dependencies)
}

async function sendWithToken(
  { source, limiter }: RateLimitedToken,
  request: PreparedRequest,
  context: CallContext,
  { families, epochClock, steadyClock, transport, breaker, observers }: AttemptDependencies,
): Promise<Attempt> {
  const { operation, lane, family, deadline, signal, canWaitForFamily: canWait } = context
  const remainingMs = () => deadline - epochClock.now()
  const expired = () => new GenesysError({ operation, reason: 'expired', effect: 'none' })
  try {
    if (remainingMs() <= 0 || signal?.aborted) throw expired()
    const token = await source.get(deadline, signal)
    const waitStart = steadyClock.now()
    const steadyDeadline = waitStart + remainingMs()
    do {
      await families.admit({ family, lane, deadline: steadyDeadline, signal, canWait })
      await limiter.admit(lane, steadyDeadline, signal)
      // A family that was paused meanwhile costs a slot of the token, which is cheaper than another 429.
    } while (families.pausedMs(family) > 0)
    observers?.onWait(lane, steadyClock.now() - waitStart)
    if (remainingMs() <= 0) throw expired()
    const sentAt = epochClock.now()
    const result = await breaker.run(operation, () =>
      transport.send({
        ...request,
        headers: { ...request.headers, authorization: `Bearer ${token}` },
        timeoutMs: remainingMs(),
      }),
    )
    observe(result, context, { sentAt, endedAt: epochClock.now(), observers })
    const rateLimit = readRateLimit(result.headers)
    if (rateLimit) limiter.observe(rateLimit)
    if (result.status !== 429) return { result, token }
    const errorBody = readErrorBody(result.body)
    const limitScope = limitScopeOf(errorBody.limitKey)
    const retryAfterMs = readRetryAfterMs(result.headers, errorBody, Date.now())
    if (limitScope === 'token') limiter.pause(retryAfterMs)
    else families.pause(family, retryAfterMs)
    return { result, token, retryAfterMs, limitScope }
  } catch (error) {
    observers?.onRequest(operation, 'held_back')
    throw error instanceof GenesysError ? error.withOperation(operation) : error
  }
}

/** Writes metrics and trace span of an exchange, and notes the correlation id of the response. */
function observe(
  { status, failure, headers }: ExchangeResult,
  context: CallContext,
  { sentAt, endedAt, observers }: { sentAt: number; endedAt: number; observers: GenesysObservers | undefined },
): void {
  observers?.onRequest(context.operation, String(status ?? failure?.kind), endedAt - sentAt)
  recordSpan({
    name: `genesys ${context.operation}`,
    traceparent: context.traceparent ?? null,
    startedAt: sentAt,
    endedAt,
    attributes: { 'http.response.status_code': status ?? 0 },
    hasFailed: status === undefined || status >= 400,
  })
  context.correlationId = readCorrelationId(headers) ?? context.correlationId
}
