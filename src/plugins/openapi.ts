/** The OpenAPI document and Swagger UI, made from the routes' own schemas. */
import helmet from '@fastify/helmet'
import swagger from '@fastify/swagger'
import swaggerUi from '@fastify/swagger-ui'
import type { FastifyInstance } from 'fastify'
import fp from 'fastify-plugin'
import { shared } from '../routes/schemas/shared.ts'

/**
 * Only what the page brings along. Swagger UI sets styles on its elements, which its own policy (`staticCSP: true`) refuses;
 * and that policy asks for https, which the page could not be read without.
 */
const pagePolicy =
  "default-src 'self'; base-uri 'self'; frame-ancestors 'none'; img-src 'self' data:; object-src 'none'; script-src 'self'; script-src-attr 'none'; style-src 'self' 'unsafe-inline'"

async function openapiPlugin(app: FastifyInstance): Promise<void> {
  for (const schema of shared) app.addSchema(schema)
  await app.register(swagger, {
    openapi: {
      openapi: '3.1.0',
      info: {
        title: 'Handoff',
        version: '0.1.0',
        license: { name: 'MIT', identifier: 'MIT' },
        description:
          'Moves live Genesys Cloud calls to an agent, a queue, a skill or a number: once, and on the record. Every error is RFC 9457 problem details with a code of a closed list, the stage, and whether a retry helps.',
      },
      servers: [{ url: '/' }],
      tags: [
        { name: 'transfers', description: 'Request a transfer, follow it, count them' },
        { name: 'architect', description: 'The same for data actions: flat in, flat out' },
        { name: 'webhook-deliveries', description: 'What the CRM was told' },
        { name: 'audit', description: 'The audit trail' },
        { name: 'callers', description: 'Tokens for those who cannot send a key' },
        { name: 'health', description: 'Is it alive, is it ready' },
      ],
      components: {
        securitySchemes: {
          key: { type: 'http', scheme: 'bearer', bearerFormat: 'hk_<id>_<secret>', description: 'An API key' },
          header: { type: 'apiKey', in: 'header', name: 'X-API-Key', description: 'The same key as a header' },
          basic: { type: 'http', scheme: 'basic', description: 'The same key as the password, with any user name' },
          oauth2: {
            type: 'oauth2',
            description: 'A token for 15 minutes: the client id is the middle part of hk_<id>_<secret>, the client secret the whole key',
            flows: { clientCredentials: { tokenUrl: '/oauth/token', scopes: {} } },
          },
        },
      },
    },
    // Written out in full: what several routes share would become YAML anchors, which people and some generators stumble over.
    transformObject: (made) => JSON.parse(JSON.stringify('openapiObject' in made ? made.openapiObject : {})) as object,
    refResolver: {
      buildLocalReference: (json, _base, _fragment, index) => (typeof json['$id'] === 'string' ? json['$id'] : `def-${index}`),
    },
  })
  // Helmet costs every request; only the pages need it (ecosystem §B1).
  await app.register(async (docs) => {
    await docs.register(helmet, { contentSecurityPolicy: false, strictTransportSecurity: false })
    await docs.register(swaggerUi, {
      routePrefix: '/docs',
      staticCSP: pagePolicy,
      theme: { title: 'Handoff' },
      uiConfig: { layout: 'BaseLayout', persistAuthorization: true, tryItOutEnabled: true, displayRequestDuration: true },
    })
  })
  app.get('/openapi.yaml', { schema: { hide: true } }, (_request, reply) =>
    reply.type('application/yaml; charset=utf-8').send(app.swagger({ yaml: true })),
  )
}

export default fp(openapiPlugin, { name: 'openapi', fastify: '5.x' })
