/** How the control API finds the entity that an instruction names. */
import { ControlError } from '../specs/control-error.ts'

/**
 * Finds an entity by id.
 *
 * @param kind What the error message calls the entity, such as "queue".
 * @throws {ControlError} When there is none with this id.
 */
export function requireEntity<T>(entities: ReadonlyMap<string, T>, kind: string, id: string): T {
  const entity = entities.get(id)
  if (entity === undefined) throw new ControlError(`There is no ${kind} ${id}`)
  return entity
}
