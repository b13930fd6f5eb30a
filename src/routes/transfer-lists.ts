/** /v1/transfers and /v1/transfers/summary: lists transfers, and counts them. */
import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import { Type } from '../model/json-schema.ts'
import { visibleTo } from '../auth/restriction.ts'
import { groupings } from '../ledger/contract/transfers.ts'
import { reasonPattern, uuidPattern } from '../model/formats/patterns.ts'
import { codes, Problem } from '../model/problems.ts'
import { firstTime } from '../model/formats/sent-times.ts'
import { states } from '../model/states.ts'
import { asTransfer, TransferSchema } from '../model/transfer.ts'
import { requireCaller } from './caller.ts'
import { expandNames, expandParameter, findNames, namesField } from './transfer-history/expand-names.ts'
import { commaSeparated, nextCursor, pageLimit, parseLimit, parseList, parseTimeRange, timeRange } from './schemas/query.ts'
import { jsonResponse, ref } from './schemas/responses.ts'
import { maxGroups, TransferSummarySchema } from './schemas/transfer-summary.ts'
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
      preValidation: [parseLimit, parseList('state'), parseList('expand')],
      schema: {
        operationId: 'listTransfers',
        tags,
        summary: 'List transfers, newest first',
        description: 'Pages follow each other by nextCursor; the filters must stay the same.',
        querystring: Type.Object(
          {
            conversationId: Type.Optional(Type.String({ pattern: uuidPattern, description: 'Only transfers of this conversation' })),
            state: Type.Optional(
              Type.Array(Type.Enum([...states], { type: 'string', title: 'TransferState' }), {
                ...commaSeparated,
                description: 'Only transfers in one of these states, such as executing,initiated',
              }),
            ),
            queueId: Type.Optional(
              Type.String({
                pattern: uuidPattern,
                description:
                  'Only transfers to this queue: the queue that was chosen, else the one that was asked for. Transfers that version 0.1.0 has stored are not found',
              }),
            ),
            code: Type.Optional(Type.Enum([...codes], { type: 'string', title: 'Code', description: 'Only transfers with this code' })),
            requestedBy: Type.Optional(
              Type.String({
                pattern: '^[\\w-]{1,64}$',
                description: 'Only transfers that this API key has requested. Transfers that version 0.1.0 has stored are not found',
              }),
            ),
            reason: Type.Optional(
              Type.String({ pattern: reasonPattern, description: 'Only transfers that were requested with this reason' }),
            ),
            ...expandParameter,
            ...timeRange,
            limit: pageLimit,
            cursor: Type.Optional(Type.String({ pattern: uuidPattern, description: 'nextCursor of the previous page' })),
          },
          { additionalProperties: false },
        ),
        response: {
          200: jsonResponse(
            'A page',
            Type.Object({ transfers: Type.Array(ref(TransferSchema)), nextCursor, ...namesField }, { title: 'TransferPage' }),
          ),
        },
      },
    },
    async (request) => {
      const { conversationId, state, reason, queueId, code, requestedBy, expand, limit = defaultLimit, cursor, ...times } = request.query
      const page = await app.ledger.listTransfers({
        limit,
        ...(conversationId && { conversationId: conversationId.toLowerCase() }),
        ...(state && { states: state }),
        ...(reason && { reason }),
        ...(queueId && { queueId: queueId.toLowerCase() }),
        ...(code && { code }),
        ...(requestedBy && { requestedBy }),
        ...(cursor && { cursor: cursor.toLowerCase() }),
        ...parseTimeRange(times),
        ...visibleTo(requireCaller(request)),
      })
      const transfers = page.items.map(asTransfer)
      return { transfers, nextCursor: page.nextCursor, ...(await expandNames(app, transfers, expand)) }
    },
  )

  app.get(
    '/summary',
    {
      config: { scopes: ['transfers:read'] },
      preValidation: parseList('expand'),
      schema: {
        operationId: 'summariseTransfers',
        tags,
        summary: 'Count transfers: states, reasons, pickup rate, latency',
        description: `Without since: the 24 hours before until. Without until: up to now. At most ${maxSummaryDays} days. With groupBy, the same transfers are also counted by queue, reason, code or caller.`,
        querystring: Type.Object(
          {
            ...timeRange,
            groupBy: Type.Optional(
              Type.Enum([...groupings], {
                type: 'string',
                description:
                  'queue: the queue that was chosen, else the one that was asked for; caller: the API key that requested the transfer',
              }),
            ),
            ...expandParameter,
          },
          { additionalProperties: false },
        ),
        response: { 200: jsonResponse('The counts', Type.Object({ ...TransferSummarySchema.properties, ...namesField })) },
      },
    },
    async (request) => {
      const { until = epochMs(), since = Math.max(firstTime, until - dayMs) } = parseTimeRange(request.query)
      checkSpan(since, until)
      const { groupBy, expand } = request.query
      const viewer = visibleTo(requireCaller(request)).visibleTo
      const summary = await app.ledger.summarize(since, until, viewer)
      const groups = groupBy && { groupBy, groups: await app.ledger.summarizeGroups(groupBy, maxGroups, since, until, viewer) }
      const queueIds = groups && groupBy === 'queue' ? groups.groups.flatMap(({ value }) => value ?? []) : []
      const names = await findNames(
        app,
        queueIds.map((id) => ({ kind: 'queue', id })),
        expand,
      )
      return { since: new Date(since).toISOString(), until: new Date(until).toISOString(), ...summary, ...groups, ...names }
    },
  )
}
