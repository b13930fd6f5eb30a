/** Errors that occur before any route or hook, so that no error handler sees them: an address that cannot be parsed, and headers that are not HTTP, too large or too late. */
import type { Socket } from 'node:net'
import type { ConnectionError, FastifyError, FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { HttpProblem, problemContentType, problemDetails, responseHeaders, sendProblem } from '../routes/problem-response.ts'
import { logRequest } from './request-log.ts'
import { errorToProblem, transportDetails } from './errors/error-to-problem.ts'
import { checkHostAndExpect } from './errors/host-and-expect.ts'

// An `import` would read every export of the module, and some of them load Node's own copy of undici (9 MB).
const { STATUS_CODES } = process.getBuiltinModule('node:http')

const statusByErrorCode: Readonly<Record<string, number>> = { ERR_HTTP_REQUEST_TIMEOUT: 408, HPE_HEADER_OVERFLOW: 431 }

/** A whole HTTP response, for a connection without a request. */
function rawResponse(problem: HttpProblem): string {
  const body = JSON.stringify(problemDetails(problem))
  const head = [
    `HTTP/1.1 ${problem.status} ${STATUS_CODES[problem.status]}`,
    `content-type: ${problemContentType}`,
    `content-length: ${Buffer.byteLength(body)}`,
    ...Object.entries(responseHeaders).map(([name, value]) => `${name}: ${value}`),
    'connection: close',
  ]
  return `${head.join('\r\n')}\r\n\r\n${body}`
}

/** Sends a refusal on a connection without a request, and closes the connection. */
export function endWithProblem(socket: Socket, problem: HttpProblem): void {
  if (socket.writable) socket.write(rawResponse(problem))
  socket.destroySoon()
}

/** Fastify server options. Without them Fastify answers these errors in its own format. */
export const earlyErrorOptions = {
  /** Requests during a shutdown are answered by the graceful-shutdown plugin. */
  return503OnClosing: false,

  frameworkErrors(error: FastifyError, request: FastifyRequest, reply: FastifyReply): void {
    const problem = checkHostAndExpect(request) ?? errorToProblem(error, request)
    // No hook sees such a request, so the connection is not used for another one.
    void sendProblem(request, reply.headers({ ...responseHeaders, connection: 'close' }), problem)
    logRequest(request, reply, reply.statusCode)
  },

  clientErrorHandler(this: FastifyInstance, error: ConnectionError, socket: Socket): void {
    if (error.code === 'ECONNRESET' || socket.destroyed) return
    const status = statusByErrorCode[error.code] ?? 400
    const problem = new HttpProblem('INVALID_REQUEST', transportDetails[status] ?? 'This is not HTTP.', status)
    if (this.unauthenticatedLineLimit.admits(String(status)))
      this.log.info({ status, code: problem.code, reason: error.code }, 'request could not be read')
    if (socket.writable) socket.write(rawResponse(problem))
    socket.destroy(error)
  },
}
