/** /metrics: the metrics of this node in the text format of Prometheus. The route needs no key: restrict who can reach the port. */
import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import { Type } from '../model/json-schema.ts'
import { problemResponses } from './schemas/responses.ts'

export const metricsRoutes: FastifyPluginAsyncTypebox = async (app) => {
  app.get(
    '/metrics',
    {
      config: { isServedWhileClosing: true },
      schema: {
        operationId: 'metrics',
        tags: ['health'],
        summary: 'Metrics for Prometheus',
        response: {
          200: { description: 'All metrics of this node', content: { 'text/plain': { schema: Type.String() } } },
          ...problemResponses,
        },
      },
    },
    async (_request, reply) => reply.type(app.metrics.contentType).send(await app.metrics.scrape()),
  )
}
