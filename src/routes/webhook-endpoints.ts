/** /v1/webhook-endpoints: the CRM's endpoints, how they do, and an event to try them with. */
import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import Type from 'typebox'
import { auditNote } from '../ledger/audit/draft.ts'
import { Problem } from '../model/problems.ts'
import { traceIdOf } from '../telemetry/trace-context.ts'
import { answer, nullableInteger, nullableText, problems, security } from './schemas/shared.ts'

const tags = ['webhook-deliveries']
const Endpoint = Type.Object({
  id: Type.String({ description: "Follows from the endpoint's URL" }),
  origin: Type.Unsafe<string | null>({
    type: ['string', 'null'],
    description: 'Where it is; null: it is not configured any more, and its deliveries wait',
  }),
  events: Type.Array(Type.String(), { description: 'What it is told of; * is everything' }),
  failingSince: Type.Unsafe<string | null>({ type: ['string', 'null'], description: 'Since when every attempt has failed' }),
  failures: Type.Integer(),
  pausedAt: Type.Unsafe<string | null>({ type: ['string', 'null'], description: 'Since when nothing but probes is sent to it' }),
  nextProbeAt: nullableText,
  pending: Type.Integer({ description: 'Deliveries that wait for it' }),
  oldestPendingAt: nullableText,
})
const Tested = Type.Object({
  id: Type.String({ description: 'The webhook-id it was sent with' }),
  delivered: Type.Boolean(),
  status: nullableInteger,
  error: nullableText,
  durationMs: Type.Integer(),
})

export const webhookEndpointRoutes: FastifyPluginAsyncTypebox = async (app) => {
  app.get(
    '/v1/webhook-endpoints',
    {
      config: { scopes: ['transfers:read', 'webhooks:write'] },
      schema: {
        operationId: 'listWebhookEndpoints',
        tags,
        security,
        summary: 'The endpoints of the CRM, and how they do',
        querystring: Type.Object({}, { additionalProperties: false }),
        response: { 200: answer('All of them', Type.Object({ endpoints: Type.Array(Endpoint) })), ...problems },
      },
    },
    async () => {
      const health = new Map((await app.ledger.endpoints()).map((one) => [one.id, one]))
      const configured = app.crmWebhooks.endpoints.map(({ id, origin, events }) => ({ id, origin, events: [...events] }))
      const former = [...health.keys()]
        .filter((id) => !configured.some((one) => one.id === id))
        .map((id) => ({ id, origin: null, events: [] }))
      const well = { failingSince: null, failures: 0, pausedAt: null, nextProbeAt: null, pending: 0, oldestPendingAt: null }
      return { endpoints: [...configured, ...former].map((one) => ({ ...well, ...health.get(one.id), ...one })) }
    },
  )

  app.post(
    '/v1/webhook-endpoints/:id/test',
    {
      config: { scopes: ['webhooks:write'] },
      schema: {
        operationId: 'testWebhookEndpoint',
        tags,
        security,
        summary: 'Send a test event to an endpoint, once, and say what came of it',
        description: 'Signed and guarded as every delivery; its type is webhook.test. Nothing is retried, and nothing else waits for it.',
        params: Type.Object({ id: Type.String({ pattern: '^ep_[0-9a-f]{12}$' }) }),
        response: { 200: answer('What came of it', Tested), ...problems },
      },
    },
    async (request) => {
      const endpoint = app.crmWebhooks.endpoints.find(({ id }) => id === request.params.id)
      if (!endpoint) throw new Problem('INVALID_REQUEST', `There is no webhook endpoint ${request.params.id}.`, { status: 404 })
      const { id, outcome, status = null, error = null, durationMs } = await app.crmWebhooks.test(endpoint, request.traceparent)
      await app.ledger.note(
        auditNote('webhook_tested', {
          stage: 'webhook',
          caller: request.caller?.id ?? null,
          traceId: traceIdOf(request.traceparent),
          detail: { endpoint: endpoint.id, deliveryId: id, httpStatus: status, error },
        }),
      )
      return { id, delivered: outcome === 'delivered', status, error, durationMs }
    },
  )
}
