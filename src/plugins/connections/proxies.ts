/** Which reverse proxies are trusted: only those in TRUST_PROXY may say who the client is, and which path prefix they have removed. */
import type { FastifyInstance, FastifyRequest } from 'fastify'
import fp from 'fastify-plugin'
import { InvalidSetting } from '../../environment.ts'
import { createNetworkMatcher, parseNetworks, toCanonicalAddress } from '../../model/formats/networks.ts'

/** Whether a reverse proxy at this address is trusted. */
export type TrustProxy = (address: string) => boolean

/** Parses the TRUST_PROXY setting. @throws InvalidSetting */
export function parseTrustedProxies(setting: string): TrustProxy {
  try {
    const isTrusted = createNetworkMatcher(parseNetworks(setting))
    return (address) => isTrusted(toCanonicalAddress(address))
  } catch (error) {
    throw new InvalidSetting('TRUST_PROXY', (error as Error).message)
  }
}

const prefixPattern = /^(\/[\w~-][\w.~-]*)+$/

/** The path in an X-Forwarded-Prefix header, without a slash at its end; empty unless it is a plain path. Of several values, the first counts. */
function parsePrefix(header: string | string[] | undefined): string {
  const [first = ''] = String(header ?? '').split(',')
  const prefix = first.trim().replace(/\/$/, '')
  return prefix.length <= 256 && prefixPattern.test(prefix) ? prefix : ''
}

export interface ProxiesOptions {
  trustProxy: TrustProxy
}

function proxiesPlugin(app: FastifyInstance, { trustProxy }: ProxiesOptions, done: () => void): void {
  app.decorateRequest('forwardedPrefix', {
    getter(this: FastifyRequest) {
      return trustProxy(this.raw.socket.remoteAddress ?? '') ? parsePrefix(this.headers['x-forwarded-prefix']) : ''
    },
  })
  app.addHook('onSend', (request, reply, payload, next) => {
    const location = reply.getHeader('location')
    if (typeof location === 'string' && location.startsWith('/')) void reply.header('location', request.forwardedPrefix + location)
    next(null, payload)
  })
  done()
}

declare module 'fastify' {
  interface FastifyRequest {
    /** The path prefix that a trusted proxy has removed from the request's address, without a slash at its end; empty if there is none. */
    readonly forwardedPrefix: string
  }
}
export default fp(proxiesPlugin, { name: 'proxies', fastify: '5.x' })
