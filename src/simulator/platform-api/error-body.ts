/** The JSON body of a refusal of the simulated platform. */
import { documentedErrors } from '../model/documented-errors.ts'
import { limitNames } from '../model/limits.ts'
import type { PlatformError } from '../model/platform-error.ts'

/**
 * The ErrorBody of a refusal (docs/genesys-cloud.md rule 70).
 *
 * @param contextId The correlation id of the response.
 */
export function createErrorBody(error: PlatformError, contextId: string): Record<string, unknown> {
  const { values = [], message = documentedErrors[error.code][1], entityId, limit } = error.details
  const fillPlaceholders = (valueAt: (index: number) => string) => {
    let index = 0
    return message.replaceAll('%s', () => valueAt(index++))
  }
  return {
    message: fillPlaceholders((index) => values[index] ?? ''),
    code: error.code,
    status: error.status,
    ...(entityId !== undefined && { entityId }),
    messageWithParams: fillPlaceholders((index) => `{${index}}`),
    messageParams: Object.fromEntries(values.map((value, index) => [String(index), value])),
    contextId,
    details: [],
    errors: [],
    ...(error.code === 'too.many.requests' && { limit: limit ?? limitNames.token }),
  }
}
