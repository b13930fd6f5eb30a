/** Refuses requests whose headers ask for something that the service does not do, and adds the headers that every response has. */
import type { FastifyInstance, FastifyRequest } from 'fastify'
import fp from 'fastify-plugin'
import { HttpProblem } from '../../routes/problem-response.ts'

/** What Node would refuse without a body (RFC 9112 §3.2, RFC 9110 §10.1.1). */
function checkMessage({ headers, raw }: FastifyRequest): HttpProblem | undefined {
  if (headers.host === undefined && raw.httpVersion === '1.1') return new HttpProblem('INVALID_REQUEST', 'The header Host is missing.', 400)
  if (headers.expect !== undefined && headers.expect.toLowerCase() !== '100-continue')
    return new HttpProblem('INVALID_REQUEST', 'Of the header Expect, only 100-continue is supported.', 417)
}

/** What the parsers of bodies cannot read. Without this they would call it malformed. */
function checkBody({ headers }: FastifyRequest): HttpProblem | undefined {
  const encoding = headers['content-encoding']?.toLowerCase() ?? 'identity'
  if (encoding !== 'identity')
    return new HttpProblem('INVALID_REQUEST', 'The body must not be compressed: send it without Content-Encoding.', 415)
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
    const problem = checkMessage(request)
    if (problem?.status === 400) void reply.header('connection', 'close')
    next(problem)
  })
  app.addHook('preParsing', (request, reply, payload, next) => {
    if (isWithoutBody(request)) {
      // Many clients send a Content-Type with every POST. Where no body is needed it does not matter.
      if (!request.routeOptions.schema?.body) delete request.headers['content-type']
      next(null, payload)
      return
    }
    const problem = checkBody(request)
    // RFC 9110 §12.5.3: says what would be accepted.
    if (problem) void reply.header('accept-encoding', 'identity')
    next(problem ?? null, payload)
  })
  app.addHook('onSend', (_request, reply, payload, next) => {
    void reply.header('x-content-type-options', 'nosniff')
    if (!reply.hasHeader('cache-control')) void reply.header('cache-control', 'no-store')
    next(null, payload)
  })
  done()
}

export default fp(requestHeadersPlugin, { name: 'request-headers', fastify: '5.x' })
