/** The schemas of requests and responses: validation does not depend on the OpenAPI plugin, and each schema is compiled once, when it is needed. */
import Fastify from 'fastify'
import t from 'tap'
import { TransferRequestSchema } from '../../src/model/transfer.ts'
import { transferRequests } from '../../src/plugins/documents/examples/transfer-requests.ts'
import schemas from '../../src/plugins/schemas.ts'
import { compileAfterStart, createSchemaCompilers } from '../../src/plugins/schemas/compile-on-demand.ts'
import { ref } from '../../src/routes/schemas/responses.ts'

t.test('given an app without the OpenAPI plugin, when a request violates a referenced schema, then it is refused', async (t) => {
  const app = Fastify({ ajv: { customOptions: { removeAdditional: false, discriminator: true, coerceTypes: false } } })
  t.teardown(() => app.close())
  await app.register(schemas)
  app.post('/', { schema: { body: ref(TransferRequestSchema) } }, () => 'accepted')
  for (const { value } of Object.values(transferRequests))
    t.equal((await app.inject({ method: 'POST', url: '/', payload: value })).statusCode, 200)
  t.equal((await app.inject({ method: 'POST', url: '/', payload: { conversationId: 'the call' } })).statusCode, 400)
})

const text = { type: 'string' }
const route = (schema: object) => ({ method: 'GET', url: '/', httpStatus: '200', schema })
const buildSerializer = (schemas: object) => createSchemaCompilers(() => true).factories.buildSerializer(schemas)

/** A schema of a text, and how often it was read, which happens when it is compiled. */
function createCountedSchema() {
  const counted = { reads: 0, schema: {} }
  Object.defineProperty(counted.schema, 'type', { enumerable: true, get: () => (counted.reads++, 'string') })
  return counted
}

t.test('given responses with the same schema, then it is compiled once, also when the schemas are registered again', async (t) => {
  const { buildSerializer } = createSchemaCompilers(() => false).factories
  const counted = createCountedSchema()
  const schemas = { Part: { $id: 'Part', type: 'object', properties: { a: counted.schema } } }
  const [first, second] = [schemas, { ...schemas }].map((each) => buildSerializer(each)(route({ $ref: 'Part#' })))
  t.equal(first?.({ a: 'x', secret: 'y' }), '{"a":"x"}', 'what the schema does not name is left out')
  const readsWhenCompiled = counted.reads
  t.equal(second?.({ a: 'z' }), '{"a":"z"}')
  t.equal(counted.reads, readsWhenCompiled)
})

t.test('given schemas that differ, or refer to schemas that differ, then their serializers differ', async (t) => {
  const { buildSerializer } = createSchemaCompilers(() => true).factories
  const withProperties = (properties: object) => ({
    Whole: { $id: 'Whole', type: 'object', properties: { part: { $ref: 'Part#' } } },
    Part: { $id: 'Part', type: 'object', properties },
  })
  const whole = { part: { a: 'x', b: 'y' } }
  t.equal(buildSerializer(withProperties({ a: text }))(route({ $ref: 'Whole#' }))(whole), '{"part":{"a":"x"}}')
  t.equal(buildSerializer(withProperties({ b: text }))(route({ $ref: 'Whole#' }))(whole), '{"part":{"b":"y"}}')
  t.equal(buildSerializer(withProperties({ b: text }))(route({ type: 'object', properties: {} }))(whole), '{}')
})

t.test('given a validator that is compiled at its first use, then it finds the same errors at every use', async (t) => {
  const compilers = createSchemaCompilers(() => true)
  const app = Fastify({ schemaController: { compilersFactory: compilers.factories } })
  t.teardown(() => app.close())
  app.post('/', { schema: { body: { type: 'object', required: ['a'], properties: { a: text, b: { default: 1 } } } } }, ({ body }) => body)
  for (const attempt of ['first', 'second']) {
    const refused = await app.inject({ method: 'POST', url: '/', payload: {} })
    t.match(refused.json(), { statusCode: 400, message: "body must have required property 'a'" }, attempt)
    t.strictSame((await app.inject({ method: 'POST', url: '/', payload: { a: 'x' } })).json(), { a: 'x', b: 1 }, attempt)
  }
})

t.test('given a schema that cannot be compiled, then its first use fails, and so does compiling it early', async (t) => {
  t.throws(() => buildSerializer({})(route({ $ref: 'Nothing#' }))({}), /Nothing/)
  for (const kind of ['buildSerializer', 'buildValidator'] as const) {
    const compilers = createSchemaCompilers(() => true)
    compilers.factories[kind]({}, { customOptions: {} })(route({ $ref: 'Nothing#' }) as never)
    await t.rejects(compilers.compileUrgent(), /Nothing/, kind)
  }
})

t.test('given an app that listens, then soon the schemas of its urgent routes are compiled without a request, and no others', async (t) => {
  const compilers = createSchemaCompilers(({ method, url }) => `${method} ${url}` === 'POST /urgent')
  const compiled = new Promise<void>((resolve) => {
    const { compileUrgent } = compilers
    compilers.compileUrgent = async () => resolve(await compileUrgent())
  })
  const app = Fastify({ schemaController: { compilersFactory: compilers.factories } })
  t.teardown(() => app.close())
  compileAfterStart(app, compilers)
  const [urgent, other] = [createCountedSchema(), createCountedSchema()]
  for (const [url, { schema }] of [['/urgent', urgent] as const, ['/other', other] as const])
    app.post(url, { schema: { body: { type: 'object', properties: { a: schema } } } }, () => 'accepted')
  await app.ready()
  const readsBefore = { urgent: urgent.reads, other: other.reads }
  await app.listen()
  await compiled
  t.equal(other.reads, readsBefore.other)
  t.ok(urgent.reads > readsBefore.urgent)
  const readsWhenCompiled = urgent.reads
  for (const url of ['/urgent', '/other']) t.equal((await app.inject({ method: 'POST', url, payload: { a: 'x' } })).statusCode, 200)
  t.equal(urgent.reads, readsWhenCompiled)
})
