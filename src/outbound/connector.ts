/** How every connection to the platform and to webhook receivers is opened: directly or through the outbound proxy. */
import type { LookupFunction, Socket } from 'node:net'
import { acceptContinue } from './accept-continue.ts'
import { connectDirectly, getPort, type ConnectionTarget, type SelectProxy } from './proxy-selector.ts'
import { openTunnel } from './tunnel.ts'
import { buildConnector } from './undici.ts'

export type Connector = buildConnector.connector

export interface ConnectorOptions {
  selectProxy?: SelectProxy | undefined
  /** The timeout of the connection to the target or of the tunnel, and again of the TLS handshake inside a tunnel. */
  timeoutMs: number
  /** Resolves the host names of direct connections. */
  lookup?: LookupFunction | undefined
  /**
   * The hosts that the proxy is asked to connect to, one after another until it succeeds; by default the target's host name, which the
   * proxy resolves. The certificate is always checked against the target's host name.
   */
  hostsForProxy?: ((target: ConnectionTarget) => Promise<readonly string[]>) | undefined
}

/**
 * Creates a connector for undici, for HTTP/1.1 only. Plain http also uses a tunnel through the proxy: then a connection always leads to the
 * target, and without one it is certain that nothing was sent.
 */
export function createConnector({ selectProxy = connectDirectly, timeoutMs, lookup, hostsForProxy }: ConnectorOptions): Connector {
  const connect = buildConnector({ allowH2: false, timeout: timeoutMs, ...(lookup && { lookup }) })

  async function openTunnelTo(target: ConnectionTarget, proxy: URL): Promise<Socket> {
    const hosts = (await hostsForProxy?.(target)) ?? [target.hostname]
    let failure: unknown
    for (const host of hosts) {
      try {
        return await openTunnel(proxy, `${host}:${getPort(target)}`, timeoutMs)
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
    openTunnelTo(target, proxy).then(
      (httpSocket) => (target.protocol === 'https:' ? connect({ ...target, httpSocket }, finish) : finish(null, httpSocket)),
      (error) => finish(error as Error, null),
    )
  }
}
