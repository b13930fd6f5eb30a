/** /v1/webhook-deliveries: what the CRM was told, and telling it again. */
import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import Type from 'typebox'
import { deliveryStates, type Delivery, type DeliverySelection, type DeliveryState } from '../ledger/ledger.ts'
import { Problem } from '../model/problems.ts'
import { answer, DeliverySchema, limit, moment, problems, readLimit, ref, security, span, spanOf, uuid } from './schemas/shared.ts'

const tags = ['webhook-deliveries']
const state = Type.Enum([...deliveryStates], { type: 'string' })
const Id = Type.Object({ id: Type.String({ pattern: '^evt_[0-9a-f-]{36}$', description: 'The webhook-id' }) })
const selecting = {
  transferId: Type.Optional(Type.String({ pattern: uuid })),
  conversationId: Type.Optional(Type.String({ pattern: uuid })),
  endpoint: Type.Optional(Type.String({ pattern: '^ep_[0-9a-f]{12}$', description: 'GET /v1/webhook-endpoints lists them' })),
  type: Type.Optional(Type.String({ pattern: '^[a-z_.]{1,64}$', description: 'Such as transfer.picked_up' })),
}

interface Selecting {
  transferId?: string
  conversationId?: string
  endpoint?: string
  type?: string
  since?: string
  until?: string
}
const selectionOf = ({ transferId, conversationId, endpoint, type, ...span }: Selecting, where?: string): DeliverySelection => ({
  ...(transferId && { transferId: transferId.toLowerCase() }),
  ...(conversationId && { conversationId: conversationId.toLowerCase() }),
  ...(endpoint && { endpoint }),
  ...(type && { type }),
  ...spanOf(span, where),
})
const unknown = (id: string): Problem => new Problem('INVALID_REQUEST', `There is no webhook delivery ${id}.`, { status: 404 })

export const webhookDeliveryRoutes: FastifyPluginAsyncTypebox = async (app) => {
  const isConfigured = ({ endpoint }: Delivery): boolean => app.crmWebhooks.endpoints.some(({ id }) => id === endpoint)

  app.get(
    '/v1/webhook-deliveries',
    {
      config: { scopes: ['transfers:read', 'webhooks:write'] },
      preValidation: readLimit,
      schema: {
        operationId: 'listWebhookDeliveries',
        tags,
        security,
        summary: 'List webhook deliveries with their attempts, newest first',
        querystring: Type.Object(
          {
            state: Type.Optional(state),
            ...selecting,
            ...span,
            limit,
            cursor: Type.Optional(Type.String({ pattern: '^[0-9]{1,15}$' })),
          },
          { additionalProperties: false },
        ),
        response: {
          200: answer(
            'A page',
            Type.Object({
              deliveries: Type.Array(ref(DeliverySchema)),
              nextCursor: Type.Unsafe<string | null>({ type: ['string', 'null'] }),
            }),
          ),
          ...problems,
        },
      },
    },
    async ({ query: { state: wanted, limit: most = 50, cursor, ...query } }) => {
      const page = await app.ledger.deliveries({
        limit: most,
        ...selectionOf(query),
        ...(wanted && { states: [wanted] }),
        ...(cursor && { cursor }),
      })
      return { deliveries: page.items, nextCursor: page.nextCursor }
    },
  )

  app.get(
    '/v1/webhook-deliveries/:id',
    {
      config: { scopes: ['transfers:read', 'webhooks:write'] },
      schema: {
        operationId: 'getWebhookDelivery',
        tags,
        security,
        summary: 'Read a webhook delivery, and what the CRM is told by it',
        params: Id,
        response: {
          200: answer(
            'The delivery',
            Type.Intersect([
              ref(DeliverySchema),
              Type.Object({ body: Type.String({ description: 'The bytes that are signed and sent' }) }),
            ]),
          ),
          ...problems,
        },
      },
    },
    async (request) => {
      const delivery = await app.ledger.delivery(request.params.id)
      if (!delivery) throw unknown(request.params.id)
      request.transferId = delivery.transferId
      return delivery
    },
  )

  app.post(
    '/v1/webhook-deliveries/:id/redeliver',
    {
      config: { scopes: ['webhooks:write'] },
      schema: {
        operationId: 'redeliverWebhook',
        tags,
        security,
        summary: 'Deliver once more, from the start of the schedule',
        description: 'The webhook-id stays the same, so that the CRM can tell that it knows the event.',
        params: Id,
        response: { 202: answer('Queued once more', ref(DeliverySchema)), ...problems },
      },
    },
    async (request, reply) => {
      const { id } = request.params
      const delivery = await app.ledger.delivery(id)
      if (!delivery) throw unknown(id)
      request.transferId = delivery.transferId
      if (!isConfigured(delivery))
        throw new Problem('INVALID_REQUEST', `Endpoint ${delivery.endpoint} of delivery ${id} is not configured any more.`, { status: 409 })
      const again = await app.ledger.redeliver(id)
      if (!again) throw unknown(id)
      return reply.code(202).send(again)
    },
  )

  app.post(
    '/v1/webhook-redeliveries',
    {
      config: { scopes: ['webhooks:write'] },
      schema: {
        operationId: 'redeliverWebhooks',
        tags,
        security,
        summary: 'Deliver a range once more, from the start of the schedule',
        description:
          'What was exhausted or refused, unless other states are named. It goes out behind what is fresh, at a bounded rate, each with its own webhook-id.',
        body: Type.Object(
          {
            since: moment('Created from this time on, ISO 8601'),
            until: Type.Optional(moment('Created before this time, ISO 8601')),
            states: Type.Optional(Type.Array(state, { minItems: 1, uniqueItems: true })),
            ...selecting,
          },
          {
            additionalProperties: false,
            examples: [{ since: '2026-11-20T00:00:00Z', until: '2026-11-21T00:00:00Z', states: ['exhausted'] }],
          },
        ),
        response: { 202: answer('Queued once more', Type.Object({ queued: Type.Integer() })), ...problems },
      },
    },
    async ({ body: { states = ['exhausted', 'refused'] as DeliveryState[], ...asked } }, reply) => {
      const selection: DeliverySelection = { ...selectionOf(asked, 'body'), states }
      let queued = 0
      for (const { id } of app.crmWebhooks.endpoints)
        if (selection.endpoint === undefined || selection.endpoint === id)
          queued += await app.ledger.redeliverAll({ ...selection, endpoint: id })
      return reply.code(202).send({ queued })
    },
  )
}
