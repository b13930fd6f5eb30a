/** Which IP addresses are public, and how networks are written in settings. */
import { BlockList, isIP } from 'node:net'
import { metadataAddresses, nonPublicNetworks, publicIpv6Network } from './special-networks.ts'

export interface Network {
  address: string
  /** Length of the prefix in bits. */
  prefix: number
  family: 'ipv4' | 'ipv6'
}

/** Parses a comma-separated list of networks (CIDR) and single addresses, IPv4 and IPv6. @throws Error that names the malformed entry */
export function parseNetworks(text: string): Network[] {
  return text.trim() === '' ? [] : text.split(',').map((entry) => parseNetwork(entry.trim()))
}

function parseNetwork(entry: string): Network {
  const [, address = '', length] = /^([\da-f.:]+)(?:\/(\d{1,3}))?$/i.exec(entry) ?? []
  const family = familyOf(address)
  const prefix = length === undefined ? longestPrefix(family) : Number(length)
  if (family === undefined || prefix > longestPrefix(family))
    throw new Error(`"${entry}" is not a network: write an address or a CIDR such as 10.1.0.0/16 or fd00::/8`)
  // Addresses are compared in canonical form, which is IPv4 here, so this entry would never match anything.
  const canonical = toCanonicalAddress(address)
  if (canonical !== address && family === 'ipv6' && canonical.includes('.'))
    throw new Error(`"${entry}" is an IPv4 network written as IPv6: write it as IPv4`)
  return { address, prefix, family }
}

const familyOf = (address: string) => (({ 4: 'ipv4', 6: 'ipv6' }) as const)[isIP(address)]
const longestPrefix = (family: Network['family'] | undefined) => (family === 'ipv4' ? 32 : 128)

/** Whether this network is one single address. */
export const isSingleAddress = ({ family, prefix }: Network): boolean => prefix === longestPrefix(family)

/** A function that tells whether an address, in canonical form, is in one of the networks. */
export function createNetworkMatcher(networks: Network[]): (address: string) => boolean {
  const blockList = new BlockList()
  for (const { address, prefix, family } of networks) blockList.addSubnet(address, prefix, family)
  return (address) => blockList.check(address, familyOf(address))
}

/** The address in its shortest form; IPv4 for an IPv4-mapped one such as ::ffff:7f00:1, because the system connects to the IPv4 address. */
export function toCanonicalAddress(address: string): string {
  if (isIP(address) !== 6) return address
  const canonical = new URL(`http://[${address}]`).hostname.slice(1, -1)
  const [, high, low] = /^::ffff:([\da-f]{1,4}):([\da-f]{1,4})$/.exec(canonical) ?? []
  if (high === undefined || low === undefined) return canonical
  return [high, low].flatMap((half) => [Number.parseInt(half, 16) >> 8, Number.parseInt(half, 16) & 255]).join('.')
}

/** Whether a canonical address is a cloud's metadata service, which hands out the credentials of its machine. */
export const isMetadataService = createNetworkMatcher(metadataAddresses.map(parseNetwork))

const isPublicIpv6 = createNetworkMatcher([parseNetwork(publicIpv6Network)])
const nonPublicMatchers = Object.entries(nonPublicNetworks).map(([reason, networks]) => ({
  reason,
  matches: createNetworkMatcher(networks.map(parseNetwork)),
}))

/** Why a canonical address is not public; undefined if it is. */
export const describeNonPublic = (address: string): string | undefined =>
  nonPublicMatchers.find(({ matches }) => matches(address))?.reason ??
  (isIP(address) === 4 || isPublicIpv6(address) ? undefined : 'it is outside the public IPv6 space')
