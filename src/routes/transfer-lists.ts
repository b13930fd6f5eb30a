/** /v1/transfers as a whole: listed, and counted. */
import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import Type from 'typebox'
import { states } from '../model/states.ts'
import { asTransfer, TransferSchema } from '../model/transfer.ts'
import { answer, limit, problems, readLimit, ref, security, span, spanOf, uuid } from './schemas/shared.ts'

const tags = ['transfers']
const percentiles = Type.Object({ count: Type.Integer(), p50: nullable(), p95: nullable(), p99: nullable() })
function nullable() {
  return Type.Unsafe<number | null>({ type: ['number', 'null'] })
}
const day = 86_400_000

export const transferListRoutes: FastifyPluginAsyncTypebox = async (app) => {
  app.get(
    '/v1/transfers',
    {
      config: { scopes: ['transfers:read'] },
      preValidation: readLimit,
      schema: {
        operationId: 'listTransfers',
        tags,
        security,
        summary: 'List transfers, newest first',
        querystring: Type.Object(
          {
            conversationId: Type.Optional(Type.String({ pattern: uuid })),
            state: Type.Optional(Type.Enum([...states], { type: 'string' })),
            ...span,
            limit,
            cursor: Type.Optional(Type.String({ pattern: uuid, description: 'nextCursor of the page before' })),
          },
          { additionalProperties: false },
        ),
        response: {
          200: answer(
            'A page',
            Type.Object({
              transfers: Type.Array(ref(TransferSchema)),
              nextCursor: Type.Unsafe<string | null>({ type: ['string', 'null'] }),
            }),
          ),
          ...problems,
        },
      },
    },
    async ({ query: { conversationId, state, limit: most = 50, cursor, ...times } }) => {
      const page = await app.ledger.transfers({
        limit: most,
        ...(conversationId && { conversationId: conversationId.toLowerCase() }),
        ...(state && { state }),
        ...(cursor && { cursor: cursor.toLowerCase() }),
        ...spanOf(times),
      })
      return { transfers: page.items.map(asTransfer), nextCursor: page.nextCursor }
    },
  )

  app.get(
    '/v1/transfers/summary',
    {
      config: { scopes: ['transfers:read'] },
      schema: {
        operationId: 'summariseTransfers',
        tags,
        security,
        summary: 'Count transfers: states, reasons, pickup rate, latency',
        description: 'Of the last 24 hours, where since is not given.',
        querystring: Type.Object(span, { additionalProperties: false }),
        response: {
          200: answer(
            'The counts',
            Type.Object({
              since: Type.String({ format: 'date-time' }),
              until: Type.String({ format: 'date-time' }),
              total: Type.Integer(),
              byState: Type.Record(Type.String(), Type.Integer()),
              byCode: Type.Record(Type.String(), Type.Integer()),
              pickupRate: Type.Unsafe<number | null>({
                type: ['number', 'null'],
                description: 'Picked up, of those that ended after the platform had accepted them',
              }),
              latencyMs: percentiles,
              pickupMs: percentiles,
            }),
          ),
          ...problems,
        },
      },
    },
    async ({ query }) => {
      const { until = Date.now(), since = until - day } = spanOf(query)
      return { since: new Date(since).toISOString(), until: new Date(until).toISOString(), ...(await app.ledger.summary(since, until)) }
    },
  )
}
