/** /v1/transfers/{id}/timeline: everything that happened to a transfer, in order. */
import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import { Type } from '../../model/json-schema.ts'
import { uuidPattern } from '../../model/formats/patterns.ts'
import { listHops } from '../../model/hop.ts'
import { mergeTimeline } from '../../transfers/history/timeline.ts'
import { findTransfer } from './find-transfer.ts'
import { jsonResponse } from '../schemas/responses.ts'
import { TimelineSchema } from '../schemas/timeline.ts'

/** A transfer has one delivery for each of its events and endpoints: far fewer than this. */
const maxDeliveries = 1_000

export const transferTimelineRoutes: FastifyPluginAsyncTypebox = async (app) => {
  app.get(
    '/:id/timeline',
    {
      config: { scopes: ['transfers:read'], refusals: ['NOT_FOUND'] },
      schema: {
        operationId: 'timelineOfTransfer',
        tags: ['transfers'],
        summary: 'Read everything that happened to a transfer, in order',
        description: 'Its audit entries, its webhook deliveries with their latest attempts, and its hops, as one list.',
        params: Type.Object({ id: Type.String({ description: 'The transfer', pattern: uuidPattern }) }),
        response: { 200: jsonResponse('The timeline', TimelineSchema) },
      },
    },
    async (request) => {
      request.transferId = request.params.id
      const record = await findTransfer(app, request, request.params.id)
      const [entries, deliveries] = await Promise.all([
        app.ledger.findAuditEntries(record.id),
        app.ledger.listDeliveries({ transferId: record.id, limit: maxDeliveries }),
      ])
      return { items: mergeTimeline(entries, listHops(record), deliveries.items) }
    },
  )
}
