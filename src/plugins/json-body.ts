/** How a request body is parsed: JSON in valid UTF-8, without the keys that can change an object's prototype. */
import type { FastifyInstance } from 'fastify'
import fp from 'fastify-plugin'
import { Problem } from '../model/problems.ts'

const utf8 = new TextDecoder('utf-8', { fatal: true })

/** Fastify itself would replace invalid bytes by U+FFFD, and so change what the caller sent. */
function decodeUtf8(body: Buffer): string {
  try {
    return utf8.decode(body)
  } catch {
    throw new Problem('INVALID_REQUEST', 'The body is not valid UTF-8.')
  }
}

function jsonBodyPlugin(app: FastifyInstance, _options: object, done: () => void): void {
  // Refuses `__proto__` and `constructor.prototype`, which could change a prototype when the object is copied later.
  const parseJson = app.getDefaultJsonParser('error', 'error')
  app.removeContentTypeParser('text/plain')
  app.addContentTypeParser('application/json', { parseAs: 'buffer' }, (request, body, done) => {
    // A route without a body schema accepts an empty body, which gets here if it was sent in chunks: without chunks it has lost its
    // Content-Type (connections/request-headers.ts). On a route with a body schema, `parseJson` refuses an empty body.
    if (body.length === 0 && !request.routeOptions.schema?.body) return done(null)
    try {
      void parseJson(request, decodeUtf8(body as Buffer), done)
    } catch (error) {
      done(error as Error)
    }
  })
  done()
}

export default fp(jsonBodyPlugin, { name: 'json-body', fastify: '5.x' })
