/** How the requests of the SDK are sent, and which of them are retried. */
import { attemptRequest, type AttemptDependencies } from './attempt.ts'
import { currentContext, type CallContext } from './call-options.ts'
import type { Clock } from './clock.ts'
import { withDeadline } from './deadline.ts'
import { GenesysError } from './errors.ts'
import type { ExchangeRequest } from './exchange.ts'
import { interpretResult, type SdkResponse } from './classify-result.ts'
import { prepareRequest, type SdkRequest } from './prepare-request.ts'
import type { RetryBudget } from './retry-budget.ts'
import { isRepeatable } from './transport.ts'

/** Observes how each call and each login ends. `error` is absent after a success. */
export interface CallObserver {
  onCall(operation: string, error?: unknown): void
  onLogin(error?: unknown): void
}

export interface HttpClientOptions extends AttemptDependencies {
  apiUrl: string
  retryBudget: RetryBudget
  callObserver?: CallObserver | undefined
  /** Texts that no error may contain. */
  secrets: readonly string[]
}

export interface HttpClient {
  /**
   * Sends a request in the context of the running call (`runInContext`).
   * @throws GenesysError, which the SDK passes on unchanged because it has no `response`
   */
  request(request: SdkRequest): Promise<SdkResponse>
}

const maximumAttempts = 3
/** The first retry is delayed by 0 to 200 ms, 100 ms on average. */
const meanFirstRetryDelayMs = 100
const retryableStatuses: ReadonlySet<number> = new Set([429, 502, 503, 504])

/**
 * Creates the HTTP client. GET requests, and PATCH requests whose connection broke, are attempted up to three times if the retry budget
 * allows it. Other requests are attempted once: the transfer pipeline decides whether to send a command again
 * (docs/architecture.md#exactly-once).
 */
export function createHttpClient(options: HttpClientOptions): HttpClient {
  const { retryBudget, epochClock, callObserver } = options
  return {
    async request(sdkRequest) {
      const context = currentContext()
      const request = prepareRequest(sdkRequest, context, options)
      retryBudget.deposit()
      for (let attempts = 1; ; attempts++) {
        try {
          const response = interpretResult(await attemptRequest(request, context, options), context, request.secrets)
          callObserver?.onCall(context.operation)
          return response
        } catch (error) {
          const canRetry = isRetryable(request.method, error) && attempts < maximumAttempts && retryBudget.tryWithdraw()
          if (canRetry && (await waitBeforeRetry(error, attempts, context, epochClock))) continue
          callObserver?.onCall(context.operation, error)
          throw error
        }
      }
    },
  }
}

/**
 * A GET is retried after a network failure, a gateway's 502 to 504, or a 429, whose Retry-After the rate limiter waits for. A PATCH is
 * retried only if its connection broke, as a kept-alive one may at any time; its caller decides about everything else.
 */
function isRetryable(method: ExchangeRequest['method'], error: unknown): boolean {
  if (!isRepeatable(method) || !(error instanceof GenesysError)) return false
  const { reason, status } = error
  if (method === 'PATCH') return reason === 'unavailable' && status === undefined
  const isIncomplete = reason === 'unavailable' && (status === undefined || status < 300)
  return isIncomplete || retryableStatuses.has(status ?? 0)
}

/** Exponential backoff with full jitter. False if the deadline leaves no time for another attempt. */
async function waitBeforeRetry(
  error: unknown,
  attempts: number,
  { operation, deadline, signal }: CallContext,
  clock: Clock,
): Promise<boolean> {
  const delayMs = (error as GenesysError).status === 429 ? 0 : Math.random() * meanFirstRetryDelayMs * 2 ** attempts
  if (signal?.aborted || clock.now() + delayMs >= deadline) return false
  let cancel = () => {}
  const delay = new Promise<void>((resolve) => void (cancel = clock.schedule(delayMs, resolve)))
  return withDeadline(delay, operation, { deadline, signal, clock }).then(
    () => true,
    () => (cancel(), false),
  )
}
