/** Which requests the platform lets in: those with a valid token, within its allowance, and with the required permissions. */
import type { FastifyReply, FastifyRequest } from 'fastify'
import { PlatformError } from '../model/platform-error.ts'
import type { Operation } from '../operations/operation.ts'
import { checkPermissions } from '../operations/permissions.ts'
import type { SimulatorContext } from './context.ts'
import type { Token } from './token-store.ts'

/**
 * Checks the token, the rate limit and the permissions, in this order, and sets the rate-limit headers
 * (docs/genesys-cloud.md rule 68).
 *
 * @returns The token of the request.
 * @throws {PlatformError} 401, 429 with Retry-After, or 403.
 */
export function admitRequest(context: SimulatorContext, operation: Operation, request: FastifyRequest, reply: FastifyReply): Token {
  const { platform, tokens } = context
  const token = tokens.authenticate(request.headers.authorization)
  const { count, resetSeconds } = tokens.countRequest(token)
  const allowed = platform.settings.requestsPerMinute
  void reply.headers({ 'inin-ratelimit-count': count, 'inin-ratelimit-allowed': allowed, 'inin-ratelimit-reset': resetSeconds })
  if (count > allowed) {
    void reply.header('retry-after', resetSeconds)
    throw new PlatformError('too.many.requests', { values: [String(resetSeconds)] })
  }
  checkPermissions(operation.requires, platform.settings.permissions)
  return token
}
