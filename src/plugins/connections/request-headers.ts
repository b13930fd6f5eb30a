/** Refuses requests whose headers are invalid or not supported, and adds the headers that every response has. */
import type { FastifyInstance, FastifyRequest } from 'fastify'
import fp from 'fastify-plugin'
import { HttpProblem } from '../../routes/problem-response.ts'

/** `host` or `host:port`, where the host is a name, an IPv4 address, or an IPv6 address in brackets (RFC 9110 §7.2, RFC 3986 §3.2.2). */
const hostPattern = /^(?:\[[\da-f:.]+\]|[\w.~!$&'()*+,;=%-]*)(?::\d*)?$/i

/** How often a header was sent. `rawHeaders` has all of them; `headers` has only the first Host. */
const countHeader = ({ rawHeaders }: FastifyRequest['raw'], name: string): number =>
  rawHeaders.filter((text, index) => index % 2 === 0 && text.toLowerCase() === name).length

/** The problem with Host or Expect, if any. Node would refuse such a request with an empty body, or accept it (RFC 9112 §3.2, RFC 9110 §10.1.1). */
function checkHostAndExpect({ headers, raw }: FastifyRequest): HttpProblem | undefined {
  if (headers.host === undefined && raw.httpVersion === '1.1') return new HttpProblem('INVALID_REQUEST', 'The header Host is missing.', 400)
  if (countHeader(raw, 'host') > 1) return new HttpProblem('INVALID_REQUEST', 'The header Host was sent twice.', 400)
  if (!hostPattern.test(headers.host ?? '')) return new HttpProblem('INVALID_REQUEST', 'The header Host does not name a host.', 400)
  if (headers.expect !== undefined && headers.expect.toLowerCase() !== '100-continue')
    return new HttpProblem('INVALID_REQUEST', 'Of the header Expect, only 100-continue is supported.', 417)
}

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
    void reply.header('x-content-type-options', 'nosniff')
    if (!reply.hasHeader('cache-control')) void reply.header('cache-control', 'no-store')
    next(null, payload)
  })
  done()
}

export default fp(requestHeadersPlugin, { name: 'request-headers', fastify: '5.x' })
