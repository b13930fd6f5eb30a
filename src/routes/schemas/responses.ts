/** Parts of the schemas of routes: references to registered schemas, and JSON responses. */
import type { Static, TSchema } from 'typebox'
import { Type } from '../../model/json-schema.ts'

/** A reference to a schema that the schemas plugin has registered. It has the same static type. */
export const ref = <T extends TSchema>(schema: T) => Type.Unsafe<Static<T>>(Type.Ref((schema as unknown as { $id: string }).$id))

/** A JSON response. */
export const jsonResponse = <T extends TSchema>(description: string, schema: T) => ({
  description,
  content: { 'application/json': { schema } },
})
