/** Validation must not depend on the plugin that publishes the OpenAPI document. */
import Fastify from 'fastify'
import t from 'tap'
import { TransferRequestSchema } from '../../src/model/transfer.ts'
import schemas from '../../src/plugins/schemas.ts'
import { ref } from '../../src/routes/schemas/responses.ts'

t.test('given an app without the OpenAPI plugin, when a request violates a referenced schema, then it is refused', async (t) => {
  const app = Fastify({ ajv: { customOptions: { removeAdditional: false, discriminator: true, coerceTypes: false } } })
  t.teardown(() => app.close())
  await app.register(schemas)
  app.post('/', { schema: { body: ref(TransferRequestSchema) } }, () => 'accepted')
  const { examples } = TransferRequestSchema as unknown as { examples: object[] }
  t.equal((await app.inject({ method: 'POST', url: '/', payload: examples[0] as object })).statusCode, 200)
  t.equal((await app.inject({ method: 'POST', url: '/', payload: { conversationId: 'the call' } })).statusCode, 400)
})
