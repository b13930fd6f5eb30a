/**
 * Gives a name to every schema that has a title, so that generated clients have one type for it, and unions know which schema is meant. Writes
 * what generators read in different ways in the way that all of them know.
 */
import type { OpenApiDocument, SchemaObject } from './document-types.ts'

const isObject = (value: unknown): value is Record<string, unknown> => typeof value === 'object' && value !== null && !Array.isArray(value)
const isSchema = (value: Record<string, unknown>): boolean => 'type' in value || 'oneOf' in value || 'allOf' in value

/** What contains no schema: data in the form of one would be taken for it. */
const dataKeys: ReadonlySet<string> = new Set(['example', 'examples', 'default', 'const', 'enum'])

const isNullableObject = ({ type }: SchemaObject): boolean =>
  Array.isArray(type) && type.length === 2 && type.includes('object') && type.includes('null')
/** An object or null as two schemas. Some generators do not know an object by a list of types. */
const toChoice = ({ description, ...schema }: SchemaObject): SchemaObject => ({
  ...(description !== undefined && { description }),
  oneOf: [{ ...schema, type: 'object' }, { type: 'null' }],
})
/** A constant is also an enumeration of one value, for generators that do not know constants. */
const withEnum = (schema: SchemaObject): SchemaObject =>
  'const' in schema && 'type' in schema ? { ...schema, enum: [schema['const']] } : schema

const nameOf = (reference: unknown): string => String((reference as { $ref?: string }).$ref).replace('#/components/schemas/', '')

/** The value of a union's discriminator for one of its schemas. */
function discriminatorValue({ properties }: SchemaObject, propertyName: string): string {
  const { const: constant } = (properties as Record<string, { const?: unknown }>)[propertyName] ?? {}
  if (typeof constant !== 'string') throw new Error(`a schema of a union has no constant ${propertyName}`)
  return constant
}

/** Moves schemas with a title to the components, each once. @throws Error if two schemas that differ have the same title */
export function nameSchemas(document: OpenApiDocument): void {
  const { schemas } = document.components

  function addSchema(name: string, schema: SchemaObject): void {
    const known = schemas[name]
    if (known && JSON.stringify(known) !== JSON.stringify(schema)) throw new Error(`two schemas have the name ${name}`)
    schemas[name] = schema
  }
  /** A union with the schema for each value of its discriminator. `oneOf` says everything else that the union says. */
  function toUnion({ type: _type, required: _required, ...union }: SchemaObject): SchemaObject {
    const { propertyName } = union['discriminator'] as { propertyName: string }
    const mapping = (union['oneOf'] as SchemaObject[]).map((reference) => [
      discriminatorValue(schemas[nameOf(reference)] ?? {}, propertyName),
      reference['$ref'],
    ])
    return { ...union, discriminator: { propertyName, mapping: Object.fromEntries(mapping) } }
  }
  function toReference(named: SchemaObject): SchemaObject {
    const { title, description, ...schema } = named
    // What an enumeration means depends on where it is used; what an object means does not.
    const own = 'enum' in schema ? {} : { ...(description !== undefined && { description }) }
    const usage = 'enum' in schema && description !== undefined ? { description } : {}
    const reference = { $ref: `#/components/schemas/${String(title)}` }
    const types = schema['type']
    const isNullable = Array.isArray(types) && types.includes('null')
    if (isNullable) schema['type'] = types.find((type) => type !== 'null')
    if (Array.isArray(schema['enum'])) schema['enum'] = schema['enum'].filter((value) => value !== null)
    addSchema(String(title), 'discriminator' in schema ? toUnion({ ...own, ...schema }) : { ...own, ...schema })
    return isNullable ? { ...usage, oneOf: [reference, { type: 'null' }] } : { ...reference, ...usage }
  }
  function replace(value: unknown): unknown {
    if (Array.isArray(value)) return value.map(replace)
    if (!isObject(value)) return value
    const replaced = Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, dataKeys.has(key) ? inner : replace(inner)]))
    if (typeof replaced['title'] === 'string' && isSchema(replaced)) return toReference(replaced)
    return isNullableObject(replaced) ? toChoice(replaced) : withEnum(replaced)
  }

  for (const [name, schema] of Object.entries(schemas)) schemas[name] = replace(schema) as SchemaObject
  document.paths = replace(document.paths) as OpenApiDocument['paths']
  if (document.webhooks) document.webhooks = replace(document.webhooks) as NonNullable<OpenApiDocument['webhooks']>
}
