/** Which IP addresses are public, and why the others are not. */
import { isIP } from 'node:net'
import { createNetworkMatcher, parseNetworks } from '../model/formats/networks.ts'
import { metadataAddresses, nonPublicNetworks, publicIpv6Network } from './special-networks.ts'

/** Creates a matcher that parses the networks when it checks its first address: parsing them takes 6 ms, and many installations send no webhooks. */
function createMatcher(networks: readonly string[]): (address: string) => boolean {
  let matches: ((address: string) => boolean) | undefined
  return (address) => (matches ??= createNetworkMatcher(parseNetworks(networks.join(','))))(address)
}

/** Whether a canonical address belongs to a cloud service that hands out the credentials of the machine. */
export const isMetadataService = createMatcher(metadataAddresses)

const isPublicIpv6 = createMatcher([publicIpv6Network])
const nonPublicMatchers = Object.entries(nonPublicNetworks).map(([reason, networks]) => ({ reason, matches: createMatcher(networks) }))

/** Why a canonical address is not public; undefined if it is. */
export const describeNonPublic = (address: string): string | undefined =>
  nonPublicMatchers.find(({ matches }) => matches(address))?.reason ??
  (isIP(address) === 4 || isPublicIpv6(address) ? undefined : 'it is outside the public IPv6 space')
