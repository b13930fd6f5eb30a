/** How operations look up the entity that a path parameter names. */
import { PlatformError } from '../model/platform-error.ts'

/**
 * Finds an entity by id.
 *
 * @throws {PlatformError} 404 `not.found` when there is none with this id.
 */
export function findEntity<T>(entities: ReadonlyMap<string, T>, id: string | undefined): T {
  const entity = entities.get(id ?? '')
  if (entity === undefined) throw new PlatformError('not.found', id === undefined ? {} : { entityId: id })
  return entity
}
