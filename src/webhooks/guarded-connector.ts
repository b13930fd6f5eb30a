/** How webhooks are kept from forbidden addresses, whatever a host name resolves to. */
import { lookup as systemLookup } from 'node:dns'
import { isIP } from 'node:net'
import type { LookupFunction } from 'node:net'
import { createConnector, type Connector } from '../outbound/connector.ts'
import { connectDirectly, type SelectProxy } from '../outbound/proxy-selector.ts'
import { checkAddress, checkHost } from './network-guard.ts'
import type { Network } from '../model/formats/networks.ts'

/** The connection would have gone to an address that is not allowed, so another attempt cannot help. The message contains no address. */
export class RefusedAddress extends Error {
  override name = 'RefusedAddress'
}

export interface GuardedConnectorOptions {
  lookup?: LookupFunction | undefined
  timeoutMs?: number | undefined
  selectProxy?: SelectProxy | undefined
}

/**
 * Creates a connector for undici that connects to allowed addresses only. A literal address is checked before the connection. A host name
 * is resolved once, and the connection uses the addresses that were checked, so that a second lookup cannot give a different answer. The
 * peer's address is checked again after the connection. If a name has several addresses, the forbidden ones are left out; if none is
 * left, the connection fails with RefusedAddress.
 *
 * A proxy would resolve a host name itself, and may be able to reach private networks. So the name is resolved here, and the proxy gets a
 * checked address.
 */
export function createGuardedConnector(allowedNetworks: Network[], options: GuardedConnectorOptions = {}): Connector {
  const { timeoutMs = 10_000, selectProxy = connectDirectly } = options
  const lookup = createGuardedLookup(options.lookup ?? systemLookup, allowedNetworks)
  const connect = createConnector({ selectProxy, timeoutMs, lookup, hostsForProxy: ({ hostname }) => resolveHost(hostname, lookup) })
  return (target, callback) => {
    const check = checkHost(target.hostname, allowedNetworks)
    if (!check.isAllowed) return callback(new RefusedAddress(`the address is refused: ${check.reason}`), null)
    connect(target, (...result) => {
      const [error, socket] = result
      if (error !== null || !socket) return callback(error ?? new Error('no connection'), null)
      // Behind a proxy the peer is the proxy, whose address the operator has chosen.
      if (selectProxy(target)) return callback(null, socket)
      const peerCheck = checkAddress(socket.remoteAddress ?? '', allowedNetworks)
      if (peerCheck.isAllowed) return callback(null, socket)
      socket.destroy()
      callback(new RefusedAddress(`the address is refused: ${peerCheck.reason}`), null)
    })
  }
}

/** Resolves the addresses of a host, with brackets around IPv6, as `host:port` needs them. */
async function resolveHost(hostname: string, lookup: LookupFunction): Promise<string[]> {
  if (isIP(hostname.replace(/^\[(.*)\]$/, '$1')) !== 0) return [hostname]
  const { promise, resolve, reject } = Promise.withResolvers<string[]>()
  lookup(hostname, { all: true }, (error, found) => {
    if (error) return reject(error)
    const addresses = Array.isArray(found) ? found.map(({ address }) => address) : [found]
    resolve(addresses.map((address) => (isIP(address) === 6 ? `[${address}]` : address)))
  })
  return promise
}

function createGuardedLookup(lookup: LookupFunction, allowedNetworks: Network[]): LookupFunction {
  return (hostname, options, callback) =>
    lookup(hostname, { ...options, all: true }, (error, found) => {
      if (error) return callback(error, [])
      const addresses = Array.isArray(found) ? found : [{ address: found, family: isIP(found) }]
      const checks = addresses.map((entry) => ({ entry, check: checkAddress(entry.address, allowedNetworks) }))
      const allowed = checks.filter(({ check }) => check.isAllowed).map(({ entry }) => entry)
      const [first] = allowed
      if (first === undefined) {
        const [reason] = checks.map(({ check }) => (check.isAllowed ? '' : check.reason))
        const message = reason === undefined ? 'the name has no address' : `the name leads to a refused address: ${reason}`
        return callback(new RefusedAddress(message), [])
      }
      if (options.all === true) callback(null, allowed)
      else callback(null, first.address, first.family)
    })
}
