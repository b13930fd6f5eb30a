/** How a refusal with an HTTP status becomes an error of JSON-RPC 2.0, whose message agents and their developers see. */
import type { ProblemDetails } from './problem-response.ts'

/** JSON-RPC 2.0 §5.1; -32000 to -32099 are free for the server. */
const errorCodes = { parseError: -32_700, invalidRequest: -32_600, internalError: -32_603, refused: -32_000 }

function errorCodeOf({ code, status }: ProblemDetails, isParsed: boolean): number {
  if (code === 'INVALID_REQUEST') return isParsed ? errorCodes.invalidRequest : errorCodes.parseError
  return status === 500 ? errorCodes.internalError : errorCodes.refused
}

/** The id of a message, which its answer repeats; null if there is none. */
function idOf(body: unknown): string | number | null {
  const id = typeof body === 'object' && body !== null && 'id' in body ? body.id : null
  return typeof id === 'string' || typeof id === 'number' ? id : null
}

/**
 * The refusal as an error of JSON-RPC, with the problem details as its data.
 * @param problem problem details as JSON
 * @param body the parsed body of the request; undefined if it was not read or could not be parsed
 */
export function toJsonRpcError(problem: string, body: unknown): string {
  const details = JSON.parse(problem) as ProblemDetails
  const error = { code: errorCodeOf(details, body !== undefined), message: `${details.title}: ${details.detail}`, data: details }
  return JSON.stringify({ jsonrpc: '2.0', id: idOf(body), error })
}
