/** How a fault for requests to the platform is checked before it is set. */
import { operationNames } from '../operations/all-operations.ts'
import { checks } from '../specs/checks.ts'
import { ControlError } from '../specs/control-error.ts'
import type { FaultSpec } from '../specs/fault-spec.ts'
import { normalizeTimes, type FaultInput } from './fault-input.ts'

/** A fault as code may set it. */
export type FaultOptions = FaultInput<FaultSpec>

/**
 * Checks a fault.
 *
 * @throws {ControlError} When it does not match the schema, names an operation that does not exist, or names a conversation
 *   or a holder although the operation is not about a conversation.
 */
export function parseFaultOptions(options: FaultOptions): FaultSpec {
  const spec = normalizeTimes<FaultSpec>(options)
  checks.fault(spec)
  const { operation = '*', conversationId, heldBy } = spec
  if (operation !== '*' && !operationNames.includes(operation)) {
    throw new ControlError(`fault/operation ${operation} is none of: *, ${operationNames.join(', ')}`)
  }
  for (const [field, value] of Object.entries({ conversationId, heldBy })) {
    if (value === undefined || operation === '*' || operation.includes('/conversations/{id}')) continue
    throw new ControlError(`fault/${field} ${operation} is about no conversation`)
  }
  return spec
}
