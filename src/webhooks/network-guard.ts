/** Where a webhook may go: to public addresses, and to the networks that an operator has allowed (docs/architecture.md#crm-webhooks). */
import { isIP } from 'node:net'
import { createNetworkMatcher, isSingleAddress, toCanonicalAddress, type Network } from '../model/formats/networks.ts'
import { describeNonPublic, isMetadataService } from './public-addresses.ts'

/** `reason` never contains the address. */
export type AddressCheck = { isAllowed: true } | { isAllowed: false; reason: string }
export type UrlCheck = { isAllowed: true; url: URL } | { isAllowed: false; reason: string }

const refuse = (reason: string) => ({ isAllowed: false as const, reason })

/** Checks an IP address against the public address space and the allow list. */
export function checkAddress(address: string, allowedNetworks: Network[]): AddressCheck {
  if (isIP(address) === 0) return refuse('it is not an IP address')
  if (address.includes('%')) return refuse('it is bound to one interface of this machine')
  const canonical = toCanonicalAddress(address)
  // A metadata service hands out credentials, so an allowed network does not include it; it must be listed by its own address.
  if (isMetadataService(canonical)) {
    const isListed = createNetworkMatcher(allowedNetworks.filter(isSingleAddress))
    return isListed(canonical) ? { isAllowed: true } : refuse('it is a cloud metadata service')
  }
  const reason = describeNonPublic(canonical)
  return reason === undefined || createNetworkMatcher(allowedNetworks)(canonical) ? { isAllowed: true } : refuse(reason)
}

/**
 * Checks a URL without resolving its host: the scheme, that it has no user name or password, and a literal address. The addresses of another
 * host name are checked when the name is resolved (guarded-connector.ts).
 */
export function checkUrl(text: string, allowedNetworks: Network[]): UrlCheck {
  const url = URL.parse(text)
  if (url === null) return refuse('it is not a URL')
  if (url.protocol !== 'https:' && url.protocol !== 'http:') return refuse('it is neither https nor http')
  if (url.username !== '' || url.password !== '') return refuse('it has a user name or password in it')
  const check = checkHost(url.hostname, allowedNetworks)
  return check.isAllowed ? { isAllowed: true, url } : check
}

/** The addresses of `localhost` and of names below it, which stand for this machine whatever a resolver says (RFC 6761 §6.3). */
const localhostAddresses = ['127.0.0.1', '::1']

/** Checks the host of a URL if it is a literal address or the name of this machine; IPv6 is in brackets. */
export function checkHost(hostname: string, allowedNetworks: Network[]): AddressCheck {
  const host = hostname.replace(/^\[(.*)\]$/, '$1')
  if (/^(?:.+\.)?localhost\.?$/i.test(host)) {
    const checks = localhostAddresses.map((address) => checkAddress(address, allowedNetworks))
    return checks.find(({ isAllowed }) => isAllowed) ?? checks[0]!
  }
  return isIP(host) === 0 ? { isAllowed: true } : checkAddress(host, allowedNetworks)
}
