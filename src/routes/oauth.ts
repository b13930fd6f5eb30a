/** /oauth/token: issues tokens by the client credentials grant (RFC 6749 §4.4). For Architect's "User Defined (OAuth)", and for other clients that should not send a key with each request. */
import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import type { FastifyError, FastifyReply, FastifyRequest } from 'fastify'
import { tokenLifetimeSeconds } from '../auth/access-token.ts'
import { listCandidateKeys, checkGrant, parseForm, TokenRequestError, type TokenErrorCode } from '../auth/token-request.ts'
import type { ApiKey } from '../ledger/contract/api-keys.ts'
import { StoreUnavailable } from '../ledger/contract/errors.ts'
import { Problem } from '../model/problems.ts'
import { hasHungUp } from './hung-up.ts'
import { bodyTooLarge, statusOf } from './problem-response.ts'
import { jsonResponse, ref } from './schemas/responses.ts'
import { TokenErrorSchema, TokenRequestSchema, TokenSchema } from './schemas/token.ts'

/** A token must not be stored by caches (RFC 6749 §5.1). */
const noStoreHeaders = { 'cache-control': 'no-store', pragma: 'no-cache' }
const storeRetryAfterSeconds = 5

interface ErrorResponse {
  status: number
  code: TokenErrorCode
  description: string
  retryAfterSeconds?: number | undefined
}

/** The response to an error of any kind, with a code of RFC 6749 §5.2. */
function toErrorResponse(error: unknown, request: FastifyRequest): ErrorResponse {
  if (error instanceof TokenRequestError) return { status: 400, code: error.code, description: error.message }
  if (error instanceof StoreUnavailable)
    return {
      status: 503,
      code: 'temporarily_unavailable',
      description: 'Keys cannot be looked up now.',
      retryAfterSeconds: storeRetryAfterSeconds,
    }
  if (error instanceof Problem) {
    const status = statusOf(error)
    // From 429 on the request may succeed later: the rate limit is exceeded, or the service has a problem.
    const code = status === 401 ? 'invalid_client' : status < 429 ? 'invalid_request' : 'temporarily_unavailable'
    return { status, code, description: error.message, retryAfterSeconds: error.retryAfterSeconds }
  }
  const { statusCode: status = 500, code = '' } = (error ?? {}) as Partial<FastifyError>
  if (hasHungUp(request) || (status >= 400 && status < 500 && code.startsWith('FST_')))
    return {
      status,
      code: 'invalid_request',
      description: status === 413 ? bodyTooLarge : 'The request cannot be read: it must be a form or a JSON object of strings.',
    }
  return { status: 500, code: 'server_error', description: 'Something went wrong in Handoff itself.' }
}

/**
 * Whether a browser sent the request. To the challenge `Basic` a browser would open its own password dialog, and the page would get no
 * response until someone answers it. No single header is certain: over plain HTTP, browsers send Sec-Fetch headers to localhost only, but
 * they send Origin with every POST.
 */
const isFromBrowser = ({ headers }: FastifyRequest): boolean =>
  ['sec-fetch-site', 'sec-fetch-mode', 'origin', 'x-requested-with'].some((name) => headers[name] !== undefined) ||
  headers.accept?.includes('text/html') === true ||
  headers['user-agent']?.startsWith('Mozilla/') === true

/** The challenge of a 401. RFC 6749 §5.2 requires `Basic` only for clients that used it, and a browser must not get it. */
const challengeFor = (request: FastifyRequest): string =>
  /^basic /i.test(request.headers.authorization ?? '') && !isFromBrowser(request) ? 'Basic realm="Handoff"' : 'Bearer'

function sendTokenError(error: unknown, request: FastifyRequest, reply: FastifyReply): FastifyReply {
  const { status, code, description, retryAfterSeconds } = toErrorResponse(error, request)
  if (status === 500) request.log.error({ err: error }, 'an unexpected error')
  if (error instanceof Problem) request.problem = error
  if (retryAfterSeconds !== undefined) void reply.header('retry-after', retryAfterSeconds)
  if (status === 401) void reply.header('www-authenticate', challengeFor(request))
  return reply
    .code(status)
    .headers(noStoreHeaders)
    .type('application/json; charset=utf-8')
    .send({ error: code, error_description: description })
}

const errorResponse = (description: string) => jsonResponse(description, ref(TokenErrorSchema))
/** The statuses of errors, each with what it means. */
const errorResponses = {
  400: errorResponse('The request is not valid, or asks for another grant'),
  401: errorResponse('The key is unknown or revoked, or the client id is not its id'),
  413: errorResponse('The body is too large'),
  415: errorResponse('The body is neither a form nor JSON'),
  429: errorResponse('Too many requests from this caller'),
  500: errorResponse('Something went wrong in Handoff itself'),
  503: errorResponse('Keys cannot be looked up now, or the service is stopping'),
}

export const oauthRoutes: FastifyPluginAsyncTypebox = async (app) => {
  app.addContentTypeParser('application/x-www-form-urlencoded', { parseAs: 'string' }, (_request, body, parsed) => {
    try {
      parsed(null, parseForm(String(body)))
    } catch (error) {
      parsed(error as Error)
    }
  })

  app.post(
    '/token',
    {
      errorHandler: sendTokenError,
      schema: {
        operationId: 'issueToken',
        tags: ['callers'],
        summary: 'Issue a token for a key (client credentials)',
        description: 'Valid for 15 minutes as Authorization: Bearer, but no longer than its key.',
        consumes: ['application/x-www-form-urlencoded', 'application/json'],
        body: TokenRequestSchema,
        response: { 200: jsonResponse('A token', TokenSchema), ...errorResponses },
      },
    },
    async (request, reply) => {
      const { body, headers } = request
      let key: ApiKey | undefined
      for (const text of listCandidateKeys(headers.authorization, body)) key ??= await app.auth.findKey(text)
      if (!key)
        return app.auth.rejectAndAudit(
          request,
          new Problem('UNAUTHENTICATED', 'Unknown client: client_id must be the id of a valid key, client_secret the whole key.'),
        )
      request.caller = key
      await app.auth.checkRateLimit(request)
      checkGrant(body)
      void reply.headers(noStoreHeaders)
      return {
        access_token: await app.auth.issueToken(key),
        token_type: 'Bearer' as const,
        expires_in: tokenLifetimeSeconds,
        scope: key.scopes.join(' '),
      }
    },
  )
}
