/** /v1/transfers and /v1/transfers/summary: lists transfers, and counts them. */
import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import { Type } from '../model/json-schema.ts'
import { visibleTo } from '../auth/restriction.ts'
import { uuidPattern } from '../model/patterns.ts'
import { Problem } from '../model/problems.ts'
import { firstTime } from '../model/sent-times.ts'
import { states } from '../model/states.ts'
import { asTransfer, TransferSchema } from '../model/transfer.ts'
import { requireCaller } from './caller.ts'
import { nullableString } from './schemas/nullable.ts'
import { pageLimit, parseLimit, parseTimeRange, timeRange } from './schemas/query.ts'
import { callerSecurity, jsonResponse, problemResponses, ref } from './schemas/responses.ts'
import { TransferSummarySchema } from './schemas/transfer-summary.ts'
import { epochMs } from '../model/clock.ts'

const tags = ['transfers']
const defaultLimit = 50
const dayMs = 86_400_000
/** A summary reads every transfer of its range. A year and a month suffice to compare this month with the same month of last year. */
const maxSummaryDays = 400

/** @throws Problem INVALID_REQUEST if a summary of this range would read too much; `since` and `until` in epoch ms */
function checkSpan(since: number, until: number): void {
  if (until - since > maxSummaryDays * dayMs)
    throw new Problem('INVALID_REQUEST', `query.since is more than ${maxSummaryDays} days before the end of the range.`, {
      field: 'query.since',
    })
}

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
    async (request) => {
      const { conversationId, state, limit = defaultLimit, cursor, ...times } = request.query
      const page = await app.ledger.listTransfers({
        limit,
        ...(conversationId && { conversationId: conversationId.toLowerCase() }),
        ...(state && { state }),
        ...(cursor && { cursor: cursor.toLowerCase() }),
        ...parseTimeRange(times),
        ...visibleTo(requireCaller(request)),
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
        description: `Without since: the 24 hours before until. Without until: up to now. At most ${maxSummaryDays} days.`,
        querystring: Type.Object(timeRange, { additionalProperties: false }),
        response: { 200: jsonResponse('The counts', TransferSummarySchema), ...problemResponses },
      },
    },
    async (request) => {
      const { until = epochMs(), since = Math.max(firstTime, until - dayMs) } = parseTimeRange(request.query)
      checkSpan(since, until)
      const summary = await app.ledger.summarize(since, until, visibleTo(requireCaller(request)).visibleTo)
      return { since: new Date(since).toISOString(), until: new Date(until).toISOString(), ...summary }
    },
  )
}
