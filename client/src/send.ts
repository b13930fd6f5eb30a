/** Sends a request, again if that can help and cannot do harm, within a time limit. */
import { HandoffError } from './errors.ts'
import { backoffMs, maxTimerMs, pause, requestedPauseMs } from './limits.ts'
import type { Problem } from './types.ts'

export interface SendPolicy {
  fetch: typeof globalThis.fetch
  /** How often a request is sent at most. */
  maxAttempts: number
  /** Time limit of all attempts and the pauses between them, ms. */
  timeoutMs: number
  /** Time limit of one attempt, ms. */
  attemptTimeoutMs: number
}

/** An attempt that would have less time than this is not made. */
const minAttemptMs = 100
/** Statuses of gateways that could not reach Handoff, or did not let the request pass. */
const gatewayStatuses: ReadonlySet<number> = new Set([429, 502, 503, 504])
/** `Response` takes no body, not even an empty one, with these statuses. */
const statusesWithoutBody: ReadonlySet<number> = new Set([101, 204, 205, 304])

/** The trace id of a `traceparent` header (W3C Trace Context). */
const traceIdOf = (headers: Headers): string | undefined => /^00-([0-9a-f]{32})-/.exec(headers.get('traceparent') ?? '')?.[1]

/** A body as problem details of Handoff; undefined if it is anything else. */
function asProblem(body: unknown): Problem | undefined {
  const problem = body as Partial<Problem> | null | undefined
  return typeof problem?.code === 'string' && typeof problem.detail === 'string' && typeof problem.retryable === 'boolean'
    ? (problem as Problem)
    : undefined
}

/** The error for a response that is not the expected one. `body` is the body as JSON, or as text if it is not JSON. */
export function createResponseError(request: { headers: Headers }, response: Response, body: unknown, cause?: unknown): HandoffError {
  const { status, headers } = response
  const problem = asProblem(body)
  const pauseMs = requestedPauseMs(headers)
  const details = {
    status,
    problem,
    retryAfterSeconds: problem?.retryAfterSeconds ?? (pauseMs > 0 ? Math.ceil(pauseMs / 1_000) : undefined),
    requestId: traceIdOf(request.headers),
    idempotencyKey: request.headers.get('idempotency-key') ?? undefined,
    cause,
  }
  return problem
    ? new HandoffError(problem.code, problem.detail, { ...details, retryable: problem.retryable })
    : new HandoffError('UNEXPECTED_RESPONSE', `The response with status ${status} is not one of Handoff's. Check baseUrl.`, {
        ...details,
        retryable: gatewayStatuses.has(status),
      })
}

function createNoResponseError(request: Request, cause: unknown): HandoffError {
  const { message, cause: reason } = cause as Error & { cause?: { code?: unknown } }
  const text = typeof reason?.code === 'string' ? `${message} (${reason.code})` : message
  return new HandoffError('NO_RESPONSE', `No response from ${new URL(request.url).origin}: ${text}`, {
    retryable: true,
    requestId: traceIdOf(request.headers),
    idempotencyKey: request.headers.get('idempotency-key') ?? undefined,
    cause,
  })
}

/** Whether sending the request twice does the same as sending it once, whatever became of the first one. */
const isRepeatable = (request: Request): boolean => /^(GET|HEAD)$/.test(request.method) || request.headers.has('idempotency-key')

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return text
  }
}

/** A response, and its body unless that is a stream. */
interface Received {
  response: Response
  body?: unknown
}

/** Sends the request once. A JSON body is read within the time limit; the body of any other success is left to be streamed. */
async function attempt(request: Request, requestBody: string | null, fetch: SendPolicy['fetch'], limitMs: number): Promise<Received> {
  const controller = new AbortController()
  const follow = (): void => controller.abort(request.signal.reason)
  if (request.signal.aborted) follow()
  else request.signal.addEventListener('abort', follow, { once: true })
  const timer = setTimeout(() => controller.abort(new Error(`it took longer than ${Math.round(limitMs)} ms`)), limitMs)
  const { url, method, headers } = request
  try {
    // A redirect would turn POST into GET. Nothing of Handoff redirects a call of the API, so a redirect is the answer of something else.
    const response = await fetch(url, { method, headers, body: requestBody, redirect: 'manual', signal: controller.signal })
    const isRead = !response.ok || /\bjson\b/.test(response.headers.get('content-type') ?? '')
    if (!isRead || statusesWithoutBody.has(response.status) || response.status === 0) return { response }
    const text = await response.text()
    return { response: new Response(text, response), body: parseJson(text) }
  } finally {
    clearTimeout(timer)
  }
}

/** The pause before the next attempt, ms; undefined if there should be none. */
function pauseAfter(request: Request, received: Received | undefined, attempts: number): number | undefined {
  const problem = asProblem(received?.body)
  const hasPassed = received !== undefined && !problem && !gatewayStatuses.has(received.response.status)
  if (hasPassed || !(problem ? problem.retryable : isRepeatable(request))) return undefined
  return Math.max(backoffMs(attempts), received ? requestedPauseMs(received.response.headers) : 0)
}

/**
 * Creates a `fetch` that sends a request again if Handoff says that a retry can help (`retryable`), or if there is no answer of Handoff and the
 * request is repeatable: it only reads, or has an idempotency key. All attempts have the same key. `Retry-After` is obeyed; if it does not fit
 * into the time limit, there is no further attempt. Rejects with HandoffError NO_RESPONSE, or with the reason of the request's signal.
 */
export function createSender({ fetch, maxAttempts, timeoutMs, attemptTimeoutMs }: SendPolicy): (request: Request) => Promise<Response> {
  return async (request) => {
    const deadlineAt = performance.now() + timeoutMs
    const body = (await request.text()) || null
    for (let attempts = 1; ; attempts += 1) {
      let received: Received | undefined
      let failure: unknown
      const leftMs = Math.max(deadlineAt - performance.now(), 1)
      try {
        received = await attempt(request, body, fetch, Math.min(attemptTimeoutMs, leftMs, maxTimerMs))
      } catch (error) {
        if (request.signal.aborted) throw request.signal.reason
        failure = error
      }
      const pauseMs = attempts < maxAttempts ? pauseAfter(request, received, attempts) : undefined
      if (pauseMs === undefined || performance.now() + pauseMs + minAttemptMs > deadlineAt) {
        if (received) return received.response
        throw createNoResponseError(request, failure)
      }
      await pause(pauseMs, request.signal)
    }
  }
}

/** Makes a sender refuse a success whose body is not a JSON object, such as the page of a proxy. @throws HandoffError UNEXPECTED_RESPONSE */
export function requireJson(send: (request: Request) => Promise<Response>): (request: Request) => Promise<Response> {
  return async (request) => {
    const response = await send(request)
    const body = response.ok ? parseJson(await response.clone().text()) : null
    if (typeof body !== 'object') throw createResponseError(request, response, body)
    return response
  }
}
