/** The building blocks that the specs of the control API share. */
import Type, { type TSchema } from 'typebox'

/** A duration in milliseconds. */
export const Milliseconds = Type.Number({ minimum: 0 })
export const Id = Type.String({ minLength: 1, maxLength: 100 })
export const NonEmptyString = Type.String({ minLength: 1 })

/**
 * A schema of a closed list of strings.
 *
 * @param values The allowed strings.
 */
export function stringEnum<T extends string>(...values: T[]) {
  return Type.Unsafe<T>({ enum: values })
}

/**
 * A schema of an object that rejects unknown fields, so that a misspelled field is reported instead of ignored.
 *
 * @param properties The schemas of the known fields.
 */
export function strictObject<T extends Record<string, TSchema>>(properties: T) {
  return Type.Object(properties, { additionalProperties: false })
}

/** Whether a skill or an agent is usable; the platform keeps inactive and deleted ones readable. */
export const EntityState = stringEnum('active', 'inactive', 'deleted')
