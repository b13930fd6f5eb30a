/** Schemas of plain values that may be null. */
import { Type } from '../../model/json-schema.ts'
import { nullable } from '../../model/schema-parts.ts'

export const nullableString = nullable(Type.String())
export const nullableInteger = nullable(Type.Integer())
export const nullableNumber = nullable(Type.Number())
