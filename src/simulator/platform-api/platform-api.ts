/** Which HTTP routes the simulated platform has, and how it answers everything else. */
import { randomUUID } from 'node:crypto'
import type { FastifyInstance } from 'fastify'
import { createErrorForStatus, PlatformError } from '../model/platform-error.ts'
import { allOperations, loginOperationName } from '../operations/all-operations.ts'
import { formatOperationName } from '../operations/operation.ts'
import { admitRequest } from './admission.ts'
import type { SimulatorContext } from './context.ts'
import { createErrorBody } from './error-body.ts'
import { handleRequest } from './handle-request.ts'
import { logIn } from './login.ts'
import { createPlatformRequest } from './platform-request.ts'

/** Registers the login, the operations below /api/v2, and the documented 404 for any other path. */
export function registerPlatformApi(server: FastifyInstance, context: SimulatorContext): void {
  // Bodies stay text until the request is admitted, so that a malformed one is counted and refused like any other request.
  server.removeAllContentTypeParsers()
  server.addContentTypeParser('*', { parseAs: 'string' }, (_request, body, done) => done(null, body))

  server.post('/oauth/token', (request, reply) =>
    handleRequest(context, loginOperationName, request, reply, {
      admit: () => {},
      execute: () => logIn(context, request.headers.authorization, typeof request.body === 'string' ? request.body : ''),
    }),
  )
  for (const operation of allOperations) {
    const name = formatOperationName(operation.method, operation.path)
    server.route({
      method: operation.method,
      url: `/api/v2${operation.path}`,
      handler: (request, reply) =>
        handleRequest(context, name, request, reply, {
          admit: () => admitRequest(context, operation, request, reply),
          execute: (token) => operation.handle(context, createPlatformRequest(request, token)),
        }),
    })
  }
  server.setNotFoundHandler((request, reply) => {
    const refuse = () => {
      throw new PlatformError('not.found')
    }
    return handleRequest(context, `${request.method} (unknown)`, request, reply, { admit: refuse, execute: refuse })
  })
  // What Fastify refuses by itself, such as a body that is too large, does not reach handleRequest.
  server.setErrorHandler((error: { statusCode?: number }, _request, reply) => {
    const refusal = createErrorForStatus(error.statusCode ?? 500)
    const correlationId = randomUUID()
    return reply.code(refusal.status).header('inin-correlation-id', correlationId).send(createErrorBody(refusal, correlationId))
  })
}
