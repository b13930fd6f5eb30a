/** /v1/bulk-transfers: moves the calls that wait in a queue somewhere else, and controls how that goes on. */
import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import { limitedToReadable, visibleTo } from '../../auth/restriction.ts'
import {
  asListedBulkTransfer,
  BulkDryRunSchema,
  bulkStates,
  BulkTransferRequestSchema,
  BulkTransferSchema,
  ListedBulkTransferSchema,
} from '../../model/bulk-transfer.ts'
import { epochMs } from '../../model/clock.ts'
import { uuidPattern } from '../../model/formats/patterns.ts'
import { Type } from '../../model/json-schema.ts'
import type { BulkAction } from '../../transfers/submission/bulk/bulk-changes.ts'
import { requireCaller } from '../caller.ts'
import { platformRefusals } from '../schemas/pipeline-refusals.ts'
import { commaSeparated, nextCursor, parseLimit, parseList } from '../schemas/query.ts'
import { jsonResponse, ref } from '../schemas/responses.ts'
import { expandParameter, findNames, listIdsOfTargets, namesField } from '../transfer-history/expand-names.ts'

const tags = ['bulk-transfers']
const defaultLimit = 20
const BulkParams = Type.Object({ id: Type.String({ description: 'The bulk transfer', pattern: uuidPattern }) })

const actions: ReadonlyArray<{ action: BulkAction; operationId: string; summary: string; description: string }> = [
  {
    action: 'pause',
    operationId: 'pauseBulkTransfer',
    summary: 'Pause a bulk transfer',
    description: 'A call whose transfer has begun is still moved; all others stay where they are. Pausing a paused one changes nothing.',
  },
  {
    action: 'resume',
    operationId: 'resumeBulkTransfer',
    summary: 'Resume a paused bulk transfer',
    description: 'Goes on with the calls that are pending. Resuming a running one changes nothing.',
  },
  {
    action: 'cancel',
    operationId: 'cancelBulkTransfer',
    summary: 'Cancel a bulk transfer',
    description:
      'A call whose transfer has begun is still moved; the others are not. Calls that were moved stay where they are. It cannot be resumed. Canceling a cancelled one changes nothing.',
  },
]

