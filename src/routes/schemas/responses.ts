/** What the schema of every route declares besides its own fields: references, responses and how a caller authenticates. */
import type { Static, TSchema } from 'typebox'
import { Type } from '../../model/json-schema.ts'
import { ProblemSchema } from './problem.ts'

/** A reference to a schema that the schemas plugin has registered. It has the same static type. */
export const ref = <T extends TSchema>(schema: T) => Type.Unsafe<Static<T>>(Type.Ref((schema as unknown as { $id: string }).$id))

/** A JSON response. */
export const jsonResponse = <T extends TSchema>(description: string, schema: T) => ({
  description,
  content: { 'application/json': { schema } },
})

const problemResponse = (description: string) => ({
  description,
  content: { 'application/problem+json': { schema: ref(ProblemSchema) } },
})
/** The problem responses of every route. */
export const problemResponses = {
  '4xx': problemResponse('Refused: the request is not valid, or something stands in its way'),
  '5xx': problemResponse('The platform or the ledger is in trouble'),
}

/** A caller may authenticate in each of these ways; the OpenAPI plugin describes them. */
export const callerSecurity = [{ key: [] }, { header: [] }, { basic: [] }, { oauth2: [] }]
