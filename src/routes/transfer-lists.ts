/** /v1/transfers and /v1/transfers/summary: lists transfers, and counts them. */
import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import Type from 'typebox'
import { uuidPattern } from '../model/patterns.ts'
import { states } from '../model/states.ts'
import { asTransfer, TransferSchema } from '../model/transfer.ts'
import { nullableString } from './schemas/nullable.ts'
import { pageLimit, parseLimit, parseTimeRange, timeRange } from './schemas/query.ts'
import { callerSecurity, jsonResponse, problemResponses, ref } from './schemas/responses.ts'
import { TransferSummarySchema } from './schemas/transfer-summary.ts'

const tags = ['transfers']
const defaultLimit = 50
const dayMs = 86_400_000

export const transferListRoutes: FastifyPluginAsyncTypebox = async (app) => {
  app.get(
    '',
    {
      config: { scopes: ['transfers:read'] },
      preValidation: parseLimit,
      schema: {
        operationId: 'listTransfers',
        tags,
        security: callerSecurity,
        summary: 'List transfers, newest first',
        querystring: Type.Object(
          {
            conversationId: Type.Optional(Type.String({ pattern: uuidPattern })),
            state: Type.Optional(Type.Enum([...states], { type: 'string' })),
            ...timeRange,
            limit: pageLimit,
            cursor: Type.Optional(Type.String({ pattern: uuidPattern, description: 'nextCursor of the previous page' })),
          },
          { additionalProperties: false },
        ),
        response: {
          200: jsonResponse('A page', Type.Object({ transfers: Type.Array(ref(TransferSchema)), nextCursor: nullableString })),
          ...problemResponses,
        },
      },
    },
    async ({ query: { conversationId, state, limit = defaultLimit, cursor, ...times } }) => {
      const page = await app.ledger.listTransfers({
        limit,
        ...(conversationId && { conversationId: conversationId.toLowerCase() }),
        ...(state && { state }),
        ...(cursor && { cursor: cursor.toLowerCase() }),
        ...parseTimeRange(times),
      })
      return { transfers: page.items.map(asTransfer), nextCursor: page.nextCursor }
    },
  )

  app.get(
    '/summary',
    {
      config: { scopes: ['transfers:read'] },
      schema: {
        operationId: 'summariseTransfers',
        tags,
        security: callerSecurity,
        summary: 'Count transfers: states, reasons, pickup rate, latency',
        description: 'Without since: the last 24 hours.',
        querystring: Type.Object(timeRange, { additionalProperties: false }),
        response: { 200: jsonResponse('The counts', TransferSummarySchema), ...problemResponses },
      },
    },
    async ({ query }) => {
      const { until = Date.now(), since = until - dayMs } = parseTimeRange(query)
      const summary = await app.ledger.summarize(since, until)
      return { since: new Date(since).toISOString(), until: new Date(until).toISOString(), ...summary }
    },
  )
}
