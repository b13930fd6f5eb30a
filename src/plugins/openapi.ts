/** The OpenAPI document and Swagger UI, generated from the schemas of the routes. Without this plugin the service validates and answers just the same. */
import { createRequire } from 'node:module'
import swagger from '@fastify/swagger'
import type { FastifyInstance } from 'fastify'
import fp from 'fastify-plugin'
import { serviceVersion } from '../telemetry/version.ts'
import { createDocumentHandlers } from './documents/openapi-documents.ts'
import { collectRouteFacts } from './documents/route-facts.ts'
import { securitySchemes } from './documents/scopes.ts'
import { registerSwaggerUi } from './documents/swagger-ui.ts'

const info = {
  title: 'Handoff',
  version: serviceVersion,
  license: { name: 'MIT', identifier: 'MIT' },
  contact: { name: 'Whoever runs this service' },
  description:
    'Moves live Genesys Cloud calls to an agent, a queue, a skill or a number: exactly once, with an audit trail. Every error is RFC 9457 problem details with a code from a closed list, the stage, and whether a retry can help.\n\nBefore a request reaches an operation, it can also be answered with INVALID_REQUEST and another status: 405 (no such method at this address), 408 (it did not arrive in time), 417 (Expect), 431 (its headers are too large), or with NOT_FOUND and 404 (nothing is at this address).\n\nWith `MCP=on`, `POST /mcp` offers AI agents three tools by the Model Context Protocol. They are not in this document: `tools/list` describes them.\n\nIn Swagger UI the example ids of transfers, deliveries and endpoints stand for the newest ones, and every example of a request can be executed with the simulator (`npm run simulator`) as it is, also twice.',
}

const tags = [
  { name: 'transfers', description: 'Request, follow and count transfers' },
  { name: 'bulk-transfers', description: 'Move the calls that wait in a queue somewhere else' },
  { name: 'architect', description: 'The same for data actions: flat requests and flat answers' },
  { name: 'webhook-deliveries', description: 'What the CRM was told, with every attempt, and telling it again' },
  { name: 'audit', description: 'The audit trail' },
  { name: 'callers', description: 'Tokens for callers that cannot send a key' },
  { name: 'health', description: 'Liveness, readiness and metrics' },
  { name: 'events', description: 'The webhooks that the CRM receives' },
]

const require = createRequire(import.meta.url)
async function openapiPlugin(app: FastifyInstance): Promise<void> {
  const routes = collectRouteFacts(app)
  await app.register(swagger, {
    openapi: { openapi: '3.1.0', info, servers: [{ url: '/' }], tags, components: { securitySchemes } },
    convertConstToEnum: false,
    transformObject(generated): object {
      // Loaded when someone requests the document: its texts and examples are needed for nothing else.
      const { default: completeDocument } = require('./documents/complete-document.ts') as typeof import('./documents/complete-document.ts')
      return completeDocument('openapiObject' in generated ? generated.openapiObject : {}, routes)
    },
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
