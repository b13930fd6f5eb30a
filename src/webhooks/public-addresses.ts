/** Which IP addresses are public, and why the others are not. */
import { isIP } from 'node:net'
import { createNetworkMatcher, parseNetworks } from '../model/networks.ts'
import { metadataAddresses, nonPublicNetworks, publicIpv6Network } from './special-networks.ts'

const matcherOf = (networks: readonly string[]) => createNetworkMatcher(parseNetworks(networks.join(',')))

/** Whether a canonical address is a cloud's metadata service, which hands out the credentials of its machine. */
export const isMetadataService = matcherOf(metadataAddresses)

const isPublicIpv6 = matcherOf([publicIpv6Network])
const nonPublicMatchers = Object.entries(nonPublicNetworks).map(([reason, networks]) => ({ reason, matches: matcherOf(networks) }))

/** Why a canonical address is not public; undefined if it is. */
export const describeNonPublic = (address: string): string | undefined =>
  nonPublicMatchers.find(({ matches }) => matches(address))?.reason ??
  (isIP(address) === 4 || isPublicIpv6(address) ? undefined : 'it is outside the public IPv6 space')
