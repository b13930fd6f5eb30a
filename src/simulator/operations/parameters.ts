/** How operations read bodies and query parameters, and which values they refuse. */
import { PlatformError } from '../model/platform-error.ts'
import type { PlatformRequest } from './operation.ts'

type QueryValue = PlatformRequest['query'][string]

/**
 * A body that must be a JSON object.
 *
 * @throws {PlatformError} 400 `bad.request` for anything else.
 */
export function parseObject(body: unknown): Record<string, unknown> {
  if (typeof body !== 'object' || body === null || Array.isArray(body)) throw new PlatformError('bad.request')
  return body as Record<string, unknown>
}

/**
 * A string field that may be absent or null.
 *
 * @throws {PlatformError} 400 `bad.request` for another type.
 */
export function parseOptionalString(body: Record<string, unknown>, field: string): string | undefined {
  const value = body[field] ?? undefined
  if (value !== undefined && typeof value !== 'string') throw new PlatformError('bad.request')
  return value
}

/** The values of a list parameter, which clients repeat or join with commas (the SDK joins them, docs/genesys-cloud.md rule 79). */
export function parseList(value: QueryValue): string[] {
  return [value ?? []]
    .flat()
    .flatMap((part) => part.split(','))
    .filter((part) => part !== '')
}

/**
 * `pageSize` (default 25, at most 100) and `pageNumber` (default 1).
 *
 * @throws {PlatformError} 400 `invalid.value` for anything else.
 */
export function parsePaging(query: PlatformRequest['query']): { pageSize: number; pageNumber: number } {
  return { pageSize: parsePositiveInteger(query['pageSize'], 25, 100), pageNumber: parsePositiveInteger(query['pageNumber'], 1, 1_000_000) }
}

function parsePositiveInteger(value: QueryValue, defaultValue: number, max: number): number {
  if (value === undefined) return defaultValue
  const number = Number(value)
  if (Number.isInteger(number) && number >= 1 && number <= max) return number
  throw new PlatformError('invalid.value', { values: [String(value), 'Integer', `1 to ${max}`] })
}
