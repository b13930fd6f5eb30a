/** /v1/audit: exports the audit trail as newline-delimited JSON in the Elastic Common Schema. The response is streamed, so memory stays constant. */
import { finished, Readable } from 'node:stream'
import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import { Type } from '../model/json-schema.ts'
import type { AuditEntry } from '../ledger/contract/audit.ts'
import { uuidPattern } from '../model/formats/patterns.ts'
import { Problem } from '../model/problems.ts'
import { ecsVersion, toEcsAuditEvent } from '../telemetry/ecs.ts'
import { requireCaller } from './caller.ts'
import { AuditLineSchema } from './schemas/audit.ts'
import { parseTimeRange, timeRange } from './schemas/query.ts'
import { ref } from './schemas/responses.ts'

/** How many exports may run at once. Each one holds a page of entries in memory until its client has read it. */
const maxExports = 8

const toAuditLine = (entry: AuditEntry) => ({
  '@timestamp': entry.timestamp,
  'ecs.version': ecsVersion,
  'service.name': 'handoff',
  ...toEcsAuditEvent(entry),
})

/**
 * Yields the lines of the export, one page at a time, only as fast as the client reads. Once the first line is sent, an error can only cut
 * off the response, so the error is also passed to `onError`.
 */
async function* exportLines(pages: AsyncIterable<AuditEntry[]>, onError: (error: unknown) => void): AsyncGenerator<string> {
  try {
    for await (const page of pages) yield page.map((entry) => `${JSON.stringify(toAuditLine(entry))}\n`).join('')
  } catch (error) {
    onError(error)
    throw error
  }
}

/** Text, one line for each entry. */
const AuditLinesSchema = Type.String({ contentMediaType: 'application/x-ndjson', contentSchema: ref(AuditLineSchema) })

export const auditRoutes: FastifyPluginAsyncTypebox = async (app) => {
  let runningExports = 0

  app.get(
    '',
    {
      config: { scopes: ['audit:read'] },
      schema: {
        operationId: 'exportAudit',
        tags: ['audit'],
        summary: 'Export the audit trail',
        description: 'One AuditLine per line, in the order of their times. Without `since` and `until`, entries of any time.',
        querystring: Type.Object(
          {
            ...timeRange,
            conversationId: Type.Optional(Type.String({ pattern: uuidPattern, description: 'Only entries about this conversation' })),
          },
          { additionalProperties: false },
        ),
        response: {
          200: { description: 'Newline-delimited JSON', content: { 'application/x-ndjson': { schema: AuditLinesSchema } } },
        },
      },
    },
    async (request, reply) => {
      // The trail covers all queues, and can only be verified as a whole.
      if (requireCaller(request).queues !== null)
        await app.auth.rejectAndAudit(request, new Problem('FORBIDDEN', 'A key that is limited to queues may not export the audit trail.'))
      const {
        query: { conversationId, ...times },
        log,
      } = request
      const { since = 0, until = Number.MAX_SAFE_INTEGER } = parseTimeRange(times)
      void reply.type('application/x-ndjson; charset=utf-8')
      if (request.method === 'HEAD') return reply.send('')
      if (runningExports >= maxExports) throw new Problem('OVERLOADED', 'Too many exports of the audit trail are running.')
      const logError = (error: unknown) => log.error({ err: error }, 'the audit export was cut off')
      const pages = app.ledger.exportAudit({ since, until, ...(conversationId && { conversationId: conversationId.toLowerCase() }) })
      const stream = Readable.from(exportLines(pages, logError), { objectMode: false })
      runningExports += 1
      // The export ends when the response closes. The stream may close later: only after the page that it is reading from the ledger.
      finished(reply.raw, () => (runningExports -= 1))
      return reply.send(stream as never)
    },
  )
}
