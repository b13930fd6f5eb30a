/** What the service believes of the headers of reverse proxies: only proxies in TRUST_PROXY may say who the client is, and which path they add. */
import type { FastifyInstance, FastifyRequest } from 'fastify'
import fp from 'fastify-plugin'
import { InvalidSetting } from '../../environment.ts'
import { createNetworkMatcher, parseNetworks, toCanonicalAddress } from '../../model/networks.ts'

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

export interface ProxiesOptions {
  trustProxy: TrustProxy
}

function proxiesPlugin(app: FastifyInstance, { trustProxy }: ProxiesOptions, done: () => void): void {
  app.decorateRequest('forwardedPrefix', {
    getter(this: FastifyRequest) {
      const prefix = this.headers['x-forwarded-prefix']
      const isValid = typeof prefix === 'string' && prefix.length <= 256 && prefixPattern.test(prefix)
      return isValid && trustProxy(this.raw.socket.remoteAddress ?? '') ? prefix : ''
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
    /** The path that a trusted proxy has removed from the address, without a slash at its end; empty if there is none. */
    readonly forwardedPrefix: string
  }
}
export default fp(proxiesPlugin, { name: 'proxies', fastify: '5.x' })
