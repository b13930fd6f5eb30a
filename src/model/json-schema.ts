/** Builds JSON Schemas that have a static type. */
import type TypeBox from 'typebox'

type Schema = Record<string, unknown>

/** The schemas that `Optional` has returned. `Object` does not list their properties as required. */
const optionalSchemas = new WeakSet<object>()

const createTypeBuilder =
  (type: string) =>
  (options?: Schema): Schema => ({ type, ...options })

function createObject(properties: Record<string, Schema>, options?: Schema): Schema {
  const required = Object.keys(properties).filter((name) => !optionalSchemas.has(properties[name]!))
  return { type: 'object', ...(required.length > 0 && { required }), properties, ...options }
}

const builders = {
  Array: (items: Schema, options?: Schema) => ({ type: 'array', items, ...options }),
  Boolean: createTypeBuilder('boolean'),
  Enum: (values: unknown[], options?: Schema) => ({ enum: values, ...options }),
  Integer: createTypeBuilder('integer'),
  Intersect: (allOf: Schema[], options?: Schema) => ({ allOf, ...options }),
  Literal: (value: unknown, options?: Schema) => ({ type: typeof value, const: value, ...options }),
  Null: createTypeBuilder('null'),
  Number: createTypeBuilder('number'),
  Object: createObject,
  /** @param schema schema of an object; its own options, such as `$id`, are not copied */
  Omit(schema: { properties: Record<string, Schema> }, names: string[], options?: Schema) {
    return createObject(Object.fromEntries(Object.entries(schema.properties).filter(([name]) => !names.includes(name))), options)
  },
  Optional(schema: Schema) {
    const copy = { ...schema }
    optionalSchemas.add(copy)
    return copy
  },
  /** @param _keys the names may be any text */
  Record: (_keys: Schema, values: Schema, options?: Schema) => ({ type: 'object', patternProperties: { '^.*$': values }, ...options }),
  Ref: (id: string, options?: Schema) => ({ $ref: id, ...options }),
  String: createTypeBuilder('string'),
  Union: (anyOf: Schema[], options?: Schema) => ({ anyOf, ...options }),
  Unsafe: (schema: Schema) => ({ ...schema }),
}

/**
 * The builders of TypeBox that the service uses, with TypeBox's types. These builders return the same schemas without loading TypeBox, whose
 * 370 modules take 12 MB and 70 ms at the start.
 */
export const Type = builders as unknown as Pick<typeof TypeBox, keyof typeof builders>
