/** Parts that several JSON Schemas of the model share. */
import type { Static, TSchema } from 'typebox'
import { Type } from './json-schema.ts'
import { uuidPattern } from './patterns.ts'

/** Refuses properties that the schema does not name. */
export const strict = { additionalProperties: false }

/** The id of something on the platform. */
export const idSchema = (description: string) => Type.String({ description, pattern: uuidPattern, maxLength: 36 })

/** A schema that also allows null. In an enum, null must also be one of the values. */
export function nullable<T extends TSchema>(schema: T) {
  const { type, enum: values } = schema as unknown as { type: string; enum?: unknown[] }
  return Type.Unsafe<Static<T> | null>({ ...schema, type: [type, 'null'], ...(values && { enum: [...values, null] }) })
}
