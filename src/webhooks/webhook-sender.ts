import { once } from 'node:events'
import type { LookupFunction } from 'node:net'
import { Agent, errors, request } from 'undici'
import { RefusedAddress, guardedConnect, judgeUrl } from './network-guard.ts'
import type { Network } from './network-guard.ts'
import { retryAfter } from './schedule.ts'

/** What one attempt came to. `error` is plain words without address, URL or anything that the receiver wrote. */
export interface Attempt {
  outcome: 'delivered' | 'retry' | 'gone' | 'refused'
  status?: number
  error?: string
  durationMs: number
  retryAfterMs?: number
}

export interface WebhookSender {
  /** One attempt; never throws. 2xx is delivered, 410 gone, a refused address or URL refused, everything else worth another try. */
  post: (url: string, headers: Record<string, string>, body: string) => Promise<Attempt>
  /** Waits for the attempts under way, at most one timeout. */
  close: () => Promise<void>
}

export interface WebhookSenderOptions {
  allowedNetworks: Network[]
  /** For the whole attempt: connection, answer and the part of its body that is read. */
  timeoutMs?: number
  /** Epoch milliseconds. */
  clock?: () => number
  lookup?: LookupFunction
}

const TIMEOUT_MS = 15_000
const BODY_LIMIT = 64 * 1024
const OWN_HEADERS = { 'content-type': 'application/json', 'user-agent': 'Handoff' }

const FAILURES: Array<[code: RegExp, words: string]> = [
  [/^ECONNREFUSED$/, 'the connection was refused'],
  [/^(ENOTFOUND|EAI_\w+)$/, 'the name could not be resolved'],
  [/^(ETIMEDOUT|UND_ERR_CONNECT_TIMEOUT|EHOSTUNREACH|ENETUNREACH)$/, 'no connection could be made'],
  [/^(ECONNRESET|EPIPE|UND_ERR_SOCKET)$/, 'the connection broke'],
  [/^UND_ERR_HEADERS_OVERFLOW$/, 'the answer has too many headers'],
  [/CERT|^ERR_(TLS|SSL)|^EPROTO|SIGNED/, 'no trusted TLS connection could be made'],
]

/** Sends webhooks: one attempt a call, no redirects, the answer's body read up to 64 KiB and thrown away (design §8). */
export function createWebhookSender({
  allowedNetworks,
  timeoutMs = TIMEOUT_MS,
  clock = Date.now,
  lookup,
}: WebhookSenderOptions): WebhookSender {
  const connect = guardedConnect(allowedNetworks, { timeoutMs, ...(lookup && { lookup }) })
  const dispatcher = new Agent({ connect, headersTimeout: 0, bodyTimeout: 0 })

  async function post(url: string, headers: Record<string, string>, body: string): Promise<Attempt> {
    const started = clock()
    const done = (attempt: Omit<Attempt, 'durationMs'>): Attempt => ({ ...attempt, durationMs: clock() - started })
    const judgement = judgeUrl(url, allowedNetworks)
    if (!judgement.allowed) return done({ outcome: 'refused', error: `the webhook URL is refused: ${judgement.why}` })

    const deadline = new AbortController()
    const { signal } = deadline
    const timer = setTimeout(() => deadline.abort(), timeoutMs)
    try {
      const sent = request(judgement.url, { method: 'POST', headers: { ...OWN_HEADERS, ...headers }, body, dispatcher, signal })
      // undici heeds the signal only once it is connected; an attempt given up before that is then never sent.
      const answer = await Promise.race([sent, once(signal, 'abort').then(() => Promise.reject(new Error('too late')))])
      // The status is the receiver's word; what becomes of its body changes nothing.
      await answer.body.dump({ limit: BODY_LIMIT })
      return done(verdict(answer.statusCode, [answer.headers['retry-after']].flat()[0], clock()))
    } catch (error) {
      if (error instanceof RefusedAddress) return done({ outcome: 'refused', error: error.message })
      return done({ outcome: 'retry', error: signal.aborted ? `no answer within ${timeoutMs} ms` : wordsFor(error) })
    } finally {
      clearTimeout(timer)
    }
  }

  const underWay = new Set<Promise<Attempt>>()
  return {
    post: (url, headers, body) => {
      const attempt = post(url, headers, body).finally(() => underWay.delete(attempt))
      underWay.add(attempt)
      return attempt
    },
    // Every attempt ends by itself; undici's own close would also wait for connections that nobody waits for any more.
    close: async () => {
      await Promise.allSettled(underWay)
      await dispatcher.destroy()
    },
  }
}

function verdict(status: number, wait: string | undefined, now: number): Omit<Attempt, 'durationMs'> {
  if (status >= 200 && status < 300) return { outcome: 'delivered', status }
  if (status === 410) return { outcome: 'gone', status, error: 'the receiver answered 410: it wants no more' }
  const retryAfterMs = retryAfter(wait, now)
  const error = `the receiver answered ${status}${status >= 300 && status < 400 ? ': redirects are not followed' : ''}`
  return { outcome: 'retry', status, error, ...(retryAfterMs !== undefined && { retryAfterMs }) }
}

function wordsFor(error: unknown): string {
  if (error instanceof errors.HTTPParserError) return 'the answer is not HTTP'
  const code = error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : ''
  return FAILURES.find(([known]) => known.test(code))?.[1] ?? 'the attempt failed'
}
