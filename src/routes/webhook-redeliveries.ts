/** /v1/webhook-redeliveries: delivers a whole range of webhooks again. */
import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import { Type } from '../model/json-schema.ts'
import { visibleTo } from '../auth/restriction.ts'
import type { DeliverySelection, DeliveryState } from '../ledger/contract/deliveries.ts'
import { requireCaller } from './caller.ts'
import { deliveryFilterFields, deliveryState, parseDeliveryFilter } from './schemas/delivery.ts'
import { instant } from './schemas/query.ts'
import { jsonResponse } from './schemas/responses.ts'

const defaultStates: DeliveryState[] = ['exhausted', 'refused']

export const webhookRedeliveryRoutes: FastifyPluginAsyncTypebox = async (app) => {
  app.post(
    '',
    {
      config: { scopes: ['webhooks:write'] },
      schema: {
        operationId: 'redeliverWebhooks',
        tags: ['webhook-deliveries'],
        summary: 'Deliver a range again, from the start of the schedule',
        description:
          'Without states: the exhausted and the refused deliveries. They are sent after new deliveries, at a bounded rate, each with the same webhook-id as before.',
        body: Type.Object(
          {
            since: instant('Created from this time on, ISO 8601'),
            until: Type.Optional(instant('Created before this time, ISO 8601')),
            states: Type.Optional(Type.Array(deliveryState, { minItems: 1, uniqueItems: true })),
            ...deliveryFilterFields,
          },
          {
            additionalProperties: false,
            title: 'RedeliveryRequest',
          },
        ),
        response: {
          202: jsonResponse(
            'Queued again',
            Type.Object({ queued: Type.Integer({ description: 'How many deliveries' }) }, { title: 'RedeliveryResult' }),
          ),
        },
      },
    },
    async (request, reply) => {
      const { states = defaultStates, ...fields } = request.body
      const filter: DeliverySelection = { ...parseDeliveryFilter(fields, 'body'), states, ...visibleTo(requireCaller(request)) }
      // Each configured endpoint separately: a delivery to an endpoint that is not configured would only wait.
      const endpointIds = app.crmWebhooks.endpoints
        .map(({ id }) => id)
        .filter((id) => filter.endpoint === undefined || filter.endpoint === id)
      let queued = 0
      for (const endpoint of endpointIds) queued += await app.ledger.redeliverAll({ ...filter, endpoint })
      return reply.code(202).send({ queued })
    },
  )
}
