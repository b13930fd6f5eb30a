/** One HTTP exchange: a request is sent once at most, and the result says what happened to it. */
import type { IncomingHttpHeaders } from 'node:http'
import type { Dispatcher } from 'undici'

export interface ExchangeRequest {
  url: URL
  method: 'GET' | 'POST' | 'PUT' | 'PATCH'
  headers: Record<string, string>
  body?: string | undefined
  /** Milliseconds from now for the whole exchange, connecting included. */
  timeoutMs: number
  signal?: AbortSignal | undefined
  /** Whether to resolve as soon as the headers of a 2xx response have arrived; its body is then read and dropped. */
  shouldResolveOnHeaders?: boolean
  /** Called immediately before the first byte is written. If it returns false, nothing is sent. */
  canSend?: (() => boolean) | undefined
}

/** What ended an exchange before its response was complete. */
export type TransportFailureKind = 'network' | 'deadline' | 'aborted' | 'too_large'

/** `code` is the transport's own, such as ECONNRESET. */
export interface TransportFailure {
  kind: TransportFailureKind
  code?: string
}

export interface ExchangeResult {
  /** False proves that no byte of the request left: the exchange ended before a connection was ready, or `canSend` returned false. */
  isSent: boolean
  /** Milliseconds from the first byte to the end of the exchange; absent if nothing was sent. */
  sinceSentMs?: number
  /** Present once the headers were read, even if the body failed afterwards. */
  status?: number
  headers: IncomingHttpHeaders
  body: string
  failure?: TransportFailure
}

const maximumBodyBytes = 5_000_000

/**
 * Sends `request` through `dispatcher`, with one timeout from connect to last byte. Never rejects. With `shouldCloseConnection`, the
 * connection is not used for another exchange.
 */
export function exchange(
  dispatcher: Dispatcher,
  request: ExchangeRequest,
  { shouldCloseConnection = false } = {},
): Promise<ExchangeResult> {
  return new Promise((resolve) => {
    const result: ExchangeResult = { isSent: false, headers: {}, body: '' }
    const chunks: Buffer[] = []
    let bodyBytes = 0
    let isOver = false
    let sentAt: number | undefined
    let controller: Dispatcher.DispatchController | undefined

    const finish = (failure?: TransportFailure) => {
      if (isOver) return
      isOver = true
      clearTimeout(timer)
      request.signal?.removeEventListener('abort', onAbort)
      resolve({
        ...result,
        ...(sentAt !== undefined && { sinceSentMs: performance.now() - sentAt }),
        body: Buffer.concat(chunks).toString('utf8'),
        ...(failure && { failure }),
      })
    }
    const giveUp = (kind: TransportFailureKind) => {
      finish({ kind })
      controller?.abort(new Error(kind))
    }
    const onAbort = () => giveUp('aborted')
    const timer = setTimeout(giveUp, Math.max(1, request.timeoutMs), 'deadline')
    request.signal?.addEventListener('abort', onAbort, { once: true })
    if (request.signal?.aborted) return giveUp('aborted')

    dispatcher.dispatch(
      {
        origin: request.url.origin,
        path: request.url.pathname + request.url.search,
        method: request.method,
        headers: request.headers,
        body: request.body ?? null,
        ...(shouldCloseConnection && { reset: true }),
      },
      {
        onRequestStart(started) {
          if (!isOver && request.canSend?.() === false) finish({ kind: 'aborted' })
          if (isOver) return started.abort(new Error('the exchange ended before the request was sent'))
          controller = started
          result.isSent = true
          sentAt = performance.now()
        },
        onResponseStart(_, status, headers) {
          if (status < 200) return
          result.status = status
          result.headers = headers
          if (request.shouldResolveOnHeaders && status < 300) finish()
        },
        onResponseData(_, chunk) {
          bodyBytes += chunk.length
          if (bodyBytes > maximumBodyBytes) return isOver ? controller?.abort(new Error('too_large')) : giveUp('too_large')
          if (!isOver) chunks.push(chunk)
        },
        onResponseEnd: () => finish(),
        onResponseError: (_, error) => finish({ kind: 'network', ...readErrorCode(error) }),
      },
    )
  })
}

/** The code of an error, or of the first one in a bundle (happy eyeballs). Never its text, which may contain anything. */
function readErrorCode(error: unknown): { code?: string } {
  const first: unknown = error instanceof AggregateError ? error.errors[0] : error
  const code = (first as { code?: unknown } | undefined)?.code ?? (first as Error | undefined)?.name
  return typeof code === 'string' && /^\w{1,60}$/.test(code) ? { code } : {}
}
