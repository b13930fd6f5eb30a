/** The entries of a list that the platform has answered with. */
import { asObject, type JsonFields } from '../../model/json-fields.ts'

/** The objects in `entities` of a body; empty for any other body. */
export function readEntities(body: unknown): JsonFields[] {
  const entities = asObject(body)?.['entities']
  return Array.isArray(entities) ? entities.map(asObject).filter((entity) => entity !== undefined) : []
}
