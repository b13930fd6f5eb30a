/** Which requests the platform admits: those with a valid token, within the limits of token and organization, and with the permissions. */
import type { FastifyReply, FastifyRequest } from 'fastify'
import { limitNames, type Limit } from '../model/limits.ts'
import { PlatformError } from '../model/platform-error.ts'
import type { Operation } from '../operations/operation.ts'
import { checkPermissions } from '../operations/permissions.ts'
import type { SimulatorContext } from './context.ts'
import type { Token } from './token-store.ts'

/**
 * Checks the token, the rate limit of the token, the limit of the organization if the operation has one, and the permissions, in this
 * order. Sets the rate-limit headers, which are about the token (docs/genesys-cloud.md rule 68).
 *
 * @returns The token of the request.
 * @throws {PlatformError} 401, 429 with Retry-After, or 403.
 */
export function admitRequest(context: SimulatorContext, operation: Operation, request: FastifyRequest, reply: FastifyReply): Token {
  const { platform, tokens } = context
  const { requestsPerMinute: allowed, assignmentRequestsPerMinute, permissions } = platform.settings
  const token = tokens.authenticate(request.headers.authorization)
  const { count, resetSeconds } = tokens.countRequest(token)
  void reply.headers({ 'inin-ratelimit-count': count, 'inin-ratelimit-allowed': allowed, 'inin-ratelimit-reset': resetSeconds })
  if (count > allowed) throw createLimitError({ ...limitNames.token, value: allowed }, resetSeconds, reply)
  if (operation.isAssignment === true && assignmentRequestsPerMinute !== null) {
    const window = context.assignmentWindow.countRequest(platform.clock.now())
    if (window.count > assignmentRequestsPerMinute)
      throw createLimitError({ ...limitNames.organization, value: assignmentRequestsPerMinute }, window.resetSeconds, reply)
  }
  checkPermissions(operation.requires, permissions)
  return token
}

/** Creates the 429 and sets its Retry-After. */
function createLimitError(limit: Limit, resetSeconds: number, reply: FastifyReply): PlatformError {
  void reply.header('retry-after', resetSeconds)
  return new PlatformError('too.many.requests', { values: [String(resetSeconds)], limit })
}
