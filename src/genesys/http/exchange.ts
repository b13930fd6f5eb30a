import type { IncomingHttpHeaders } from 'node:http'
import { Agent } from 'undici'
import type { Dispatcher } from 'undici'
import type { TransportFailure } from './errors.ts'
import { createSpareConnections } from './spare-connections.ts'

export interface Exchange {
  url: URL
  method: 'GET' | 'POST' | 'PUT' | 'PATCH'
  headers: Record<string, string>
  body?: string | undefined
  /** Milliseconds from now in which all of it must happen, connecting included. */
  withinMs: number
  signal?: AbortSignal | undefined
  /** Resolve as soon as a 2xx status is there; the body, if any, is read and dropped. */
  headersSuffice?: boolean
  /** Asked in the very moment before the first byte leaves; false: nothing is sent. */
  mayLeave?: (() => boolean) | undefined
}

/** Whether a request may be sent twice and mean the same: reads, and what sets values whatever they were. A command moves a call each time. */
export const isRepeatable = (method: Exchange['method']): boolean => method === 'GET' || method === 'PATCH'

export interface Answer {
  /** False: proved that not a byte of the request left, because no connection was ready for it before it ended. */
  sent: boolean
  /** From its first byte until it was over; absent: there was none. */
  sinceSentMs?: number
  /** There once the headers were read, however the body fared. */
  status?: number
  headers: IncomingHttpHeaders
  body: string
  broke?: { kind: TransportFailure; code?: string }
}

const LARGEST_BODY = 5_000_000
const CONNECT_MS = 3000
/** More than are ever under way: undici lets newcomers pass those who wait for a connection, which may then wait for ever. */
const MOST_CONNECTIONS = 512

/** Connections to one platform: what may be repeated shares warm ones, what moves a call gets a fresh one of its own. */
export interface Transport {
  /** Opens a connection for a command that is about to follow. */
  prepare(url: URL): void
  /** Sends one request exactly once and never throws: everything that can happen is in the answer. */
  send(exchange: Exchange): Promise<Answer>
  /** Cuts everything that is still open. */
  close(): Promise<void>
}

/**
 * Opens no connection yet. Commands never go out on a kept-alive connection, which the other side may be closing at that very
 * moment: the request would be lost half-sent and nobody could say whether it was seen (reliability §4.4).
 */
export function createTransport(): Transport {
  const connecting = { allowH2: false, timeout: CONNECT_MS } as const
  const shared = { allowH2: false, connections: MOST_CONNECTIONS, headersTimeout: 0, bodyTimeout: 30_000 } as const
  const spare = createSpareConnections(connecting)
  const warm = new Agent({ ...shared, connect: connecting, keepAliveTimeout: 20_000, keepAliveMaxTimeout: 30_000 })
  const fresh = new Agent({ ...shared, connect: spare.connect, pipelining: 0 })
  return {
    prepare: (url) => spare.open(url),
    send: (exchange) => (isRepeatable(exchange.method) ? send(warm, exchange) : send(fresh, exchange, { reset: true })),
    async close() {
      spare.close()
      await Promise.all([warm.destroy(), fresh.destroy()])
    },
  }
}

/** One request through `dispatcher`, with its own deadline from connect to last byte. `reset`: the connection ends with it. */
function send(dispatcher: Dispatcher, exchange: Exchange, { reset = false } = {}): Promise<Answer> {
  return new Promise((resolve) => {
    const answer: Answer = { sent: false, headers: {}, body: '' }
    const chunks: Buffer[] = []
    let size = 0
    let over = false
    let sentAt: number | undefined
    let controller: Dispatcher.DispatchController | undefined

    const finish = (broke?: Answer['broke']) => {
      if (over) return
      over = true
      clearTimeout(timer)
      exchange.signal?.removeEventListener('abort', onAbort)
      const sinceSentMs = sentAt === undefined ? undefined : performance.now() - sentAt
      resolve({
        ...answer,
        ...(sinceSentMs !== undefined && { sinceSentMs }),
        body: Buffer.concat(chunks).toString('utf8'),
        ...(broke && { broke }),
      })
    }
    const giveUp = (kind: TransportFailure) => {
      finish({ kind })
      controller?.abort(new Error(kind))
    }
    const onAbort = () => giveUp('aborted')
    const timer = setTimeout(giveUp, Math.max(1, exchange.withinMs), 'deadline')
    exchange.signal?.addEventListener('abort', onAbort, { once: true })
    if (exchange.signal?.aborted) return giveUp('aborted')

    dispatcher.dispatch(
      {
        origin: exchange.url.origin,
        path: exchange.url.pathname + exchange.url.search,
        method: exchange.method,
        headers: exchange.headers,
        body: exchange.body ?? null,
        ...(reset && { reset }),
      },
      {
        onRequestStart(started) {
          if (!over && exchange.mayLeave?.() === false) finish({ kind: 'aborted' })
          if (over) return started.abort(new Error('given up before it was sent'))
          controller = started
          answer.sent = true
          sentAt = performance.now()
        },
        onResponseStart(_, status, headers) {
          if (status < 200) return
          answer.status = status
          answer.headers = headers
          if (exchange.headersSuffice && status < 300) finish()
        },
        onResponseData(_, chunk) {
          size += chunk.length
          if (size > LARGEST_BODY) return over ? controller?.abort(new Error('too_large')) : giveUp('too_large')
          if (!over) chunks.push(chunk)
        },
        onResponseEnd: () => finish(),
        onResponseError: (_, error) => finish({ kind: 'network', ...codeOf(error) }),
      },
    )
  })
}

/** An error's code, its first cause's where it is a bundle (happy eyeballs); never its text, which may hold anything. */
function codeOf(error: unknown): { code?: string } {
  const first: unknown = error instanceof AggregateError ? error.errors[0] : error
  const code = (first as { code?: unknown } | undefined)?.code ?? (first as Error | undefined)?.name
  return typeof code === 'string' && /^\w{1,60}$/.test(code) ? { code } : {}
}
