/** /v1/webhook-deliveries: lists and reads webhook deliveries, and delivers one again. */
import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import type { FastifyRequest } from 'fastify'
import { Type } from '../model/json-schema.ts'
import { canSee, visibleTo } from '../auth/restriction.ts'
import type { Delivery } from '../ledger/contract/deliveries.ts'
import { DeliveryUnderWay } from '../ledger/contract/errors.ts'
import { Problem } from '../model/problems.ts'
import { requireCaller } from './caller.ts'
import { deliveryFilterFields, DeliveryParams, DeliverySchema, deliveryState, parseDeliveryFilter } from './schemas/delivery.ts'
import { nextCursor, pageLimit, parseLimit, timeRange } from './schemas/query.ts'
import { jsonResponse, ref } from './schemas/responses.ts'
import { WebhookEventSchema } from './schemas/webhook-event.ts'

const tags = ['webhook-deliveries']
const defaultLimit = 50

const notFound = (id: string): Problem => new Problem('NOT_FOUND', `There is no webhook delivery ${id}.`)

export const webhookDeliveryRoutes: FastifyPluginAsyncTypebox = async (app) => {
  /**
   * Finds a delivery, and names its transfer in the request's log line.
   * @throws Problem NOT_FOUND, also if the caller may not see the transfer that it is about
   */
  async function findDelivery(request: FastifyRequest, id: string) {
    const caller = requireCaller(request)
    const delivery = await app.ledger.findDelivery(id)
    if (!delivery) throw notFound(id)
    const transfer = caller.queues && (await app.ledger.findTransfer(delivery.transferId))
    if (caller.queues && !(transfer && canSee(caller, transfer))) throw notFound(id)
    request.transferId = delivery.transferId
    return delivery
  }
  const isConfigured = ({ endpoint }: Delivery): boolean => app.crmWebhooks.endpoints.some(({ id }) => id === endpoint)

  app.get(
    '',
    {
      config: { scopes: ['transfers:read'] },
      preValidation: parseLimit,
      schema: {
        operationId: 'listWebhookDeliveries',
        tags,
        summary: 'List webhook deliveries with their attempts, newest first',
        description: 'Pages follow each other by nextCursor; the filters must stay the same.',
        querystring: Type.Object(
          {
            state: Type.Optional(deliveryState),
            ...deliveryFilterFields,
            ...timeRange,
            limit: pageLimit,
            cursor: Type.Optional(Type.String({ pattern: '^[0-9]{1,15}$', description: 'nextCursor of the previous page' })),
          },
          { additionalProperties: false },
        ),
        response: {
          200: jsonResponse('A page', Type.Object({ deliveries: Type.Array(ref(DeliverySchema)), nextCursor }, { title: 'DeliveryPage' })),
        },
      },
    },
    async (request) => {
      const { state, limit = defaultLimit, cursor, ...filter } = request.query
      const page = await app.ledger.listDeliveries({
        limit,
        ...parseDeliveryFilter(filter, 'query'),
        ...(state && { states: [state] }),
        ...(cursor && { cursor }),
        ...visibleTo(requireCaller(request)),
      })
      return { deliveries: page.items, nextCursor: page.nextCursor }
    },
  )

  app.get(
    '/:id',
    {
      config: { scopes: ['transfers:read'], refusals: ['NOT_FOUND'] },
      schema: {
        operationId: 'getWebhookDelivery',
        tags,
        summary: 'Read a webhook delivery and the event that it delivers',
        description: 'With every attempt, so that it shows why an event has not arrived.',
        params: DeliveryParams,
        response: {
          200: jsonResponse(
            'The delivery',
            Type.Intersect(
              [
                ref(DeliverySchema),
                Type.Object({
                  body: Type.String({
                    description: 'The bytes that are signed and sent, except that places which the key may not see are called elsewhere',
                    contentMediaType: 'application/json',
                    contentSchema: WebhookEventSchema,
                  }),
                }),
              ],
              { title: 'DeliveryWithEvent' },
            ),
          ),
        },
      },
    },
    async (request) => findDelivery(request, request.params.id),
  )

  app.post(
    '/:id/redeliver',
    {
      config: { scopes: ['webhooks:write'], refusals: ['NOT_FOUND', 'STATE_CONFLICT'] },
      schema: {
        operationId: 'redeliverWebhook',
        tags,
        summary: 'Deliver again, from the start of the schedule',
        description: 'The webhook-id stays the same, so that the CRM can recognize the event.',
        params: DeliveryParams,
        response: { 202: jsonResponse('Queued again', ref(DeliverySchema)) },
      },
    },
    async (request, reply) => {
      const { id } = request.params
      const delivery = await findDelivery(request, id)
      if (!isConfigured(delivery))
        throw new Problem('STATE_CONFLICT', `Endpoint ${delivery.endpoint} of delivery ${id} is not configured any more.`)
      const queued = await app.ledger.redeliver(id).catch((error: unknown) => {
        if (!(error instanceof DeliveryUnderWay)) throw error
        throw new Problem('STATE_CONFLICT', `Delivery ${id} is being attempted. Deliver it again when the attempt is over.`)
      })
      if (!queued) throw notFound(id)
      return reply.code(202).send(queued)
    },
  )
}
