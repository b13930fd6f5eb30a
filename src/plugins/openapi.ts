/** The OpenAPI document and Swagger UI, generated from the schemas of the routes. Without this plugin the service validates and answers just the same. */
import swagger from '@fastify/swagger'
import type { FastifyInstance } from 'fastify'
import fp from 'fastify-plugin'
import { createDocumentHandlers } from './documents/openapi-documents.ts'
import { registerSwaggerUi } from './documents/swagger-ui.ts'

const info = {
  title: 'Handoff',
  version: '0.1.0',
  license: { name: 'MIT', identifier: 'MIT' },
  description:
    'Moves live Genesys Cloud calls to an agent, a queue, a skill or a number: exactly once, with an audit trail. Every error is RFC 9457 problem details with a code from a closed list, the stage, and whether a retry can help.',
}

const tags = [
  { name: 'transfers', description: 'Request, follow and count transfers' },
  { name: 'architect', description: 'The same for data actions: flat requests and flat answers' },
  { name: 'webhook-deliveries', description: 'The webhooks that the CRM receives' },
  { name: 'audit', description: 'The audit trail' },
  { name: 'callers', description: 'Tokens for callers that cannot send a key' },
  { name: 'health', description: 'Liveness, readiness and metrics' },
]

const securitySchemes = {
  key: { type: 'http', scheme: 'bearer', bearerFormat: 'hk_<id>_<secret>', description: 'An API key' },
  header: { type: 'apiKey', in: 'header', name: 'X-API-Key', description: 'The same key as a header' },
  basic: { type: 'http', scheme: 'basic', description: 'The same key as the password, with any user name' },
  oauth2: {
    type: 'oauth2',
    description: 'A token for 15 minutes: the client id is the middle part of hk_<id>_<secret>, the client secret the whole key',
    flows: { clientCredentials: { tokenUrl: '/oauth/token', scopes: {} } },
  },
} as const

async function openapiPlugin(app: FastifyInstance): Promise<void> {
  await app.register(swagger, {
    openapi: { openapi: '3.1.0', info, servers: [{ url: '/' }], tags, components: { securitySchemes } },
    // A copy in which no two places share an object: shared objects would become YAML anchors, which some generators cannot read.
    transformObject: (generated) => JSON.parse(JSON.stringify('openapiObject' in generated ? generated.openapiObject : {})) as object,
    refResolver: {
      buildLocalReference: (json, _base, _fragment, index) => (typeof json['$id'] === 'string' ? json['$id'] : `def-${index}`),
    },
  })
  const documents = createDocumentHandlers(app)
  await registerSwaggerUi(app, documents)
  app.get('/openapi.yaml', { schema: { hide: true } }, documents.yaml)
  app.get('/', { schema: { hide: true } }, (_request, reply) => reply.redirect('/docs'))
}

export default fp(openapiPlugin, { name: 'openapi', fastify: '5.x' })
