/** POST /oauth/token: the client credentials grant, for Architect's "User Defined (OAuth)" and for all who would rather not send a key (RFC 6749 §4.4). */
import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import type { FastifyError, FastifyReply, FastifyRequest } from 'fastify'
import Type from 'typebox'
import { tokenSeconds } from '../auth/access-token.ts'
import { checkGrant, clientKeys, formOf, TokenRefused } from '../auth/token-request.ts'
import type { ApiKey } from '../ledger/ledger.ts'
import { StoreUnavailable } from '../ledger/ledger.ts'
import { Problem } from '../model/problems.ts'
import { answer, ref, TokenErrorSchema } from './schemas/shared.ts'

const Asked = Type.Object({
  grant_type: Type.Optional(Type.String({ description: 'client_credentials' })),
  client_id: Type.Optional(Type.String({ description: 'The middle part of hk_<id>_<secret>; or in Authorization: Basic' })),
  client_secret: Type.Optional(Type.String({ description: 'The whole key; or in Authorization: Basic' })),
  scope: Type.Optional(Type.String({ description: 'Not heeded: a token may do what its key may' })),
})
const Token = Type.Object({
  access_token: Type.String(),
  token_type: Type.Literal('Bearer'),
  expires_in: Type.Integer({ description: 'Seconds' }),
  scope: Type.String({ description: 'What the key may do now' }),
})

/** What a failure of any kind is called in RFC 6749 §5.2, as far as it has a word. */
function refusalOf(error: unknown): TokenRefused {
  if (error instanceof TokenRefused) return error
  if (error instanceof StoreUnavailable) return new TokenRefused('temporarily_unavailable', 'Keys cannot be looked up now.', 503)
  if (error instanceof Problem) {
    if (error.status === 401) return new TokenRefused('invalid_client', error.message, 401)
    return new TokenRefused(error.status < 429 ? 'invalid_request' : 'temporarily_unavailable', error.message, error.status)
  }
  const { statusCode = 500, code = '' } = (error ?? {}) as Partial<FastifyError>
  if (statusCode >= 400 && statusCode < 500 && code.startsWith('FST_'))
    return new TokenRefused('invalid_request', 'The request cannot be read: a form or a JSON object of strings is expected.', statusCode)
  return new TokenRefused('server_error', 'Something went wrong in Handoff itself.', 500)
}

function refuse(error: unknown, request: FastifyRequest, reply: FastifyReply): FastifyReply {
  const { code, message, status } = refusalOf(error)
  if (status === 500) request.log.error({ err: error }, 'an unexpected error')
  if (error instanceof Problem) request.problem = error
  const wait = error instanceof Problem ? error.retryAfterSeconds : status === 503 ? 5 : undefined
  if (wait !== undefined) void reply.header('retry-after', wait)
  if (status === 401) void reply.header('www-authenticate', 'Basic realm="Handoff"')
  return reply.code(status).headers(noStore).type('application/json; charset=utf-8').send({ error: code, error_description: message })
}
const noStore = { 'cache-control': 'no-store', pragma: 'no-cache' }

const failures = { description: 'Refused (RFC 6749 §5.2)', content: { 'application/json': { schema: ref(TokenErrorSchema) } } }

export const oauthRoutes: FastifyPluginAsyncTypebox = async (app) => {
  app.addContentTypeParser('application/x-www-form-urlencoded', { parseAs: 'string' }, (_request, body, parsed) => {
    try {
      parsed(null, formOf(String(body)))
    } catch (error) {
      parsed(error as Error)
    }
  })
  app.post(
    '/oauth/token',
    {
      errorHandler: refuse,
      schema: {
        operationId: 'issueToken',
        tags: ['callers'],
        summary: 'A token for a key (client credentials)',
        description: 'Good for 15 minutes as Authorization: Bearer, and no longer than its key.',
        consumes: ['application/x-www-form-urlencoded', 'application/json'],
        body: Asked,
        response: { 200: answer('A token', Token), '4xx': failures, '5xx': failures },
      },
    },
    async (request, reply) => {
      const { body, headers } = request
      let key: ApiKey | undefined
      for (const text of clientKeys(headers.authorization, body)) key ??= await app.auth.keyOf(text)
      if (!key)
        return app.auth.rejectAndAudit(
          request,
          new Problem('UNAUTHENTICATED', 'The client is not known: client_id must be the id of a valid key, client_secret the whole key.'),
        )
      await app.auth.checkRateLimit(request, key)
      checkGrant(body)
      void reply.headers(noStore)
      return {
        access_token: await app.auth.tokenFor(key),
        token_type: 'Bearer' as const,
        expires_in: tokenSeconds,
        scope: key.scopes.join(' '),
      }
    },
  )
}
