/** Which outbound proxy a connection goes through, by HTTPS_PROXY, HTTP_PROXY and NO_PROXY. */
import { isIP } from 'node:net'
import { createNetworkMatcher, parseCidr } from '../model/formats/networks.ts'

/** The settings of the same names. */
export interface ProxySettings {
  HTTPS_PROXY?: URL | undefined
  HTTP_PROXY?: URL | undefined
  NO_PROXY?: string | undefined
}

/** The server that a connection is for; `hostname` has brackets around IPv6, and `port` is empty for the default port. */
export type ConnectionTarget = Pick<URL, 'protocol' | 'hostname' | 'port'>

/** Returns the proxy for a target; undefined for a direct connection. */
export type SelectProxy = (target: ConnectionTarget) => URL | undefined

/** One entry of NO_PROXY. */
interface Exception {
  /** The host name, or the end of it after a dot. */
  name: string
  /** Whether the entry was written as `*.name`, which matches subdomains but not the name itself. */
  isSubdomainOnly: boolean
  /** Undefined: any port. */
  port: string | undefined
  /** Set if the entry is an address or a network. */
  isInNetwork: ((address: string) => boolean) | undefined
}

const defaultPorts: Readonly<Record<string, string>> = { 'https:': '443', 'http:': '80' }

/** The port of a target, also if it is the default one. */
export const getPort = ({ protocol, port }: ConnectionTarget): string => port || (defaultPorts[protocol] ?? '')
/** Removes the brackets of an IPv6 address, and the dot at the end of a fully qualified name. */
export const toBareHost = (hostname: string): string => hostname.replace(/^\[(.*)\]$/, '$1').replace(/(.)\.$/, '$1')

/** Selects no proxy for any target. */
export const connectDirectly: SelectProxy = () => undefined

/**
 * Creates a selector with the rules of undici's EnvHttpProxyAgent: HTTP_PROXY also serves https if there is no HTTPS_PROXY, and NO_PROXY
 * lists hosts (their subdomains included), each with an optional port. In addition, NO_PROXY may list networks (10.0.0.0/8).
 */
export function createProxySelector({ HTTPS_PROXY, HTTP_PROXY, NO_PROXY = '' }: ProxySettings): SelectProxy {
  const exceptions = NO_PROXY.toLowerCase()
    .split(/[,\s]+/)
    .filter(Boolean)
    .map(parseException)
  return (target) => {
    const proxy = target.protocol === 'https:' ? (HTTPS_PROXY ?? HTTP_PROXY) : HTTP_PROXY
    return proxy && !exceptions.some((exception) => isException(exception, target)) ? proxy : undefined
  }
}

function parseException(entry: string): Exception {
  // A bare IPv6 address has several colons, none of which begins a port.
  const [, host = entry, port] = /^(\[.*\]|[^:]*):(\d+)$/.exec(entry) ?? []
  const name = toBareHost(host)
  const network = parseCidr(name)
  const isInNetwork = network && createNetworkMatcher([network])
  return { name: name.replace(/^\*?\./, ''), isSubdomainOnly: name.startsWith('*.'), port, isInNetwork }
}

function isException({ name, isSubdomainOnly, port, isInNetwork }: Exception, target: ConnectionTarget): boolean {
  if (port !== undefined && port !== getPort(target)) return false
  if (name === '*') return true
  const host = toBareHost(target.hostname).toLowerCase()
  if (isIP(host) !== 0) return isInNetwork?.(host) === true
  return host.endsWith(`.${name}`) || (host === name && !isSubdomainOnly)
}
