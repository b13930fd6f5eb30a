import { existsSync, readFileSync } from 'node:fs'
import { Ajv, type ValidateFunction } from 'ajv'
import formats from 'ajv-formats'

const DOCUMENT = '../shared/genesys/genesys-openapi-subset.json'
type Json = Record<string, any>

/** Why the documented shapes cannot be held against the answers, or false where they can. */
export const unavailable: false | string = existsSync(DOCUMENT)
  ? false
  : `${DOCUMENT} is not here: the platform's documented shapes cannot be checked`

const OPENAPI_ONLY = new Set(['nullable', 'example', 'xml', 'discriminator', 'readOnly'])

/** OpenAPI 3.0.3 to JSON Schema: `nullable` becomes a type union, references point into `$defs`, unknown fields are refused. */
function toJsonSchema(node: unknown): unknown {
  if (Array.isArray(node)) return node.map(toJsonSchema)
  if (typeof node !== 'object' || node === null) return node
  const { $ref, nullable, properties, ...rest } = node as Json
  if ($ref !== undefined) return { $ref: `documented#/$defs/${String($ref).split('/').at(-1)}` }
  const schema: Json = {}
  for (const [key, value] of Object.entries(rest)) {
    if (!OPENAPI_ONLY.has(key) && !key.startsWith('x-')) schema[key] = toJsonSchema(value)
  }
  if (nullable === true && typeof schema['type'] === 'string') schema['type'] = [schema['type'], 'null']
  if (properties !== undefined) return { additionalProperties: false, ...schema, properties: eachToJsonSchema(properties) }
  return schema
}

function eachToJsonSchema(schemas: Json): Json {
  return Object.fromEntries(Object.entries(schemas).map(([name, schema]) => [name, toJsonSchema(schema)]))
}

let shapes: { ajv: Ajv; paths: Json } | undefined

function documented(): { ajv: Ajv; paths: Json } {
  if (shapes !== undefined) return shapes
  const document = JSON.parse(readFileSync(DOCUMENT, 'utf8')) as Json
  const ajv = new Ajv({ strict: false, allErrors: true })
  ;(formats as unknown as (ajv: Ajv) => void)(ajv)
  ajv.addSchema({ $id: 'documented', $defs: eachToJsonSchema(document['components'].schemas) })
  shapes = { ajv, paths: document['paths'] as Json }
  return shapes
}

const compiled = new Map<string, ValidateFunction>()

/** What is wrong with `value` as the documented shape `name`, such as `Conversation`; empty when nothing is. */
export function faultsOfShape(name: string, value: unknown): string[] {
  const validate = compiled.get(name) ?? documented().ajv.compile({ $ref: `documented#/$defs/${name}` })
  compiled.set(name, validate)
  return validate(value)
    ? []
    : (validate.errors ?? []).map(({ instancePath, message, params }) => `${instancePath} ${message} ${JSON.stringify(params)}`)
}

/** What is wrong with an answer as the one that the document promises for this operation and status. */
export function faultsOfAnswer(
  method: string,
  path: string,
  { status, text, body }: { status: number; text: string; body: unknown },
): string[] {
  const promised = documented().paths[path]?.[method.toLowerCase()]?.responses?.[status]
  if (promised === undefined) return [`${method} ${path} ${status} is not documented`]
  const schema = promised.content?.['application/json']?.schema
  if (schema === undefined) return text === '' ? [] : ['the body should be empty']
  const validate = documented().ajv.compile(toJsonSchema(schema) as Json)
  return validate(body) ? [] : (validate.errors ?? []).map(({ instancePath, message }) => `${instancePath} ${message}`)
}
