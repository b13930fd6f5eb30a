/** Which outbound proxy a connection goes through, by HTTPS_PROXY, HTTP_PROXY and NO_PROXY. */
import { isIP } from 'node:net'
import { createNetworkMatcher, parseCidr } from '../model/networks.ts'

/** The settings of the same names. */
export interface ProxySettings {
  HTTPS_PROXY?: URL | undefined
  HTTP_PROXY?: URL | undefined
  NO_PROXY?: string | undefined
}

/** What a connection is opened to; `hostname` has brackets around IPv6, and `port` is empty for the default port. */
export type ConnectionTarget = Pick<URL, 'protocol' | 'hostname' | 'port'>

/** The proxy for a target; undefined if it is connected to directly. */
export type SelectProxy = (target: ConnectionTarget) => URL | undefined

interface Exception {
  /** The host name, or the end of it after a dot. */
  name: string
  /** The entry was written as `*.name`: it stands for subdomains and not for the name itself. */
  isSubdomainOnly: boolean
  /** Undefined: any port. */
  port: string | undefined
  /** Set if the entry is an address or a network. */
  isInNetwork: ((address: string) => boolean) | undefined
}

const defaultPorts: Readonly<Record<string, string>> = { 'https:': '443', 'http:': '80' }

/** The port of a target, also if it is the default one. */
export const portOf = ({ protocol, port }: ConnectionTarget): string => port || (defaultPorts[protocol] ?? '')
/** A host name or address without the brackets of IPv6 and the dot at the end of a full name. */
export const bareHost = (hostname: string): string => hostname.replace(/^\[(.*)\]$/, '$1').replace(/(.)\.$/, '$1')

/** For tests and tools that connect directly. */
export const connectDirectly: SelectProxy = () => undefined

/**
 * The rules are those of undici's EnvHttpProxyAgent: HTTP_PROXY also serves https if there is no HTTPS_PROXY, and NO_PROXY lists hosts
 * (their subdomains included), each with an optional port. An address with a prefix length (10.0.0.0/8) excepts a network.
 */
export function createProxySelector({ HTTPS_PROXY, HTTP_PROXY, NO_PROXY = '' }: ProxySettings): SelectProxy {
  const exceptions = NO_PROXY.toLowerCase()
    .split(/[,\s]+/)
    .filter(Boolean)
    .map(parseException)
  return (target) => {
    const proxy = target.protocol === 'https:' ? (HTTPS_PROXY ?? HTTP_PROXY) : HTTP_PROXY
    return proxy && !exceptions.some((exception) => matches(exception, target)) ? proxy : undefined
  }
}

function parseException(entry: string): Exception {
  // A bare IPv6 address has several colons, none of which begins a port.
  const [, host = entry, port] = /^(\[.*\]|[^:]*):(\d+)$/.exec(entry) ?? []
  const name = bareHost(host)
  const network = parseCidr(name)
  const isInNetwork = network && createNetworkMatcher([network])
  return { name: name.replace(/^\*?\./, ''), isSubdomainOnly: name.startsWith('*.'), port, isInNetwork }
}

function matches({ name, isSubdomainOnly, port, isInNetwork }: Exception, target: ConnectionTarget): boolean {
  if (port !== undefined && port !== portOf(target)) return false
  if (name === '*') return true
  const host = bareHost(target.hostname).toLowerCase()
  if (isIP(host) !== 0) return isInNetwork?.(host) === true
  return host.endsWith(`.${name}`) || (host === name && !isSubdomainOnly)
}
