/** The validators and serializers of routes: each is compiled when it is first needed or soon after the start, and only once. */
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
  /** Compiles what was not needed yet, with other work in between. @throws Error for a schema that cannot be compiled */
  compileAll(): Promise<void>
}

const require = createRequire(import.meta.url)
const loadValidators = () => (require('@fastify/ajv-compiler') as typeof import('@fastify/ajv-compiler')).AjvCompiler()
const loadSerializers = () =>
  (require('@fastify/fast-json-stringify-compiler') as typeof import('@fastify/fast-json-stringify-compiler')).SerializerSelector()

/** Creates a function that makes a value at its first call. */
function once<T>(make: () => T): () => T {
  let made: { value: T } | undefined
  return () => (made ??= { value: make() }).value
}

/** Adds the schemas that the text of a schema refers to, and those that they refer to, to `found`. */
function collectReferenced(schemaText: string, schemas: Readonly<Record<string, unknown>>, found: Record<string, unknown>): void {
  for (const [, id = ''] of schemaText.matchAll(/"\$ref":"([^"#]+)/g)) {
    if (id in found || !(id in schemas)) continue
    found[id] = schemas[id]
    collectReferenced(JSON.stringify(schemas[id]), schemas, found)
  }
}

/**
 * Creates what one app compiles its schemas with. Fastify by itself would compile before the app is ready, and the responses of every
 * route again, each with all schemas of the app: half of the time that the start takes.
 */
export function createSchemaCompilers(): SchemaCompilers {
  const remaining: Array<() => unknown> = []
  function later<T>(compile: () => T): () => T {
    const get = once(compile)
    remaining.push(get)
    return get
  }
  const validators = once(loadValidators)
  const serializers = once(loadSerializers)
  const serializerByKey = new Map<string, Serializer>()

  const buildValidator = (schemas: object, options: object) => {
    const compiler = once(() => validators()(schemas as never, options) as (route: unknown) => Validator)
    return (route: unknown): Validator => {
      const compiled = later(() => compiler()(route))
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
    const known = serializerByKey.get(key)
    if (known) return known
    const compiled = later(() => serializers()(referenced, options)(route))
    const serializer: Serializer = (value) => compiled()(value)
    serializerByKey.set(key, serializer)
    return serializer
  }

  return {
    // Fastify's type of a factory also describes other kinds of schemas.
    factories: { buildValidator: buildValidator as unknown as Factories['buildValidator'], buildSerializer },
    async compileAll() {
      for (const compile of remaining.splice(0)) {
        compile()
        await nextTurn()
      }
    },
  }
}

/** How long after it listens an app compiles what was not needed yet, ms: the first probes and requests go before. */
const delayMs = 1_000

/** Makes an app compile all its schemas soon after it listens, so that the first request of each kind need not wait for it. */
export function compileAfterStart(app: FastifyInstance, compilers: SchemaCompilers): void {
  let timer: NodeJS.Timeout | undefined
  app.addHook('onListen', (done) => {
    timer = setTimeout(() => void compilers.compileAll(), delayMs).unref()
    done()
  })
  app.addHook('onClose', () => clearTimeout(timer))
}
