import { randomUUID } from 'node:crypto'
import { setTimeout as pause } from 'node:timers/promises'
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import type { CallLog } from './call-log.ts'
import { CONVERSATION_OPERATIONS } from './conversation-operations.ts'
import { deliver } from '../calls/delivery.ts'
import type { Faults, Trouble } from './faults.ts'
import { logIn, type OAuthClient } from './login.ts'
import { NOTIFICATION_OPERATIONS } from '../notifications/operations.ts'
import { errorBody, errorForStatus, PlatformError } from './platform-errors.ts'
import { checkPermissions, operationName, type Operation, type PlatformAnswer, type PlatformRequest } from './platform-operation.ts'
import { ROUTING_OPERATIONS } from './routing-operations.ts'
import type { Tokens } from './tokens.ts'
import type { World } from '../world.ts'

/** Everything behind the platform's doors. */
export interface Platform {
  readonly world: World
  readonly tokens: Tokens
  readonly faults: Faults
  readonly log: CallLog
  readonly client: OAuthClient
}

const LOGIN = 'POST /oauth/token'
const OPERATIONS = [...CONVERSATION_OPERATIONS, ...ROUTING_OPERATIONS, ...NOTIFICATION_OPERATIONS]

/** The names that faults and calls go by. */
export const OPERATION_NAMES: readonly string[] = [LOGIN, ...OPERATIONS.map(({ method, path }) => operationName(method, path))]

/** Registers the login, the operations under /api/v2 and the documented 404 for everything else. */
export function platformApi(server: FastifyInstance, platform: Platform): void {
  // Bodies stay text until the request is admitted, so that a malformed one is counted and refused like any other.
  server.removeAllContentTypeParsers()
  server.addContentTypeParser('*', { parseAs: 'string' }, (_request, body, done) => done(null, body))

  server.post('/oauth/token', (request, reply) =>
    exchange(
      platform,
      LOGIN,
      request,
      reply,
      () => {},
      () => loginAnswer(platform, request),
    ),
  )
  for (const operation of OPERATIONS) {
    const name = operationName(operation.method, operation.path)
    server.route({
      method: operation.method,
      url: `/api/v2${operation.path}`,
      handler: (request, reply) =>
        exchange(
          platform,
          name,
          request,
          reply,
          () => admit(platform, operation, request, reply),
          () => operation.answer(platform.world, platformRequest(platform, request)),
        ),
    })
  }
  server.setNotFoundHandler((request, reply) => {
    const refuse = () => {
      throw new PlatformError('not.found')
    }
    return exchange(platform, `${request.method} (unknown)`, request, reply, refuse, refuse)
  })
  server.setErrorHandler((error: { statusCode?: number }, _request, reply) => {
    const refusal = errorForStatus(error.statusCode ?? 500)
    const correlationId = randomUUID()
    return reply.code(refusal.status).header('inin-correlation-id', correlationId).send(errorBody(refusal, correlationId))
  })
}

/** One request from arrival to answer: admitted, met by a fault or not, acted upon at once, answered after the latency. */
async function exchange(
  { world, faults, log }: Platform,
  name: string,
  request: FastifyRequest,
  reply: FastifyReply,
  admitted: () => void,
  act: () => PlatformAnswer,
): Promise<FastifyReply> {
  const entry = log.arrived(name, request.url, world.clock.now())
  const correlationId = randomUUID()
  void reply.header('inin-correlation-id', correlationId)
  let trouble: Trouble | undefined
  let answer: PlatformAnswer = { status: 200 }
  try {
    admitted()
    trouble = faults.next(name, (request.params as { conversationId?: string }).conversationId)
    if (trouble?.acts !== false) answer = act()
  } catch (error) {
    if (!(error instanceof PlatformError)) throw error
    answer = { status: error.status, body: errorBody(error, correlationId) }
  }
  const delayMs = world.settings.latencyMs + (trouble?.delayMs ?? 0)
  if (delayMs > 0) await pause(delayMs)
  return deliver(reply, entry, answer, trouble)
}

/** Token, allowance, permissions, in this order: 401, 429 with Retry-After, 403. Sets the rate-limit headers. */
function admit({ world, tokens }: Platform, operation: Operation, request: FastifyRequest, reply: FastifyReply): void {
  const token = tokens.admit(request.headers.authorization)
  const { count, resetSeconds } = tokens.count(token)
  const allowed = world.settings.requestsPerMinute
  void reply.headers({ 'inin-ratelimit-count': count, 'inin-ratelimit-allowed': allowed, 'inin-ratelimit-reset': resetSeconds })
  if (count > allowed) {
    void reply.header('retry-after', resetSeconds)
    throw new PlatformError('too.many.requests', { values: [String(resetSeconds)] })
  }
  checkPermissions(operation, world.settings.permissions)
}

function loginAnswer({ client, tokens, world }: Platform, request: FastifyRequest): PlatformAnswer {
  const { tokenLifetimeSeconds } = world.settings
  const form = typeof request.body === 'string' ? request.body : ''
  return logIn(client, request.headers.authorization, form, tokenLifetimeSeconds, () => tokens.issue(tokenLifetimeSeconds))
}

function platformRequest({ tokens }: Platform, request: FastifyRequest): PlatformRequest {
  const { params, query } = request as { params: PlatformRequest['params']; query: PlatformRequest['query'] }
  const token = tokens.admit(request.headers.authorization)
  return { params, query, body: bodyOf(request), host: request.host, token }
}

function bodyOf({ body, headers }: FastifyRequest): unknown {
  if (typeof body !== 'string' || body === '') return undefined
  if (headers['content-type']?.startsWith('application/json') !== true) throw new PlatformError('unsupported.media.type')
  try {
    return JSON.parse(body)
  } catch {
    throw new PlatformError('bad.request')
  }
}
