import { AsyncLocalStorage } from 'node:async_hooks'
import type { Breaker } from './breaker.ts'
import type { Clock } from '../clock.ts'
import { within } from './deadline.ts'
import { correlationIdOf, parsedObject, rateLimitOf, readErrorBody, retryAfterOf, textsOf } from './error-body.ts'
import { GenesysError, verdictOfBreak, verdictOfStatus } from './errors.ts'
import { isRepeatable } from './exchange.ts'
import type { Answer, Exchange, Transport } from './exchange.ts'
import type { Lane } from './rate-limiter.ts'
import type { PooledToken, TokenPool } from '../auth/token-pool.ts'
import type { RetryBudget } from './retry-budget.ts'
import { recordSpan } from '../../telemetry/spans.ts'

/** What travels beside a call of the SDK, whose methods have no place for it. */
export interface CallContext {
  operation: string
  deadline: number
  lane: Lane
  signal?: AbortSignal | undefined
  traceparent?: string | undefined
  mayLeave?: (() => boolean) | undefined
  /** Whether a 2xx must bring a JSON object, or is the whole answer by itself (genesys-api §1.1: 202 and nothing). */
  expects: 'object' | 'nothing'
  /** Filled in here. */
  correlationId?: string | undefined
}

/** What the SDK hands over; query values come joined with commas (genesys-api §8.8). */
export interface SdkRequest {
  url: string
  method: string
  headers?: Record<string, string>
  params?: Record<string, string>
  data?: unknown
}
export interface SdkResponse {
  status: number
  statusText: string
  headers: Record<string, unknown>
  data: unknown
}

/** Told of requests to the platform and of the wait for them. */
export interface GenesysObservers {
  /** `result`: the status, how it broke off, or held_back, which took no time. */
  request(operation: string, result: string, ms?: number): void
  wait(lane: Lane, ms: number): void
}

export interface HttpClientOptions {
  observers?: GenesysObservers | undefined
  api: string
  lines: TokenPool
  wire: Transport
  breaker: Breaker
  wall: Clock
  steady: Clock
  budget: RetryBudget
  secrets: string[]
}

const TRIES = 3
const BACKOFF_MS = 100
const WORTH_ANOTHER_TRY = new Set([429, 502, 503, 504])
const REPEATED_PARAMS = new Set(['expand', 'routingStatus', 'presence', 'skills', 'languages'])
const TRACEPARENT = /^[0-9a-f]{2}-[0-9a-f]{32}-[0-9a-f]{16}-[0-9a-f]{2}$/

const calls = new AsyncLocalStorage<CallContext>()

/** Runs `call`, an SDK method, with `context` at hand for the HTTP client beneath it. */
export const inContext = <T>(context: CallContext, call: () => Promise<T>): Promise<T> => calls.run(context, async () => call())

/**
 * How the SDK's requests really go out: admitted by the governor in their lane, under their deadline, past the breaker, with a token
 * that is renewed once on 401. GETs, and PATCHes that were cut short, are tried up to three times, as far as the retry budget goes; what
 * moves a call is sent once (design §5: whether it may go again is decided above). Every rejection is a GenesysError, which the SDK passes on untouched because it has no `response`.
 */
export function createHttpClient(client: HttpClientOptions): { request(request: SdkRequest): Promise<SdkResponse> } {
  return {
    async request(request) {
      const call = calls.getStore()
      if (!call) throw new Error('a call of the SDK outside of inContext')
      const exchange = exchangeOf(request, call, client)
      client.budget.earn()
      for (let tries = 1; ; tries++) {
        try {
          return await once(exchange, call, client)
        } catch (error) {
          const again = worthAnotherTry(exchange.method, error) && tries < TRIES && client.budget.spend()
          if (!again || !(await backOff(error, tries, call, client.wall))) throw error
        }
      }
    },
  }
}

type Prepared = Omit<Exchange, 'withinMs'> & { /** What no error may repeat. */ private: string[] }

function exchangeOf(
  { url, method, headers = {}, params = {}, data }: SdkRequest,
  call: CallContext,
  { api, secrets }: HttpClientOptions,
): Prepared {
  if (!url.startsWith(`${api}/api/v2/`)) throw new Error('refused to send a token to an address that is not configured')
  if (method !== 'GET' && method !== 'POST' && method !== 'PUT' && method !== 'PATCH') throw new Error(`${method} is not used here`)
  const target = new URL(url)
  for (const [name, value] of Object.entries(params)) {
    for (const one of REPEATED_PARAMS.has(name) ? value.split(',') : [value]) target.searchParams.append(name, one)
  }
  return {
    url: target,
    method,
    headers: {
      ...headers,
      'user-agent': 'handoff',
      ...(call.traceparent && TRACEPARENT.test(call.traceparent) && { traceparent: call.traceparent }),
    },
    body: data === undefined ? undefined : JSON.stringify(data),
    signal: call.signal,
    headersSuffice: call.expects === 'nothing',
    mayLeave: call.mayLeave,
    private: [...secrets, ...textsOf(data)],
  }
}

