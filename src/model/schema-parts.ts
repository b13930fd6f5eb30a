/** Parts that several JSON Schemas of the model share. */
import type { Static, TSchema } from 'typebox'
import { Type } from './json-schema.ts'
import { reasonPattern, uuidPattern } from './formats/patterns.ts'

/** Refuses properties that the schema does not name. */
export const strict = { additionalProperties: false }

/** The id of something on the platform. */
export const idSchema = (description: string) => Type.String({ description, pattern: uuidPattern, maxLength: 36 })

/** A schema that also allows null. In an enum, null must also be one of the values. */
export function nullable<T extends TSchema>(schema: T) {
  const { type, enum: values } = schema as unknown as { type: string; enum?: unknown[] }
  return Type.Unsafe<Static<T> | null>({ ...schema, type: [type, 'null'], ...(values && { enum: [...values, null] }) })
}

/** The most characters (Unicode code points, as JSON Schema counts them) that a summary has. */
export const maxSummaryLength = 1_000

/** What a request may say about the call: a summary for the agent, and a reason for reports (docs/architecture.md#summary-and-reason). */
export const summaryFields = {
  summary: Type.Optional(
    Type.String({
      maxLength: maxSummaryLength,
      description:
        "Why the caller is here, for the agent: becomes the customer's participant attributes handoffSummary1 to handoffSummary4 before the call moves. Blank counts as not given",
    }),
  ),
  reason: Type.Optional(
    Type.String({
      pattern: reasonPattern,
      description: 'A short code for reports: becomes the participant attribute handoffReason, and can be filtered and counted by',
    }),
  ),
}

const returnedDescription = 'As requested; null also once personal data was erased'
/** The same fields of a transfer that is returned. */
export const returnedSummaryFields = {
  summary: nullable(Type.String({ description: returnedDescription })),
  reason: nullable(Type.String({ description: returnedDescription })),
}
