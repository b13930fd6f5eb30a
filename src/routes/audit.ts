/** /v1/audit: the audit trail as newline-delimited JSON by the Elastic Common Schema, streamed. */
import { Readable } from 'node:stream'
import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import Type from 'typebox'
import { auditInEcs, ecsVersion } from '../telemetry/ecs.ts'
import type { AuditEntry } from '../ledger/ledger.ts'
import { problems, security, span, spanOf, uuid } from './schemas/shared.ts'

const document = (entry: AuditEntry) => ({
  '@timestamp': entry.timestamp,
  'ecs.version': ecsVersion,
  'service.name': 'handoff',
  ...auditInEcs(entry),
})

/** A page at a time, and no further than the client reads. A failure on the way cuts the answer off, so it is told to `failed`. */
async function* lines(pages: AsyncIterable<AuditEntry[]>, failed: (error: unknown) => void): AsyncGenerator<string> {
  try {
    for await (const page of pages) yield page.map((entry) => `${JSON.stringify(document(entry))}\n`).join('')
  } catch (error) {
    failed(error)
    throw error
  }
}

export const auditRoutes: FastifyPluginAsyncTypebox = async (app) => {
  app.get(
    '/v1/audit',
    {
      config: { scopes: ['audit:read'] },
      schema: {
        operationId: 'exportAudit',
        tags: ['audit'],
        security,
        summary: 'Export the audit trail',
        description: 'One AuditLine a line, in order; everything where no time is given.',
        querystring: Type.Object(
          { ...span, conversationId: Type.Optional(Type.String({ pattern: uuid, description: 'Only what is about this conversation' })) },
          { additionalProperties: false },
        ),
        response: {
          200: { description: 'Newline-delimited JSON', content: { 'application/x-ndjson': { schema: Type.String() } } },
          ...problems,
        },
      },
    },
    async ({ query: { conversationId, ...times }, log }, reply) => {
      const { since = 0, until = Number.MAX_SAFE_INTEGER } = spanOf(times)
      const failed = (error: unknown) => log.error({ err: error }, 'the audit export was cut off')
      const pages = app.ledger.audit({ since, until, ...(conversationId && { conversationId: conversationId.toLowerCase() }) })
      return reply.type('application/x-ndjson; charset=utf-8').send(Readable.from(lines(pages, failed), { objectMode: false }) as never)
    },
  )
}
