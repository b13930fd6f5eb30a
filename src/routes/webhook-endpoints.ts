/** /v1/webhook-endpoints: lists the CRM's webhook endpoints with their health, and sends a test event to one. */
import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import { Type } from '../model/json-schema.ts'
import { createAuditDraft } from '../ledger/audit/draft.ts'
import { Problem } from '../model/problems.ts'
import { parseTraceId } from '../telemetry/trace-context.ts'
import { jsonResponse } from './schemas/responses.ts'
import { EndpointParams, EndpointSchema, TestResultSchema } from './schemas/webhook-endpoint.ts'

const tags = ['webhook-deliveries']
/** The health of an endpoint that the ledger knows nothing about yet. */
const unknownHealth = { failingSince: null, failures: 0, pausedAt: null, nextProbeAt: null, pending: 0, oldestPendingAt: null }

export const webhookEndpointRoutes: FastifyPluginAsyncTypebox = async (app) => {
  /** Endpoints to which a test event is being sent. Each test occupies a connection until the receiver has answered. */
  const endpointsUnderTest = new Set<string>()

  app.get(
    '',
    {
      config: { scopes: ['transfers:read', 'webhooks:write'] },
      schema: {
        operationId: 'listWebhookEndpoints',
        tags,
        summary: 'List the endpoints of the CRM with their health',
        description: 'Those of CRM_WEBHOOK_URL, and earlier ones for which deliveries are pending.',
        querystring: Type.Object({}, { additionalProperties: false }),
        response: {
          200: jsonResponse('All endpoints', Type.Object({ endpoints: Type.Array(EndpointSchema) }, { title: 'WebhookEndpointList' })),
        },
      },
    },
    async () => {
      const healthById = new Map((await app.ledger.listEndpoints()).map((health) => [health.id, health]))
      const configured = app.crmWebhooks.endpoints.map(({ id, origin, events }) => ({ id, origin, events: [...events] }))
      const unconfigured = [...healthById.keys()]
        .filter((id) => !configured.some((endpoint) => endpoint.id === id))
        .map((id) => ({ id, origin: null, events: [] }))
      return {
        endpoints: [...configured, ...unconfigured].map((endpoint) => ({ ...unknownHealth, ...healthById.get(endpoint.id), ...endpoint })),
      }
    },
  )

  app.post(
    '/:id/test',
    {
      config: { scopes: ['webhooks:write'], refusals: ['NOT_FOUND'] },
      schema: {
        operationId: 'testWebhookEndpoint',
        tags,
        summary: 'Send one test event to an endpoint and return the result',
        description:
          'Signed and guarded like every delivery; its type is webhook.test. It is not retried, and no other delivery waits for it. One test at a time for each endpoint: another one meanwhile is answered with 429.',
        params: EndpointParams,
        response: { 200: jsonResponse('The result', TestResultSchema) },
      },
    },
    async (request) => {
      const endpoint = app.crmWebhooks.endpoints.find(({ id }) => id === request.params.id)
      if (!endpoint) throw new Problem('NOT_FOUND', `There is no webhook endpoint ${request.params.id}.`)
      if (endpointsUnderTest.has(endpoint.id))
        throw new Problem('TOO_MANY_REQUESTS', `A test event is on its way to ${endpoint.id}.`, { retryAfterSeconds: 1 })
      endpointsUnderTest.add(endpoint.id)
      const result = await app.crmWebhooks
        .sendTestEvent(endpoint, request.traceparent)
        .finally(() => endpointsUnderTest.delete(endpoint.id))
      const { id, outcome, status = null, error = null, durationMs } = result
      await app.ledger.appendAudit(
        createAuditDraft('webhook_tested', {
          stage: 'webhook',
          caller: request.caller?.id ?? null,
          traceId: parseTraceId(request.traceparent),
          detail: { endpoint: endpoint.id, deliveryId: id, httpStatus: status, error },
        }),
      )
      return { id, delivered: outcome === 'delivered', status, error, durationMs }
    },
  )
}
