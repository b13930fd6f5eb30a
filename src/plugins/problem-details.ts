/** Every error as RFC 9457 problem details: ours, Fastify's, the HTTP parser's, and the routes that are not there. */
import { STATUS_CODES } from 'node:http'
import type { Socket } from 'node:net'
import type { ConnectionError, FastifyError, FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import fp from 'fastify-plugin'
import { StoreUnavailable } from '../ledger/ledger.ts'
import { Problem, problemDetails } from '../model/problems.ts'
import { logAnswer } from './audit-log.ts'
import { validationProblem } from './validation-problem.ts'

const contentType = 'application/problem+json; charset=utf-8'

/** What Fastify and Node refuse by themselves. Their own messages repeat addresses and bodies, which may hold numbers. */
const transport: Readonly<Record<number, string>> = {
  408: 'The request did not arrive in time.',
  413: 'The body is larger than 64 KiB.',
  414: 'The address is too long.',
  415: 'The body must be application/json.',
  416: 'There is nothing in this range.',
  431: 'The headers are too large.',
}
const byCode: Readonly<Record<string, string>> = {
  FST_ERR_CTP_INVALID_JSON_BODY: 'The body is not valid JSON.',
  FST_ERR_CTP_EMPTY_JSON_BODY: 'The body is empty.',
  FST_ERR_BAD_URL: 'The address is not well-formed.',
}

/** What an error means to the caller. An unexpected one tells nothing of its inside. */
function asProblem(error: unknown): Problem {
  if (error instanceof Problem) return error
  if (error instanceof StoreUnavailable) return new Problem('STORE_UNAVAILABLE', 'The ledger cannot be read or written now.')
  const {
    code = '',
    statusCode = 500,
    validation: [fault] = [],
    validationContext = 'body',
    expose,
  } = (error ?? {}) as Partial<FastifyError> & { expose?: boolean }
  if (fault) return validationProblem(fault, validationContext)
  // `expose` is how http-errors mark what the client did wrong. A foreign error's status says nothing about our caller's request.
  if (statusCode >= 400 && statusCode < 500 && (code.startsWith('FST_') || expose))
    return new Problem('INVALID_REQUEST', byCode[code] ?? transport[statusCode] ?? 'The request cannot be read.', { status: statusCode })
  // The closed list has no code for a fault of ours; the honest one is that nobody knows how far it got.
  return new Problem('OUTCOME_UNKNOWN', 'Something went wrong in Handoff itself.', { status: 500 })
}

function send(request: FastifyRequest, reply: FastifyReply, problem: Problem): FastifyReply {
  request.problem = problem
  if (problem.retryable && problem.retryAfterSeconds !== undefined) void reply.header('retry-after', problem.retryAfterSeconds)
  if (problem.status === 401) void reply.header('www-authenticate', 'Bearer')
  return reply
    .code(problem.status)
    .type(contentType)
    .send(JSON.stringify(problemDetails(problem)))
}

/**
 * Options for Fastify itself: errors that come before any route or hook, and so never reach an error handler.
 * Fastify would answer them with bodies of its own, as it would requests during a stop (plugins/stopping.ts).
 */
export const beforeRoutes = {
  return503OnClosing: false,
  frameworkErrors(error: FastifyError, request: FastifyRequest, reply: FastifyReply): void {
    void send(request, reply, asProblem(error))
    logAnswer(request, reply)
  },
  clientErrorHandler(this: FastifyInstance, error: ConnectionError, socket: Socket): void {
    if (error.code === 'ECONNRESET' || socket.destroyed) return
    const status = { ERR_HTTP_REQUEST_TIMEOUT: 408, HPE_HEADER_OVERFLOW: 431 }[error.code] ?? 400
    const body = JSON.stringify(problemDetails(new Problem('INVALID_REQUEST', transport[status] ?? 'This is not HTTP.', { status })))
    this.log.info({ status, code: 'INVALID_REQUEST', reason: error.code }, 'request could not be read')
    if (socket.writable)
      socket.write(
        `HTTP/1.1 ${status} ${STATUS_CODES[status]}\r\ncontent-type: ${contentType}\r\ncontent-length: ${Buffer.byteLength(body)}\r\nconnection: close\r\n\r\n${body}`,
      )
    socket.destroy(error)
  },
}

/** Remembers the methods of each route, for telling 405 from 404. */
function methodsByPath(app: FastifyInstance): (path: string) => string[] {
  const routes: Array<{ path: RegExp; methods: string[] }> = []
  app.addHook('onRoute', ({ url, method }) => {
    const path = url
      .replaceAll('.', '\\.')
      .replaceAll('*', '.*')
      .replaceAll(/:[A-Za-z]+/g, '[^/]+')
    routes.push({ path: new RegExp(`^${path}$`), methods: [method].flat() })
  })
  return (path) => [...new Set(routes.filter((route) => route.path.test(path)).flatMap(({ methods }) => methods))]
}

function problemDetailsPlugin(app: FastifyInstance, _options: object, done: () => void): void {
  const methodsAt = methodsByPath(app)
  app.setErrorHandler((error, request, reply) => {
    const problem = asProblem(error)
    if (problem.status === 500) request.log.error({ err: error }, 'an unexpected error')
    return send(request, reply, problem)
  })
  app.setNotFoundHandler((request, reply) => {
    const allowed = methodsAt(request.url.split('?')[0] ?? '')
    if (allowed.length === 0 || allowed.includes(request.method))
      return send(request, reply, new Problem('INVALID_REQUEST', 'There is nothing at this address.', { status: 404 }))
    return send(
      request,
      reply.header('allow', allowed.join(', ')),
      new Problem('INVALID_REQUEST', `${request.method} is not possible here; ${allowed.join(', ')} is.`, { status: 405 }),
    )
  })
  app.decorateRequest('problem')
  done()
}

declare module 'fastify' {
  interface FastifyRequest {
    /** The refusal that the request was answered with. */
    problem: Problem | undefined
  }
}
export default fp(problemDetailsPlugin, { name: 'problem-details', fastify: '5.x' })
