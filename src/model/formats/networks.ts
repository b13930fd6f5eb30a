/** How networks and addresses are written in settings, and whether an address is in a network. IPv4 and IPv6. */
import { BlockList, isIP } from 'node:net'

/** A range of addresses: those whose first `prefix` bits are those of `address`. */
export interface Network {
  address: string
  /** Length of the prefix in bits. */
  prefix: number
  family: 'ipv4' | 'ipv6'
}

const familyOf = (address: string) => (({ 4: 'ipv4', 6: 'ipv6' }) as const)[isIP(address)]
const longestPrefix = (family: Network['family']) => (family === 'ipv4' ? 32 : 128)

/** Parses a single address, or a network in CIDR form such as 10.1.0.0/16; undefined for anything else. */
export function parseCidr(text: string): Network | undefined {
  const [, address = '', length] = /^([\da-f.:]+)(?:\/(\d{1,3}))?$/i.exec(text) ?? []
  const family = familyOf(address)
  if (family === undefined || Number(length ?? 0) > longestPrefix(family)) return undefined
  return { address, prefix: Number(length ?? longestPrefix(family)), family }
}

/** Parses a comma-separated list of networks (CIDR) and single addresses. @throws Error that names the malformed entry */
export function parseNetworks(text: string): Network[] {
  return text.trim() === '' ? [] : text.split(',').map((entry) => parseNetwork(entry.trim()))
}

function parseNetwork(entry: string): Network {
  const network = parseCidr(entry)
  if (network === undefined) throw new Error(`"${entry}" is not a network: write an address or a CIDR such as 10.1.0.0/16 or fd00::/8`)
  // Addresses are compared in canonical form, which turns an IPv4-mapped IPv6 address into IPv4. So no address would match this entry.
  const canonical = toCanonicalAddress(network.address)
  if (canonical !== network.address && network.family === 'ipv6' && canonical.includes('.'))
    throw new Error(`"${entry}" is an IPv4 network written as IPv6: write it as IPv4`)
  return network
}

/** Whether this network is one single address. */
export const isSingleAddress = ({ family, prefix }: Network): boolean => prefix === longestPrefix(family)

/** Creates a function that tells whether an address in canonical form is in one of the networks. */
export function createNetworkMatcher(networks: readonly Network[]): (address: string) => boolean {
  const blockList = new BlockList()
  for (const { address, prefix, family } of networks) blockList.addSubnet(address, prefix, family)
  return (address) => blockList.check(address, familyOf(address))
}

/**
 * The canonical form of an address: an IPv6 address in its shortest form, an IPv4-mapped one such as ::ffff:7f00:1 as IPv4, because the system
 * connects to the IPv4 address. Any other text is returned unchanged.
 */
export function toCanonicalAddress(address: string): string {
  if (isIP(address) !== 6) return address
  const canonical = new URL(`http://[${address}]`).hostname.slice(1, -1)
  const [, high, low] = /^::ffff:([\da-f]{1,4}):([\da-f]{1,4})$/.exec(canonical) ?? []
  if (high === undefined || low === undefined) return canonical
  return [high, low].flatMap((half) => [Number.parseInt(half, 16) >> 8, Number.parseInt(half, 16) & 255]).join('.')
}
