import { PlatformError } from './platform-errors.ts'
import type { World } from '../world.ts'

/** A request as an operation reads it: path parameters, query, and the body as parsed JSON. */
export interface PlatformRequest {
  readonly params: Readonly<Record<string, string>>
  readonly query: Readonly<Record<string, string | string[] | undefined>>
  readonly body: unknown
  /** The host and port that the request was sent to, as its client names them. */
  readonly host: string
  /** The access token that it came with. */
  readonly token: object
}

/** What the platform answers; no body means an empty one. */
export interface PlatformAnswer {
  readonly status: number
  readonly body?: unknown
}

/** One endpoint of the Platform API: where it is, who may call it (genesys-api §1), what it does. Refusals are PlatformErrors. */
export interface Operation {
  readonly method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE'
  /** Below /api/v2. */
  readonly path: string
  readonly needs?: { readonly type: 'ANY' | 'ALL'; readonly permissions: readonly string[] }
  readonly answer: (world: World, request: PlatformRequest) => PlatformAnswer
}

/** `GET /conversations/{id}`: the operation's name in calls and faults. */
export function operationName(method: string, path: string): string {
  return `${method} ${path.replaceAll(/:\w+/g, '{id}')}`
}

/** Throws 403 with the documented wording unless `granted` holds what the operation needs. */
export function checkPermissions(operation: Operation, granted: 'all' | readonly string[]): void {
  if (operation.needs === undefined || granted === 'all') return
  const { type, permissions } = operation.needs
  const missing = permissions.filter((permission) => !granted.includes(permission))
  if (type === 'ANY' && missing.length === permissions.length) {
    throw new PlatformError('missing.any.permissions', { values: [`[${permissions.join(', ')}]`] })
  }
  if (type === 'ALL' && missing.length > 0) throw new PlatformError('missing.permissions', { values: [`[${missing.join(', ')}]`] })
}

/** The JSON object of a body. Throws 400 bad.request for anything else. */
export function objectBody(body: unknown): Record<string, unknown> {
  if (typeof body !== 'object' || body === null || Array.isArray(body)) throw new PlatformError('bad.request')
  return body as Record<string, unknown>
}

/** A string field that may be absent or null. Throws 400 bad.request for another type. */
export function optionalString(body: Record<string, unknown>, field: string): string | undefined {
  const value = body[field] ?? undefined
  if (value !== undefined && typeof value !== 'string') throw new PlatformError('bad.request')
  return value
}

/** The values of a list parameter, repeated or comma-joined (the SDK joins, genesys-api §8.8). */
export function listParameter(value: string | string[] | undefined): string[] {
  return [value ?? []]
    .flat()
    .flatMap((part) => part.split(','))
    .filter((part) => part !== '')
}

/** `pageSize` (25, at most 100) and `pageNumber` (1). Throws 400 invalid.value for anything else. */
export function paging(query: PlatformRequest['query']): { pageSize: number; pageNumber: number } {
  return { pageSize: countParameter(query['pageSize'], 25, 100), pageNumber: countParameter(query['pageNumber'], 1, 1_000_000) }
}

function countParameter(value: string | string[] | undefined, usual: number, most: number): number {
  if (value === undefined) return usual
  const number = Number(value)
  if (Number.isInteger(number) && number >= 1 && number <= most) return number
  throw new PlatformError('invalid.value', { values: [String(value), 'Integer', `1 to ${most}`] })
}
