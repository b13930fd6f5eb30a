/** The client: transfers a call, decides where it should go, tries it out, and waits for the pickup. */
import createApiClient, { type Client as ApiClient } from 'openapi-fetch'
import type { paths } from './openapi.ts'
import { createResponseError, createSender, requireJson } from './send.ts'
import type { DryRun, Transfer, TransferRequest } from './types.ts'
import { waitForOutcome, type WaitOptions } from './wait-for-outcome.ts'

export interface ClientOptions {
  /** Where Handoff is, such as `https://handoff.example.com`; with its path prefix, if it has one. */
  baseUrl: string
  /** An API key (`hk_<id>_<secret>`), or an access token. */
  apiKey: string
  /** Sends the requests; default: `globalThis.fetch`. */
  fetch?: typeof globalThis.fetch
  /** How often a request is sent at most; default 3. */
  maxAttempts?: number
  /** Time limit of a call with all its attempts, ms; default 30,000. */
  timeoutMs?: number
  /** Time limit of one attempt, ms; default 10,000. Handoff answers within its own `TRANSFER_DEADLINE_MS`, 8,000 by default. */
  attemptTimeoutMs?: number
  /**
   * The `traceparent` header of a call (W3C Trace Context); by default each call starts a trace. Its trace id is `requestId` of an error. Return
   * undefined if something else adds the header, such as the instrumentation of OpenTelemetry.
   */
  traceparent?: () => string | undefined
}

export interface CallOptions {
  /** Ends the call. What was sent is not taken back: a transfer may still happen. */
  signal?: AbortSignal | undefined
}

export interface TransferOptions extends CallOptions {
  /**
   * Makes a repeat of the call safe for at least 72 h: 1 to 255 visible ASCII characters. All attempts of a call have the same key. Absent: a
   * new one, which covers this call only. Give your own, such as the id of the event that causes the transfer, if your program may repeat the
   * call after a crash.
   */
  idempotencyKey?: string | undefined
}

/** Every method rejects with HandoffError, or with the reason of the signal. */
export interface HandoffClient {
  /** Moves the call. Resolves as soon as the platform has accepted the transfer; `waitForPickup` tells how it ends. */
  transfer(request: TransferRequest, options?: TransferOptions): Promise<Transfer>
  /** Decides where the call should go, and leaves the move to the flow, which is watched. */
  decide(request: TransferRequest, options?: TransferOptions): Promise<Transfer>
  /** Says what `transfer` would do. Nothing is moved or stored. */
  dryRun(request: TransferRequest, options?: CallOptions): Promise<DryRun>
  /** Reads a transfer. */
  get(transferId: string, options?: CallOptions): Promise<Transfer>
  /**
   * Waits until the outcome of a transfer is known: resolves with the transfer in its final state, which is `picked_up`, `timeout` (nobody
   * picked up in time; the call may still wait), `abandoned`, `failed`, `superseded`, `callback_created` or `rejected`. Rejects with
   * WAIT_TIMEOUT if that takes longer than `timeoutMs`.
   */
  waitForPickup(transfer: string | Pick<Transfer, 'id'>, options?: WaitOptions): Promise<Transfer>
  /** Every other route, typed (openapi-fetch). It resolves with `data` or `error`, and is retried in the same way. */
  readonly api: ApiClient<paths>
}

function checkOptions({ baseUrl, apiKey }: ClientOptions): void {
  if (!/^https?:$/.test(new URL(baseUrl).protocol)) throw new TypeError('baseUrl must be an http or https URL')
  // Checked here, because the error of Headers would contain the key.
  if (!/^[!-~]+$/.test(apiKey)) throw new TypeError('apiKey must be visible ASCII characters, and at least one')
}

/** A new trace, sampled, so that it is recorded wherever Handoff records traces. */
function startTrace(): string {
  const hex = (bytes: number): string =>
    Array.from(crypto.getRandomValues(new Uint8Array(bytes)), (byte) => byte.toString(16).padStart(2, '0')).join('')
  return `00-${hex(16)}-${hex(8)}-01`
}

interface ApiResult<T> {
  data?: T | undefined
  error?: unknown
  response: Response
}

/**
 * Creates a client.
 * @throws TypeError if `baseUrl` or `apiKey` cannot be right
 */
export function createClient(options: ClientOptions): HandoffClient {
  checkOptions(options)
  const { baseUrl, apiKey, maxAttempts = 3, timeoutMs = 30_000, attemptTimeoutMs = 10_000, traceparent = startTrace } = options
  const { fetch = (...request) => globalThis.fetch(...request) } = options
  const policy = { fetch, maxAttempts, timeoutMs, attemptTimeoutMs }
  const send = createSender(policy)
  const sendForJson = requireJson(send)
  const sendOnceForJson = requireJson(createSender({ ...policy, maxAttempts: 1 }))
  const api = createApiClient<paths>({ baseUrl, headers: { authorization: `Bearer ${apiKey}` }, fetch: send })

  /** Makes a call, and unwraps its result. @throws HandoffError, or the reason of the signal */
  async function call<T>(headers: Headers, send: (headers: Headers) => Promise<ApiResult<T>>): Promise<{ data: T; response: Response }> {
    const trace = traceparent()
    if (trace !== undefined) headers.set('traceparent', trace)
    const { data, error, response } = await send(headers)
    if (data === undefined) throw createResponseError({ headers }, response, error)
    return { data, response }
  }

  async function request(
    mode: 'execute' | 'decide' | 'dryRun',
    body: TransferRequest,
    options: TransferOptions,
  ): Promise<Transfer | DryRun> {
    const key = options.idempotencyKey ?? crypto.randomUUID()
    const { data } = await call(new Headers({ 'idempotency-key': key }), (headers) =>
      api.POST('/v1/transfers', { body: { ...body, mode }, headers, signal: options.signal ?? null, fetch: sendForJson }),
    )
    return data
  }

  async function read(id: string, { signal }: CallOptions, fetch = sendForJson): Promise<{ transfer: Transfer; headers: Headers }> {
    const { data, response } = await call(new Headers(), (headers) =>
      api.GET('/v1/transfers/{id}', { params: { path: { id } }, headers, signal: signal ?? null, fetch }),
    )
    return { transfer: data, headers: response.headers }
  }

  return {
    api,
    transfer: (body, options = {}) => request('execute', body, options) as Promise<Transfer>,
    decide: (body, options = {}) => request('decide', body, options) as Promise<Transfer>,
    dryRun: (body, options = {}) => request('dryRun', body, options) as Promise<DryRun>,
    get: async (id, options = {}) => (await read(id, options)).transfer,
    waitForPickup: (transfer, options = {}) => {
      const id = typeof transfer === 'string' ? transfer : transfer.id
      return waitForOutcome(id, () => read(id, options, sendOnceForJson), options)
    },
  }
}
