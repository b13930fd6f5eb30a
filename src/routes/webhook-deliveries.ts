/** /v1/webhook-deliveries: what the CRM was told, and telling it again. */
import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import Type from 'typebox'
import { deliveryStates } from '../ledger/ledger.ts'
import { Problem } from '../problems.ts'
import { answer, DeliverySchema, limit, problems, readLimit, ref, security, uuid } from './schemas.ts'

const tags = ['webhook-deliveries']

export const webhookDeliveryRoutes: FastifyPluginAsyncTypebox = async (app) => {
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
            state: Type.Optional(Type.Enum([...deliveryStates], { type: 'string' })),
            transferId: Type.Optional(Type.String({ pattern: uuid })),
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
    async ({ query: { state, transferId, limit: most = 50, cursor } }) => {
      const page = await app.ledger.deliveries({
        limit: most,
        ...(state && { state }),
        ...(transferId && { transferId: transferId.toLowerCase() }),
        ...(cursor && { cursor }),
      })
      return { deliveries: page.items, nextCursor: page.nextCursor }
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
        params: Type.Object({ id: Type.String({ pattern: '^evt_[0-9a-f-]{36}$', description: 'The webhook-id' }) }),
        response: { 202: answer('Queued once more', ref(DeliverySchema)), ...problems },
      },
    },
    async (request, reply) => {
      const again = await app.ledger.redeliver(request.params.id)
      if (!again) throw new Problem('INVALID_REQUEST', `There is no webhook delivery ${request.params.id}.`, { status: 404 })
      request.transferId = again.transferId
      return reply.code(202).send(again)
    },
  )
}
