/** Sends the OpenAPI document as JSON and as YAML. Each is made at its first request; behind another path prefix only two addresses differ. */
import type { FastifyInstance, RouteHandlerMethod } from 'fastify'
import { toYaml } from './to-yaml.ts'

export interface DocumentHandlers {
  json: RouteHandlerMethod
  yaml: RouteHandlerMethod
}

/**
 * The document contains two addresses: of the service, and of the token endpoint. Each is searched for together with its key, so that nothing
 * else is replaced.
 */
const withPrefix = {
  json: (text: string, prefix: string) =>
    text.replace('"servers":[{"url":"/"}]', `"servers":[{"url":"${prefix}"}]`).replace('"tokenUrl":"/', `"tokenUrl":"${prefix}/`),
  yaml: (text: string, prefix: string) =>
    text.replace('\nservers:\n  - url: /\n', `\nservers:\n  - url: ${prefix}\n`).replace(' tokenUrl: /', ` tokenUrl: ${prefix}/`),
}

/** Creates the handlers of the routes that send the document. */
export function createDocumentHandlers(app: FastifyInstance): DocumentHandlers {
  function createHandler(contentType: string, make: () => string, addPrefix: (text: string, prefix: string) => string): RouteHandlerMethod {
    let original: string | undefined
    let latest: { prefix: string; body: Buffer } | undefined
    return ({ forwardedPrefix: prefix }, reply) => {
      original ??= make()
      if (latest?.prefix !== prefix) latest = { prefix, body: Buffer.from(prefix === '' ? original : addPrefix(original, prefix)) }
      return reply.type(contentType).send(latest.body)
    }
  }
  return {
    json: createHandler('application/json; charset=utf-8', () => JSON.stringify(app.swagger()), withPrefix.json),
    yaml: createHandler('application/yaml; charset=utf-8', () => toYaml(app.swagger()), withPrefix.yaml),
  }
}
