/** Traces for OpenTelemetry, where a collector is set. */
import type { FastifyInstance } from 'fastify'
import fp from 'fastify-plugin'

async function tracingPlugin(app: FastifyInstance, { endpoint }: { endpoint: string | undefined }): Promise<void> {
  if (!endpoint) return
  const { startTracing } = await import('../tracing.ts')
  const tracing = startTracing(endpoint, app.log)
  app.addHook('onClose', () => tracing.close())
}
export default fp(tracingPlugin, { name: 'tracing', fastify: '5.x' })
