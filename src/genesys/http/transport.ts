/** Which connection a request to the platform goes out on: repeatable ones share kept-alive connections, any other gets a fresh one. */
import { setImmediate as nextTurn } from 'node:timers/promises'
import { createConnector } from '../../outbound/connector.ts'
import type { SelectProxy } from '../../outbound/proxy-selector.ts'
import { Agent } from '../../outbound/undici.ts'
import { exchange, type ExchangeRequest, type ExchangeResult } from './exchange.ts'
import { createSpareConnections } from './spare-connections.ts'

/** The connections to one platform. */
export interface Transport {
  /** Opens a connection for a command that is about to follow. */
  prepare(url: URL): void
  /** Sends one request once at most. Never rejects: the result says what happened. */
  send(request: ExchangeRequest): Promise<ExchangeResult>
  /** Closes every open connection at once. */
  close(): Promise<void>
}

const connectTimeoutMs = 3000
/** More than are ever in use: undici lets new requests overtake those that wait for a connection, which may then wait forever. */
const maximumConnections = 512

/** Whether sending a request twice has the same effect as sending it once. A POST may move the call each time. */
export const isRepeatable = (method: ExchangeRequest['method']): boolean => method === 'GET' || method === 'PATCH'

/**
 * Creates the transport, which opens no connection yet. A request that is not repeatable never goes out on a kept-alive connection: the
 * platform may be closing it at that moment, and then it is unknown whether the request was read
 * (docs/reliability.md#failure-modes-of-an-exchange).
 */
export function createTransport({ selectProxy }: { selectProxy?: SelectProxy | undefined } = {}): Transport {
  const connect = createConnector({ selectProxy, timeoutMs: connectTimeoutMs })
  // The exchange has a timeout of its own, so undici's are off or longer.
  const common = { allowH2: false, connections: maximumConnections, headersTimeout: 0, bodyTimeout: 30_000 } as const
  const spareConnections = createSpareConnections(connect)
  const keptAlive = new Agent({ ...common, connect, keepAliveTimeout: 20_000, keepAliveMaxTimeout: 30_000 })
  // With `pipelining: 0`, undici uses each connection for one request only.
  const fresh = new Agent({ ...common, connect: spareConnections.connect, pipelining: 0 })
  return {
    prepare: (url) => spareConnections.open(url),
    send: (request) =>
      isRepeatable(request.method) ? exchange(keptAlive, request) : exchange(fresh, request, { shouldCloseConnection: true }),
    async close() {
      spareConnections.close()
      await Promise.all([keptAlive.destroy(), fresh.destroy()])
    },
  }
}

/**
 * Resolves when reads that were just started have been written to their connections. undici first spends a turn of the event loop on
 * checking that a kept-alive connection is not being closed; other work done meanwhile would only delay the reads.
 */
export async function waitUntilReadsAreWritten(): Promise<void> {
  await nextTurn()
  await nextTurn()
}
