/** How an HTTP request is parsed into the request that an operation reads. */
import type { FastifyRequest } from 'fastify'
import { PlatformError } from '../model/platform-error.ts'
import type { PlatformRequest } from '../operations/operation.ts'

/**
 * Parses a request.
 *
 * @throws {PlatformError} 415 for a body that is not declared as JSON, 400 for one that is not JSON.
 */
export function createPlatformRequest(request: FastifyRequest, token: object): PlatformRequest {
  const { params, query } = request as { params: PlatformRequest['params']; query: PlatformRequest['query'] }
  return { params, query, body: parseBody(request), host: request.host, token }
}

function parseBody({ body, headers }: FastifyRequest): unknown {
  if (typeof body !== 'string' || body === '') return undefined
  if (headers['content-type']?.startsWith('application/json') !== true) throw new PlatformError('unsupported.media.type')
  try {
    return JSON.parse(body)
  } catch {
    throw new PlatformError('bad.request')
  }
}
