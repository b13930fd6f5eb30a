/** What an operation of the Platform API is, and by which name faults and the request log refer to it. */
import type { PlatformState } from '../model/platform-state.ts'
import type { NotificationService } from '../notifications/notification-service.ts'
import type { RequiredPermissions } from './permissions.ts'

/** A request as an operation reads it. */
export interface PlatformRequest {
  /** The path parameters. */
  readonly params: Readonly<Record<string, string>>
  readonly query: Readonly<Record<string, string | string[] | undefined>>
  /** The parsed JSON; undefined for an empty body. */
  readonly body: unknown
  /** The host and port that the request was sent to, as the client named them. */
  readonly host: string
  /** The access token of the request. Requests with the same token share one object, so compare with `===`. */
  readonly token: object
}

/** The response of the platform; without `body` it is empty. */
export interface PlatformResponse {
  readonly status: number
  readonly body?: unknown
}

/** What an operation can read and change. */
export interface OperationContext {
  readonly platform: PlatformState
  readonly notifications: NotificationService
}

/** One endpoint of the Platform API: where it is, who can call it (docs/genesys-cloud.md rule 1), and what it does. */
export interface Operation {
  readonly method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE'
  /** The path below /api/v2, with parameters as `:name`. */
  readonly path: string
  /** The permissions that the client needs; absent if it needs none. */
  readonly requires?: RequiredPermissions
  /** Whether the assignment service handles it, whose limit is for the whole organization (docs/genesys-cloud.md rule 67). */
  readonly isAssignment?: boolean
  /** Executes the request. Throws PlatformError to refuse it. */
  readonly handle: (context: OperationContext, request: PlatformRequest) => PlatformResponse
}

/** The name of an operation in faults and in the request log, such as `GET /conversations/{id}`. */
export function formatOperationName(method: string, path: string): string {
  return `${method} ${path.replaceAll(/:\w+/g, '{id}')}`
}
