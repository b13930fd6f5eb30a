/** The program whose start Handoff's own is compared with: Fastify with the plugins that Handoff registers, and one route. Listens on PORT. */
import helmet from '@fastify/helmet'
import rateLimit from '@fastify/rate-limit'
import swagger from '@fastify/swagger'
import swaggerUi from '@fastify/swagger-ui'
import Fastify from 'fastify'

const app = Fastify({ logger: true })
await app.register(swagger, { openapi: { openapi: '3.1.0' } })
await app.register(async (pages) => {
  await pages.register(helmet)
  await pages.register(swaggerUi, { routePrefix: '/docs' })
})
await app.register(rateLimit, { global: false })
app.get('/ready', { schema: { response: { 200: { type: 'object', properties: { ready: { type: 'boolean' } } } } } }, () => ({
  ready: true,
}))
await app.listen({ host: '127.0.0.1', port: Number(process.env['PORT']) })
