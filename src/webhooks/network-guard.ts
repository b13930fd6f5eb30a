import { lookup as systemLookup } from 'node:dns'
import { BlockList, isIP } from 'node:net'
import type { LookupFunction } from 'node:net'
import { buildConnector } from 'undici'
import { METADATA, NOT_PUBLIC, PUBLIC_IPV6 } from './special-networks.ts'

export interface Network {
  address: string
  prefix: number
  family: 'ipv4' | 'ipv6'
}
export type Judgement = { allowed: true } | { allowed: false; why: string }

/** A delivery was about to go to an address that it must not reach; trying again would not help. The message holds no address. */
export class RefusedAddress extends Error {
  override name = 'RefusedAddress'
}

/** Reads a comma-separated list of networks (CIDR) and single addresses, v4 and v6. Throws an Error that names the bad entry. */
export function parseNetworks(text: string): Network[] {
  return text.trim() === '' ? [] : text.split(',').map((entry) => networkOf(entry.trim()))
}

function networkOf(entry: string): Network {
  const [, address = '', length] = /^([\da-f.:]+)(?:\/(\d{1,3}))?$/i.exec(entry) ?? []
  const family = familyOf(address)
  const prefix = length === undefined ? widest(family) : Number(length)
  if (family === undefined || prefix > widest(family))
    throw new Error(`"${entry}" is not a network: write an address or a CIDR such as 10.1.0.0/16 or fd00::/8`)
  // Addresses are compared in their plain v4 form, so this entry would never match anything.
  if (plain(address) !== address && family === 'ipv6' && plain(address).includes('.'))
    throw new Error(`"${entry}" is an IPv4 network in IPv6 clothes: write it as IPv4`)
  return { address, prefix, family }
}

const familyOf = (address: string) => (({ 4: 'ipv4', 6: 'ipv6' }) as const)[isIP(address)]
const widest = (family: Network['family'] | undefined) => (family === 'ipv4' ? 32 : 128)

function setOf(networks: Network[]): (address: string) => boolean {
  const set = new BlockList()
  for (const { address, prefix, family } of networks) set.addSubnet(address, prefix, family)
  return (address) => set.check(address, familyOf(address))
}

const isMetadata = setOf(METADATA.map(networkOf))
const isPublicV6 = setOf([networkOf(PUBLIC_IPV6)])
const reasons = Object.entries(NOT_PUBLIC).map(([why, networks]) => ({ why, covers: setOf(networks.map(networkOf)) }))

/** ::ffff:7f00:1 and ::ffff:127.0.0.1 are 127.0.0.1: the system connects to the v4 address. */
function plain(address: string): string {
  if (isIP(address) !== 6) return address
  const canonical = new URL(`http://[${address}]`).hostname.slice(1, -1)
  const [, high, low] = /^::ffff:([\da-f]{1,4}):([\da-f]{1,4})$/.exec(canonical) ?? []
  if (high === undefined || low === undefined) return canonical
  return [high, low].flatMap((half) => [Number.parseInt(half, 16) >> 8, Number.parseInt(half, 16) & 255]).join('.')
}

/** Whether a delivery may go to this IP address: a public one, or one in the allow list (design §8). */
export function judgeAddress(address: string, allowed: Network[]): Judgement {
  if (familyOf(address) === undefined) return { allowed: false, why: 'it is not an IP address' }
  if (address.includes('%')) return { allowed: false, why: 'it is bound to one interface of this machine' }
  const target = plain(address)
  // A wide allow list is meant for services, never for the place of a machine's credentials: that has to be named itself.
  if (isMetadata(target)) {
    const named = allowed.filter(({ family, prefix }) => prefix === widest(family))
    return setOf(named)(target) ? { allowed: true } : { allowed: false, why: 'it is a cloud metadata service' }
  }
  const why =
    reasons.find(({ covers }) => covers(target))?.why ??
    (isIP(target) === 4 || isPublicV6(target) ? undefined : 'it is outside the public IPv6 space')
  return why === undefined || setOf(allowed)(target) ? { allowed: true } : { allowed: false, why }
}

/** Whether a delivery may be sent to this URL as far as its text tells: the scheme, no user info, a literal address. Names are judged when they are resolved. */
export function judgeUrl(text: string, allowed: Network[]): { allowed: true; url: URL } | { allowed: false; why: string } {
  const url = URL.parse(text)
  if (url === null) return { allowed: false, why: 'it is not a URL' }
  if (url.protocol !== 'https:' && url.protocol !== 'http:') return { allowed: false, why: 'it is neither https nor http' }
  if (url.username !== '' || url.password !== '') return { allowed: false, why: 'it has a user name or password in it' }
  const host = withoutBrackets(url.hostname)
  const judgement = isIP(host) === 0 ? { allowed: true as const } : judgeAddress(host, allowed)
  return judgement.allowed ? { allowed: true, url } : judgement
}

const withoutBrackets = (hostname: string) => hostname.replace(/^\[(.*)\]$/, '$1')

/**
 * An undici connector that reaches allowed addresses only: literal ones are judged before the connection, names in the very lookup whose
 * answer is connected to (so a second, different answer cannot slip in between), and the peer once more when connected.
 * Of several addresses the refused ones are left out; when none is left the connection fails with RefusedAddress.
 */
export function guardedConnect(
  allowed: Network[],
  options: { lookup?: LookupFunction; timeoutMs?: number } = {},
): buildConnector.connector {
  const connect = buildConnector({
    lookup: judging(options.lookup ?? systemLookup, allowed),
    timeout: options.timeoutMs ?? 10_000,
    allowH2: false,
  })
  return (target, callback) => {
    const host = withoutBrackets(target.hostname)
    const judgement: Judgement = isIP(host) === 0 ? { allowed: true } : judgeAddress(host, allowed)
    if (!judgement.allowed) return callback(new RefusedAddress(`the address is refused: ${judgement.why}`), null)
    connect(target, (...outcome) => {
      // On failure undici leaves the socket out, whatever its types say.
      const [error, socket] = outcome
      if (error !== null || !socket) return callback(error ?? new Error('no connection'), null)
      const peer = judgeAddress(socket.remoteAddress ?? '', allowed)
      if (peer.allowed) return callback(null, socket)
      socket.destroy()
      callback(new RefusedAddress(`the address is refused: ${peer.why}`), null)
    })
  }
}

function judging(lookup: LookupFunction, allowed: Network[]): LookupFunction {
  return (hostname, options, callback) =>
    lookup(hostname, { ...options, all: true }, (error, found) => {
      if (error) return callback(error, [])
      const answers = Array.isArray(found) ? found : [{ address: found, family: isIP(found) }]
      const judged = answers.map((answer) => ({ answer, judgement: judgeAddress(answer.address, allowed) }))
      const reachable = judged.filter(({ judgement }) => judgement.allowed).map(({ answer }) => answer)
      const [first] = reachable
      if (first === undefined) {
        const why = judged.map(({ judgement }) => (judgement.allowed ? '' : judgement.why))[0] ?? 'the name has no address'
        return callback(new RefusedAddress(`the name leads to a refused address: ${why}`), [])
      }
      if (options.all === true) callback(null, reachable)
      else callback(null, first.address, first.family)
    })
}
