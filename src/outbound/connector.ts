/** How every connection to the platform and to webhook receivers is opened: directly or through the outbound proxy. */
import type { LookupFunction, Socket } from 'node:net'
import { buildConnector } from 'undici'
import { acceptContinue } from './accept-continue.ts'
import { connectDirectly, portOf, type ConnectionTarget, type SelectProxy } from './proxy-selector.ts'
import { openTunnel } from './tunnel.ts'

export type Connector = buildConnector.connector

export interface ConnectorOptions {
  selectProxy?: SelectProxy | undefined
  /** For the connection to the target or the tunnel to it, and again for the TLS handshake inside a tunnel. */
  timeoutMs: number
  /** Resolves the names of targets that are connected to directly. */
  lookup?: LookupFunction | undefined
  /**
   * The hosts that the proxy is asked to connect to, in turn until it succeeds; by default the target's own, which the proxy resolves.
   * The certificate is checked against the name of the target in any case.
   */
  hostsForProxy?: ((target: ConnectionTarget) => Promise<readonly string[]>) | undefined
}

/**
 * A connector for undici, for HTTP/1.1 only. Plain http goes through a tunnel as well, not as a request to the proxy: whoever sends
 * a request then knows that the connection leads to the target, and that nothing was sent while there is none.
 */
export function createConnector({ selectProxy = connectDirectly, timeoutMs, lookup, hostsForProxy }: ConnectorOptions): Connector {
  const connect = buildConnector({ allowH2: false, timeout: timeoutMs, ...(lookup && { lookup }) })

  async function tunnelTo(proxy: URL, target: ConnectionTarget): Promise<Socket> {
    const hosts = (await hostsForProxy?.(target)) ?? [target.hostname]
    let failure: unknown
    for (const host of hosts) {
      try {
        return await openTunnel(proxy, `${host}:${portOf(target)}`, timeoutMs)
      } catch (error) {
        failure ??= error
      }
    }
    throw failure
  }

  return (target, callback) => {
    const finish: buildConnector.Callback = (...[error, socket]) => {
      // On failure undici passes no socket at all, although its types say null.
      if (error || !socket) callback(error ?? new Error('no connection'), null)
      else callback(null, acceptContinue(socket))
    }
    const proxy = selectProxy(target)
    if (!proxy) return connect(target, finish)
    tunnelTo(proxy, target).then(
      (httpSocket) => (target.protocol === 'https:' ? connect({ ...target, httpSocket }, finish) : finish(null, httpSocket)),
      (error) => finish(error as Error, null),
    )
  }
}
