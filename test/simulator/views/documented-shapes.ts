/** Compares responses with the shapes in the platform's OpenAPI document. */
import { existsSync, readFileSync } from 'node:fs'
import { Ajv, type ValidateFunction } from 'ajv'
import formats from 'ajv-formats'

const documentPath = '../shared/genesys/genesys-openapi-subset.json'
type Json = Record<string, any>

/** Why responses cannot be compared with the documented shapes; false if they can. */
export const unavailableReason: false | string = existsSync(documentPath) ? false : "the platform's OpenAPI document is not on this machine"

/** Keywords of OpenAPI that JSON Schema does not have. */
const openapiKeywords = new Set(['nullable', 'example', 'xml', 'discriminator', 'readOnly'])

/** Translates OpenAPI 3.0.3 to JSON Schema: `nullable` becomes a type union, references lead into `$defs`, unknown fields are refused. */
function toJsonSchema(node: unknown): unknown {
  if (Array.isArray(node)) return node.map(toJsonSchema)
  if (typeof node !== 'object' || node === null) return node
  const { $ref, nullable, properties, ...rest } = node as Json
  if ($ref !== undefined) return { $ref: `documented#/$defs/${String($ref).split('/').at(-1)}` }
  const schema: Json = {}
  for (const [key, value] of Object.entries(rest)) {
    if (!openapiKeywords.has(key) && !key.startsWith('x-')) schema[key] = toJsonSchema(value)
  }
  if (nullable === true && typeof schema['type'] === 'string') schema['type'] = [schema['type'], 'null']
  if (properties !== undefined) return { additionalProperties: false, ...schema, properties: propertiesToJsonSchemas(properties) }
  return schema
}

function propertiesToJsonSchemas(schemas: Json): Json {
  return Object.fromEntries(Object.entries(schemas).map(([name, schema]) => [name, toJsonSchema(schema)]))
}

let loadedShapes: { ajv: Ajv; paths: Json } | undefined

/** Reads the document on first use. */
function loadShapes(): { ajv: Ajv; paths: Json } {
  if (loadedShapes !== undefined) return loadedShapes
  const document = JSON.parse(readFileSync(documentPath, 'utf8')) as Json
  const ajv = new Ajv({ strict: false, allErrors: true })
  ;(formats as unknown as (ajv: Ajv) => void)(ajv)
  ajv.addSchema({ $id: 'documented', $defs: propertiesToJsonSchemas(document['components'].schemas) })
  loadedShapes = { ajv, paths: document['paths'] as Json }
  return loadedShapes
}

const validators = new Map<string, ValidateFunction>()

/** The differences of a value from a documented shape, such as `Conversation`; empty if there are none. */
export function findMismatches(name: string, value: unknown): string[] {
  const validate = validators.get(name) ?? loadShapes().ajv.compile({ $ref: `documented#/$defs/${name}` })
  validators.set(name, validate)
  return validate(value)
    ? []
    : (validate.errors ?? []).map(({ instancePath, message, params }) => `${instancePath} ${message} ${JSON.stringify(params)}`)
}

/** The differences of a response from the documented one for this operation and status; empty if there are none. */
export function findResponseMismatches(
  method: string,
  path: string,
  { status, text, body }: { status: number; text: string; body: unknown },
): string[] {
  const documentedResponse = loadShapes().paths[path]?.[method.toLowerCase()]?.responses?.[status]
  if (documentedResponse === undefined) return [`${method} ${path} ${status} is not documented`]
  const schema = documentedResponse.content?.['application/json']?.schema
  if (schema === undefined) return text === '' ? [] : ['the body should be empty']
  const validate = loadShapes().ajv.compile(toJsonSchema(schema) as Json)
  return validate(body) ? [] : (validate.errors ?? []).map(({ instancePath, message }) => `${instancePath} ${message}`)
}
