/** Echoes and logs the headers by which Genesys Cloud identifies its own requests: the correlation id and the organization (docs/genesys-cloud.md rule 91). */
import type { FastifyInstance, FastifyRequest } from 'fastify'
import fp from 'fastify-plugin'
import { isUuid } from '../model/formats/patterns.ts'
import { maskFreeText } from '../telemetry/redact-log-line.ts'

/** Each header with its name in log lines and in the audit trail. Invalid values are ignored, because any caller can send these headers. */
const platformHeaders = [
  { header: 'inin-correlation-id', field: 'correlationId', isValid: (value: string) => /^[\w.:-]{1,128}$/.test(value) },
  { header: 'inin-organization-id', field: 'organizationId', isValid: isUuid },
]

function platformHeadersPlugin(app: FastifyInstance, _options: object, done: () => void): void {
  app.decorateRequest('platformOrigin', {
    getter(this: FastifyRequest) {
      return Object.fromEntries(
        platformHeaders.flatMap(({ header, field, isValid }) => {
          const value = this.headers[header]
          return typeof value === 'string' && isValid(value) ? [[field, maskFreeText(value)]] : []
        }),
      )
    },
  })
  // Before the caller is authenticated, so that a refused caller gets the headers back too.
  app.addHook('onRequest', (request, reply, next) => {
    if (request.routeOptions.config.echoesPlatformHeaders) {
      const origin = request.platformOrigin
      for (const { header, field } of platformHeaders) if (origin[field] !== undefined) void reply.header(header, request.headers[header])
      request.log = request.log.child(origin)
    }
    next()
  })
  done()
}

declare module 'fastify' {
  interface FastifyRequest {
    /**
     * `correlationId` and `organizationId` of the platform's request, each if it was sent and is valid. Whatever could be a phone number is
     * masked, because both are logged and audited.
     */
    readonly platformOrigin: Record<string, string>
  }
  interface FastifyContextConfig {
    /** The route is called by Genesys Cloud: its identifying headers are echoed and logged. */
    echoesPlatformHeaders?: boolean
  }
}
export default fp(platformHeadersPlugin, { name: 'platform-headers', fastify: '5.x' })