/** One logical attempt: a second request only where the first was refused for its token. */
async function once(exchange: Prepared, call: CallContext, client: HttpClientOptions): Promise<SdkResponse> {
  client.breaker.check(call.operation)
  const line = client.lines.pick(call.lane)
  const first = await sendOn(line, exchange, call, client)
  if (first.answer.status !== 401) return settle(first, exchange, call)
  line.token.invalidate(first.token)
  return settle(await sendOn(line, exchange, call, client), exchange, call)
}

interface Sent {
  answer: Answer
  token: string
  retryAfterMs?: number
}

async function sendOn(
  line: PooledToken,
  exchange: Prepared,
  call: CallContext,
  { wall, steady, wire, breaker, observers }: HttpClientOptions,
): Promise<Sent> {
  const left = () => call.deadline - wall.now()
  const expired = () => new GenesysError({ operation: call.operation, reason: 'expired', effect: 'none' })
  try {
    if (left() <= 0 || call.signal?.aborted) throw expired()
    const token = await line.token.get(call.deadline, call.signal)
    const asked = steady.now()
    await line.governor.admit(call.lane, asked + left(), call.signal)
    observers?.wait(call.lane, steady.now() - asked)
    if (left() <= 0) throw expired()
    const sent = wall.now()
    const answer = await breaker.run(call.operation, () =>
      wire.send({ ...exchange, headers: { ...exchange.headers, authorization: `Bearer ${token}` }, withinMs: left() }),
    )
    const answered = wall.now()
    observers?.request(call.operation, String(answer.status ?? answer.broke?.kind), answered - sent)
    recordSpan({
      name: `genesys ${call.operation}`,
      traceparent: call.traceparent ?? null,
      from: sent,
      to: answered,
      attributes: { 'http.response.status_code': answer.status ?? 0 },
      failed: answer.status === undefined || answer.status >= 400,
    })
    call.correlationId = correlationIdOf(answer.headers) ?? call.correlationId
    const limit = rateLimitOf(answer.headers)
    if (limit) line.governor.observe(limit)
    if (answer.status !== 429) return { answer, token }
    const retryAfterMs = retryAfterOf(answer.headers, readErrorBody(answer.body), wall.now())
    line.governor.pause(retryAfterMs)
    return { answer, token, retryAfterMs }
  } catch (error) {
    observers?.request(call.operation, 'held_back')
    throw error instanceof GenesysError ? error.during(call.operation) : error
  }
}

/** The answer as the SDK wants it, or the GenesysError that it amounts to. */
function settle({ answer, token, retryAfterMs }: Sent, exchange: Prepared, call: CallContext): SdkResponse {
  const { status, headers, broke } = answer
  const accepted = status !== undefined && status >= 200 && status < 300
  if (accepted && call.expects === 'nothing') return { status, statusText: '', headers, data: undefined }
  const data = accepted && !broke ? parsedObject(answer.body) : undefined
  if (accepted && data) return { status, statusText: '', headers, data }

  const definite = status !== undefined && !(accepted && broke)
  const [reason, effect] = definite
    ? accepted
      ? (['malformed', 'unknown'] as const)
      : verdictOfStatus(status)
    : verdictOfBreak(broke?.kind ?? 'network', answer.sent)
  const { platformCode, platformMessage, missingPermissions } = accepted ? {} : readErrorBody(answer.body, [token, ...exchange.private])
  throw new GenesysError({
    operation: call.operation,
    reason,
    effect,
    status,
    correlationId: call.correlationId,
    transportCode: broke?.code,
    platformCode,
    platformMessage,
    retryAfterMs,
    missingPermissions: reason === 'forbidden' ? (missingPermissions ?? []) : undefined,
  })
}

/**
 * The network, a gateway's 502–504, or a 429 (which the governor then waits out) are worth another GET. A PATCH goes again only where its
 * connection broke, as a warm one may at any moment: who asked for it decides about the rest.
 */
function worthAnotherTry(method: Exchange['method'], error: unknown): boolean {
  if (!isRepeatable(method) || !(error instanceof GenesysError)) return false
  const { reason, status } = error
  const cutShort = reason === 'unavailable' && (status === undefined || status < 300)
  return method === 'PATCH' ? cutShort && status === undefined : cutShort || WORTH_ANOTHER_TRY.has(status ?? 0)
}

/** Full jitter. False when the deadline leaves no time for another try. */
async function backOff(error: unknown, tries: number, { operation, deadline, signal }: CallContext, clock: Clock): Promise<boolean> {
  const wait = (error as GenesysError).status === 429 ? 0 : Math.random() * BACKOFF_MS * 2 ** tries
  if (signal?.aborted || clock.now() + wait >= deadline) return false
  let cancel = () => {}
  const pause = new Promise<void>((resolve) => void (cancel = clock.after(wait, resolve)))
  return within(pause, operation, { deadline, signal, clock }).then(
    () => true,
    () => (cancel(), false),
  )
}
