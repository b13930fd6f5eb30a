/** How one operation of the platform is called: its ids are checked, its options reach the HTTP client, and its response is parsed. */
import { runInContext, type CallContext, type CallOptions } from './call-options.ts'
import { GenesysError } from './errors.ts'
import { familyOf } from './rate-limit/families.ts'
import type { Lane } from './rate-limit/lanes.ts'

/** What the platform returns for an accepted command. */
export interface CommandReceipt {
  correlationId?: string
}

/**
 * Calls an operation that returns a JSON object; in lane 'read' unless the options say otherwise.
 * @param call calls the SDK or the HTTP client
 * @param parse returns undefined if the response does not have the documented shape
 * @throws GenesysError; `malformed` if `parse` returns undefined, `rejected` if `id` would change the path
 */
export async function callAndParse<T>(
  operation: string,
  id: string,
  options: CallOptions,
  call: () => Promise<unknown>,
  parse: (value: unknown) => T | undefined,
): Promise<T> {
  const context = createContext(operation, [id], 'object', withDefaultLane(options, 'read'))
  const parsed = parse(await runInContext(context, call))
  if (parsed !== undefined) return parsed
  throw new GenesysError({ operation, reason: 'malformed', effect: 'unknown', status: 200, correlationId: context.correlationId })
}

/** Calls an operation whose response body is not needed; in lane 'command' unless the options say otherwise. @throws GenesysError */
export async function sendCommand(
  operation: string,
  ids: readonly string[],
  options: CallOptions,
  call: () => Promise<unknown>,
): Promise<CommandReceipt> {
  const context = createContext(operation, ids, 'nothing', withDefaultLane(options, 'command'))
  await runInContext(context, call)
  return context.correlationId ? { correlationId: context.correlationId } : {}
}

export const withDefaultLane = (options: CallOptions, lane: Lane): CallOptions & { lane: Lane } => ({
  ...options,
  lane: options.lane ?? lane,
})

function createContext(
  operation: string,
  ids: readonly string[],
  expects: CallContext['expects'],
  options: CallOptions & { lane: Lane },
): CallContext {
  if (!ids.every(isPathSegment)) throw new GenesysError({ operation, reason: 'rejected', effect: 'none' })
  return { ...options, operation, family: familyOf(operation), expects }
}

/** Dots alone would climb up the path, even when percent-encoded (WHATWG URL §4.5). The SDK encodes everything else. */
const isPathSegment = (id: unknown): boolean => typeof id === 'string' && id.length <= 255 && !/^(\.|%2e){0,2}$/i.test(id)
