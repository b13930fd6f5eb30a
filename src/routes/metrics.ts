/** GET /metrics: Prometheus text, for anybody who may reach the port. */
import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import Type from 'typebox'
import { problems } from './schemas/shared.ts'

export const metricsRoutes: FastifyPluginAsyncTypebox = async (app) => {
  app.get(
    '/metrics',
    {
      config: { whileStopping: true },
      schema: {
        operationId: 'metrics',
        tags: ['health'],
        summary: 'Metrics for Prometheus',
        response: {
          200: { description: 'All of them, of this node', content: { 'text/plain': { schema: Type.String() } } },
          ...problems,
        },
      },
    },
    async (_request, reply) => reply.type(app.metrics.contentType).send(await app.metrics.text()),
  )
}
