/** Compiles the validators and serializers of routes: each one only once, when a request first needs it, or soon after the app listens. */
import { createRequire } from 'node:module'
import { setImmediate as nextTurn } from 'node:timers/promises'
import type { FastifyInstance, FastifyServerOptions } from 'fastify'

type Factories = Required<NonNullable<NonNullable<FastifyServerOptions['schemaController']>['compilersFactory']>>
type Serializer = (value: unknown) => string
interface Validator {
  (value: unknown): unknown
  errors?: unknown
}

export interface SchemaCompilers {
  /** For Fastify's `schemaController`. Header names in schemas must be in lower case. */
  factories: Factories
  /**
   * Compiles the schemas of urgent routes that no request has needed yet, one in each turn of the event loop.
   * @throws Error for a schema that cannot be compiled
   */
  compileUrgent(): Promise<void>
}

/** What Fastify says of the route whose schema is compiled. */
interface CompiledRoute {
  method: string
  url: string
}

const require = createRequire(import.meta.url)
const loadValidators = () => (require('@fastify/ajv-compiler') as typeof import('@fastify/ajv-compiler')).AjvCompiler()
const loadSerializers = () =>
  (require('@fastify/fast-json-stringify-compiler') as typeof import('@fastify/fast-json-stringify-compiler')).SerializerSelector()

/** Creates a function that makes its value at the first call and returns the same value at every later call. */
function once<T>(make: () => T): () => T {
  let made: { value: T } | undefined
  return () => (made ??= { value: make() }).value
}

/** Adds to `found` the schemas that a schema refers to, and the ones that those refer to. @param schemaText the schema as JSON */
function collectReferenced(schemaText: string, schemas: Readonly<Record<string, unknown>>, found: Record<string, unknown>): void {
  for (const [, id = ''] of schemaText.matchAll(/"\$ref":"([^"#]+)/g)) {
    if (id in found || !(id in schemas)) continue
    found[id] = schemas[id]
    collectReferenced(JSON.stringify(schemas[id]), schemas, found)
  }
}

/**
 * Creates the compilers of one app. Fastify's own would compile every schema before the app is ready, and the responses of each route
 * separately, together with all schemas of the app. That would take half of the time of the start, and a tenth of its memory.
 * @param isUrgent whether a caller waits for the response of a route, so that its first request should not wait for a compilation
 */
export function createSchemaCompilers(isUrgent: (route: CompiledRoute) => boolean): SchemaCompilers {
  const urgent = new Set<() => unknown>()
  const validators = once(loadValidators)
  const serializers = once(loadSerializers)
  /** The serializer of each schema, as a function that compiles it at the first call. */
  const serializerByKey = new Map<string, () => Serializer>()

  const buildValidator = (schemas: object, options: object) => {
    const compiler = once(() => validators()(schemas as never, options) as (route: unknown) => Validator)
    return (route: unknown): Validator => {
      const compiled = once(() => compiler()(route))
      if (isUrgent(route as CompiledRoute)) urgent.add(compiled)
      const validate: Validator = (value) => {
        const result = compiled()(value)
        validate.errors = compiled().errors
        return result
      }
      return validate
    }
  }
  const buildSerializer: Factories['buildSerializer'] = (schemas, options) => (route) => {
    const text = JSON.stringify(route.schema)
    const referenced: Record<string, unknown> = {}
    collectReferenced(text, schemas as Record<string, unknown>, referenced)
    const key = JSON.stringify([text, referenced])
    const compiled = serializerByKey.get(key) ?? once((): Serializer => serializers()(referenced, options)(route))
    serializerByKey.set(key, compiled)
    if (isUrgent(route)) urgent.add(compiled)
    return (value: unknown) => compiled()(value)
  }

  return {
    // Fastify's type of a factory also describes other kinds of schemas.
    factories: { buildValidator: buildValidator as unknown as Factories['buildValidator'], buildSerializer },
    async compileUrgent() {
      for (const compile of urgent) {
        compile()
        await nextTurn()
      }
    },
  }
}

/** How long after the app listens the schemas of urgent routes are compiled, ms, so that the first probes and requests do not wait for that. */
const delayMs = 1_000

/** Makes an app compile the schemas of its urgent routes soon after it listens, so that their first requests need not wait for a compilation. */
export function compileAfterStart(app: FastifyInstance, compilers: SchemaCompilers): void {
  let timer: NodeJS.Timeout | undefined
  app.addHook('onListen', (done) => {
    timer = setTimeout(() => void compilers.compileUrgent(), delayMs).unref()
    done()
  })
  app.addHook('onClose', () => clearTimeout(timer))
}
