/** /metrics: the metrics of this node in the text format of Prometheus. The route needs no key: restrict who can reach the port. */
import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import { Type } from '../model/json-schema.ts'

export const metricsRoutes: FastifyPluginAsyncTypebox = async (app) => {
  app.get(
    '/metrics',
    {
      config: { isServedWhileClosing: true },
      schema: {
        operationId: 'metrics',
        tags: ['health'],
        summary: 'Metrics for Prometheus',
        description: 'In the text format of Prometheus, of this node only.',
        response: {
          200: { description: 'All metrics of this node', content: { 'text/plain': { schema: Type.String() } } },
        },
      },
    },
    async (_request, reply) => reply.type(app.metrics.contentType).send(await app.metrics.scrape()),
  )
}
