/** Parts that several JSON Schemas of the model share. */
import Type, { type Static, type TSchema } from 'typebox'
import { uuidPattern } from './patterns.ts'

/** Refuses properties that the schema does not name. */
export const strict = { additionalProperties: false }

/** The id of something on the platform. */
export const idSchema = (description: string) => Type.String({ description, pattern: uuidPattern, maxLength: 36 })

/** The schema, or null. An enum must list null among its values as well. */
export function nullable<T extends TSchema>(schema: T) {
  const { type, enum: values } = schema as unknown as { type: string; enum?: unknown[] }
  return Type.Unsafe<Static<T> | null>({ ...schema, type: [type, 'null'], ...(values && { enum: [...values, null] }) })
}
