/** Refuses requests whose headers are invalid or not supported, and adds the headers that every response has. */
import type { FastifyInstance, FastifyRequest } from 'fastify'
import fp from 'fastify-plugin'
import { HttpProblem, responseHeaders } from '../../routes/problem-response.ts'
import { checkHostAndExpect } from '../errors/host-and-expect.ts'

/** The problem with the body's encoding, if any. Without this check, the body parsers would call such a body malformed. */
function checkBodyEncoding({ headers }: FastifyRequest): HttpProblem | undefined {
  const isEncoded = (headers['content-encoding']?.toLowerCase() ?? 'identity') !== 'identity'
  const isCompressed = (headers['transfer-encoding']?.toLowerCase() ?? 'chunked') !== 'chunked'
  if (isEncoded || isCompressed)
    return new HttpProblem(
      'INVALID_REQUEST',
      'The body must not be compressed: send it without Content-Encoding, and with no Transfer-Encoding but chunked.',
      415,
    )
  const [, charset = 'utf-8'] = /;\s*charset\s*=\s*"?([^\s";]*)/i.exec(headers['content-type'] ?? '') ?? []
  // US-ASCII is a part of UTF-8.
  if (!['utf-8', 'utf8', 'us-ascii', 'ascii'].includes(charset.toLowerCase()))
    return new HttpProblem('INVALID_REQUEST', 'The body must be in UTF-8.', 415)
}

/** Whether the request has no body, whatever its Content-Type says. */
const isWithoutBody = ({ headers }: FastifyRequest): boolean =>
  headers['transfer-encoding'] === undefined && Number(headers['content-length'] ?? 0) === 0

function requestHeadersPlugin(app: FastifyInstance, _options: object, done: () => void): void {
  app.addHook('onRequest', (request, reply, next) => {
    const problem = checkHostAndExpect(request)
    if (problem?.status === 400) void reply.header('connection', 'close')
    next(problem)
  })
  app.addHook('preParsing', (request, reply, payload, next) => {
    if (isWithoutBody(request)) {
      // Many clients send a Content-Type with every POST. It does not matter where no body is needed.
      if (!request.routeOptions.schema?.body) delete request.headers['content-type']
      next(null, payload)
      return
    }
    const problem = checkBodyEncoding(request)
    // Tells the client which encoding is accepted (RFC 9110 §12.5.3).
    if (problem) void reply.header('accept-encoding', 'identity')
    next(problem ?? null, payload)
  })
  app.addHook('onSend', (_request, reply, payload, next) => {
    for (const [name, value] of Object.entries(responseHeaders)) if (!reply.hasHeader(name)) void reply.header(name, value)
    next(null, payload)
  })
  done()
}

export default fp(requestHeadersPlugin, { name: 'request-headers', fastify: '5.x' })
