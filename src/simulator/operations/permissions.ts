/** Whether a client has the permissions that an operation requires. */
import { PlatformError } from '../model/platform-error.ts'

/** The permissions of an operation, as the platform documents them: any one of the list is enough, or all are needed. */
export type RequiredPermissions = { readonly anyOf: readonly string[] } | { readonly allOf: readonly string[] }

/**
 * Checks the permissions of the OAuth client.
 *
 * @throws {PlatformError} 403 with the documented message, when a required permission is missing.
 */
export function checkPermissions(required: RequiredPermissions | undefined, granted: 'all' | readonly string[]): void {
  if (required === undefined || granted === 'all') return
  if ('anyOf' in required) {
    if (required.anyOf.some((permission) => granted.includes(permission))) return
    throw new PlatformError('missing.any.permissions', { values: [`[${required.anyOf.join(', ')}]`] })
  }
  const missing = required.allOf.filter((permission) => !granted.includes(permission))
  if (missing.length > 0) throw new PlatformError('missing.permissions', { values: [`[${missing.join(', ')}]`] })
}
