/** One attempt of a call: it gets a token, waits for the rate limits of family and token, and is sent unless the breaker is open. */
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

/** Observes requests to the platform and waits for the rate limit, for metrics. */
export interface RequestObserver {
  /** `result`: the status, the kind of transport failure, or `held_back` (never sent, so without `durationMs`). */
  onRequest(operation: string, result: string, durationMs?: number): void
  /** A request waited `ms` for the rate limits. */
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
  requestObserver?: RequestObserver | undefined
}

export interface Attempt {
  result: ExchangeResult
  token: string
  /** How long to wait after a 429; absent for any other status. */
  retryAfterMs?: number
  /** Which limit a 429 was about; absent for any other status. */
  limitScope?: LimitScope
}

/**
 * Sends `request`, and once more with a new token if the platform answers 401.
 * @throws GenesysError if the request was not sent, or not sent again after a 401
 */
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
  { families, epochClock, steadyClock, transport, breaker, requestObserver }: AttemptDependencies,
): Promise<Attempt> {
  const { operation, lane, family, deadline, signal, canWaitForFamily: canWait } = context
  const remainingMs = () => deadline - epochClock.now()
  const createExpiredError = () => new GenesysError({ operation, reason: 'expired', effect: 'none' })
  try {
    if (remainingMs() <= 0 || signal?.aborted) throw createExpiredError()
    const token = await source.get(deadline, signal)
    const waitStartedAt = steadyClock.now()
    const steadyDeadline = waitStartedAt + remainingMs()
    do {
      await families.admit({ family, lane, deadline: steadyDeadline, signal, canWait })
      await limiter.admit(lane, steadyDeadline, signal)
      // If the family was paused meanwhile, the token's slot is lost. That is cheaper than another 429.
    } while (families.pausedMs(family) > 0)
    requestObserver?.onWait(lane, steadyClock.now() - waitStartedAt)
    if (remainingMs() <= 0) throw createExpiredError()
    const sentAt = epochClock.now()
    const result = await breaker.run(operation, () =>
      transport.send({
        ...request,
        headers: { ...request.headers, authorization: `Bearer ${token}` },
        timeoutMs: remainingMs(),
      }),
    )
    reportExchange(result, context, { sentAt, endedAt: epochClock.now(), requestObserver })
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
    requestObserver?.onRequest(operation, 'held_back')
    throw error instanceof GenesysError ? error.withOperation(operation) : error
  }
}

/** Reports an exchange to the metrics and the trace, and stores the correlation id of the response in the context. */
function reportExchange(
  { status, failure, headers }: ExchangeResult,
  context: CallContext,
  { sentAt, endedAt, requestObserver }: { sentAt: number; endedAt: number; requestObserver: RequestObserver | undefined },
): void {
  requestObserver?.onRequest(context.operation, String(status ?? failure?.kind), endedAt - sentAt)
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