export const bulkTransferRoutes: FastifyPluginAsyncTypebox = async (app) => {
  app.post(
    '',
    {
      config: {
        scopes: ['transfers:write'],
        refusals: ['TARGET_NOT_FOUND', 'TARGET_NOT_ALLOWED', 'IDEMPOTENCY_KEY_REUSED', ...platformRefusals],
        canMoveCall: true,
      },
      schema: {
        operationId: 'requestBulkTransfer',
        tags,
        summary: 'Move the calls that wait in a queue',
        description:
          'Lists the calls that wait in the queue, and moves them one after another, the oldest first (a priority counts as minutes of waiting). Each call is a transfer of its own, and gets the priority by which it keeps its place. Answers once the list is stored; GET shows the progress. Calls to the platform use only what is left of the rate limit. A call that was picked up or hung up meanwhile is left alone. What concerns every call, such as a target that does not exist, pauses the bulk transfer.',
        headers: Type.Object({
          'Idempotency-Key': Type.Optional(
            Type.String({
              description:
                '1 to 255 visible ASCII characters. A repeat with the same key and body gets the same bulk transfer, as it is then',
            }),
          ),
        }),
        body: ref(BulkTransferRequestSchema),
        response: {
          200: jsonResponse('dryRun: what would happen to each call', Type.Unsafe<string>(ref(BulkDryRunSchema))),
          202: {
            ...jsonResponse('The calls are being moved', Type.Unsafe<string>(ref(BulkTransferSchema))),
            headers: {
              Location: { type: 'string', description: 'The bulk transfer' },
              'Idempotent-Replayed': { type: 'string', description: 'true: an earlier request has made this bulk transfer' },
            },
          },
        },
      },
    },
    async (request, reply) => {
      const caller = requireCaller(request)
      const headers = { key: request.headers['idempotency-key'], traceparent: request.traceparent }
      const result = await app.bulkTransfers.request(request.body, caller, headers)
      if ('dryRun' in result) return reply.code(200).send(result.dryRun)
      if (result.isReplayed) void reply.header('idempotent-replayed', 'true')
      return reply
        .code(202)
        .header('location', `/v1/bulk-transfers/${result.bulk.id}`)
        .send(result.bulk as never)
    },
  )

  app.get(
    '',
    {
      config: { scopes: ['transfers:read'] },
      preValidation: [parseLimit, parseList('state'), parseList('expand')],
      schema: {
        operationId: 'listBulkTransfers',
        tags,
        summary: 'List bulk transfers, newest first',
        description: 'Without their calls. Pages follow each other by nextCursor; the filter must stay the same.',
        querystring: Type.Object(
          {
            state: Type.Optional(
              Type.Array(Type.Enum([...bulkStates], { type: 'string', title: 'BulkTransferState' }), {
                ...commaSeparated,
                description: 'Only bulk transfers in one of these states, such as running,paused',
              }),
            ),
            ...expandParameter,
            limit: Type.Optional(Type.Integer({ minimum: 1, maximum: 100, default: defaultLimit, description: 'Entries on a page' })),
            cursor: Type.Optional(Type.String({ pattern: uuidPattern, description: 'nextCursor of the previous page' })),
          },
          { additionalProperties: false },
        ),
        response: {
          200: jsonResponse(
            'A page',
            Type.Object(
              { bulkTransfers: Type.Array(ref(ListedBulkTransferSchema)), nextCursor, ...namesField },
              { title: 'BulkTransferPage' },
            ),
          ),
        },
      },
    },
    async (request) => {
      const { state, expand, limit = defaultLimit, cursor } = request.query
      const page = await app.ledger.listBulkTransfers({
        limit,
        ...(state && { states: state }),
        ...(cursor && { cursor: cursor.toLowerCase() }),
        ...visibleTo(requireCaller(request)),
      })
      const bulkTransfers = page.items.map(({ record, counts }) => asListedBulkTransfer(record, counts, epochMs()))
      const ids = listIdsOfTargets(bulkTransfers.flatMap(({ fromQueueId, target }) => [{ queueId: fromQueueId }, target]))
      return { bulkTransfers, nextCursor: page.nextCursor, ...(await findNames(app, ids, expand)) }
    },
  )

  app.get(
    '/:id',
    {
      config: { scopes: ['transfers:read'], refusals: ['NOT_FOUND'] },
      preValidation: parseList('expand'),
      schema: {
        operationId: 'getBulkTransfer',
        tags,
        summary: 'Read a bulk transfer',
        description: 'How far it is, and what has become of each call.',
        params: BulkParams,
        querystring: Type.Object(expandParameter, { additionalProperties: false }),
        response: {
          200: jsonResponse(
            'The bulk transfer',
            Type.Intersect([ref(BulkTransferSchema), Type.Object(namesField)], { title: 'BulkTransferWithNames' }),
          ),
        },
      },
    },
    async (request) => {
      const bulk = await app.bulkTransfers.find(request.params.id.toLowerCase(), requireCaller(request))
      return { ...bulk, ...(await findNames(app, listIdsOfTargets([{ queueId: bulk.fromQueueId }, bulk.target]), request.query.expand)) }
    },
  )

  for (const { action, ...texts } of actions)
    app.post(
      `/:id/${action}`,
      {
        config: { scopes: ['transfers:write'], refusals: ['NOT_FOUND', 'STATE_CONFLICT'] },
        schema: { ...texts, tags, params: BulkParams, response: { 200: jsonResponse('The bulk transfer now', ref(BulkTransferSchema)) } },
      },
      async (request) => app.bulkTransfers.change(request.params.id.toLowerCase(), action, limitedToReadable(requireCaller(request))),
    )
}
