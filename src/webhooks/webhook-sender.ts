/** How one webhook is sent, and what the receiver's answer means: delivered, to be retried, or final. */
import { once } from 'node:events'
import type { LookupFunction } from 'node:net'
import { describeCertificateError } from '../outbound/certificate-errors.ts'
import { ProxyError } from '../outbound/tunnel.ts'
import { monotonicMs } from '../model/clock.ts'
import type { SelectProxy } from '../outbound/proxy-selector.ts'
import { Agent, errors, request } from '../outbound/undici.ts'
import { RefusedAddress, createGuardedConnector } from './guarded-connector.ts'
import { checkUrl } from './network-guard.ts'
import type { Network } from '../model/formats/networks.ts'
import { parseRetryAfter } from './schedule.ts'

/** `error` never contains an address, a URL or anything that the receiver wrote. */
export interface SendResult {
  outcome: 'delivered' | 'retry' | 'gone' | 'refused'
  status?: number
  error?: string
  durationMs: number
  retryAfterMs?: number
  /** The error code of the connection, if the certificate of the receiver or of the outbound proxy is not accepted. */
  certificateCode?: string
}

export interface WebhookSender {
  /** Sends a webhook once. Never rejects. 2xx means `delivered`, 410 `gone`, a forbidden address or URL `refused`, and everything else `retry`. */
  send: (url: string, headers: Record<string, string>, body: string) => Promise<SendResult>
  /** Waits for the requests in progress, for `timeoutMs` at most. */
  close: () => Promise<void>
}

export interface WebhookSenderOptions {
  allowedNetworks: Network[]
  /** Time limit for the whole request, including the connection, the answer, and the part of its body that is read. */
  timeoutMs?: number
  /** The machine's time, epoch ms: a date in `Retry-After` is compared with it. */
  wallClock?: () => number
  lookup?: LookupFunction
  selectProxy?: SelectProxy | undefined
}

const defaultTimeoutMs = 15_000
const maxBodyBytes = 64 * 1024
const defaultHeaders = { 'content-type': 'application/json', 'user-agent': 'Handoff' }

const errorTexts: Array<[code: RegExp, text: string]> = [
  [/^ECONNREFUSED$/, 'the connection was refused'],
  [/^(ENOTFOUND|EAI_\w+)$/, 'the name could not be resolved'],
  [/^(ETIMEDOUT|UND_ERR_CONNECT_TIMEOUT|EHOSTUNREACH|ENETUNREACH)$/, 'no connection could be made'],
  [/^(ECONNRESET|EPIPE|UND_ERR_SOCKET)$/, 'the connection broke'],
  [/^UND_ERR_HEADERS_OVERFLOW$/, 'the answer has too many headers'],
  [/^ERR_(TLS|SSL)|^EPROTO/, 'no TLS connection could be made'],
]

/** Creates a sender. It follows no redirect, and reads and discards at most 64 KiB of an answer's body. */
export function createWebhookSender({
  allowedNetworks,
  timeoutMs = defaultTimeoutMs,
  wallClock = Date.now,
  lookup,
  selectProxy,
}: WebhookSenderOptions): WebhookSender {
  const connect = createGuardedConnector(allowedNetworks, { timeoutMs, lookup, selectProxy })
  // The deadline in `send` limits the whole request, so undici's own time limits are switched off.
  const dispatcher = new Agent({ connect, headersTimeout: 0, bodyTimeout: 0 })

  async function send(url: string, headers: Record<string, string>, body: string): Promise<SendResult> {
    const startedAt = monotonicMs()
    const withDuration = (result: Omit<SendResult, 'durationMs'>): SendResult => ({
      ...result,
      durationMs: Math.round(monotonicMs() - startedAt),
    })
    const check = checkUrl(url, allowedNetworks)
    if (!check.isAllowed) return withDuration({ outcome: 'refused', error: `the webhook URL is refused: ${check.reason}` })

    const deadline = new AbortController()
    const { signal } = deadline
    const timer = setTimeout(() => deadline.abort(), timeoutMs)
    try {
      const response = request(check.url, { method: 'POST', headers: { ...defaultHeaders, ...headers }, body, dispatcher, signal })
      // undici ignores the signal until there is a connection, hence the race. A request that is abandoned before that is never sent.
      const {
        statusCode,
        headers: answerHeaders,
        body: answerBody,
      } = await Promise.race([response, once(signal, 'abort').then(() => Promise.reject(new Error('the deadline has passed')))])
      // The status is the receiver's answer; a failure while reading the body does not change it.
      await answerBody.dump({ limit: maxBodyBytes })
      return withDuration(interpretStatus(statusCode, [answerHeaders['retry-after']].flat()[0], wallClock()))
    } catch (error) {
      if (error instanceof RefusedAddress) return withDuration({ outcome: 'refused', error: error.message })
      if (signal.aborted) return withDuration({ outcome: 'retry', error: `no answer within ${timeoutMs} ms` })
      return withDuration({ outcome: 'retry', ...describeError(error) })
    } finally {
      clearTimeout(timer)
    }
  }

  const inProgress = new Set<Promise<SendResult>>()
  return {
    send: (url, headers, body) => {
      const sending = send(url, headers, body).finally(() => inProgress.delete(sending))
      inProgress.add(sending)
      return sending
    },
    // Every request ends by its own timeout. undici's close() would also wait for connections that no request needs any more.
    close: async () => {
      await Promise.allSettled(inProgress)
      await dispatcher.destroy()
    },
  }
}

function interpretStatus(status: number, retryAfter: string | undefined, now: number): Omit<SendResult, 'durationMs'> {
  if (status >= 200 && status < 300) return { outcome: 'delivered', status }
  if (status === 410) return { outcome: 'gone', status, error: 'the receiver answered 410: it wants no more webhooks' }
  const retryAfterMs = parseRetryAfter(retryAfter, now)
  const error = `the receiver answered ${status}${status >= 300 && status < 400 ? ': redirects are not followed' : ''}`
  return { outcome: 'retry', status, error, ...(retryAfterMs !== undefined && { retryAfterMs }) }
}

function describeError(error: unknown): Pick<SendResult, 'error' | 'certificateCode'> {
  if (error instanceof errors.HTTPParserError) return { error: 'the answer is not HTTP' }
  const code = error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : ''
  const certificateProblem = describeCertificateError(code, 'the receiver')
  if (certificateProblem) return { error: `${certificateProblem} (${code})`, certificateCode: code }
  if (error instanceof ProxyError) return { error: error.message }
  return { error: errorTexts.find(([pattern]) => pattern.test(code))?.[1] ?? 'the attempt failed' }
}
