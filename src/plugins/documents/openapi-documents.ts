/** Sends the OpenAPI document as JSON and as YAML. It is generated again only when a request comes with another path prefix. */
import type { FastifyInstance, RouteHandlerMethod } from 'fastify'

export interface DocumentHandlers {
  json: RouteHandlerMethod
  yaml: RouteHandlerMethod
}

interface Documents {
  prefix: string
  json: Buffer
  yaml: Buffer
}

/** Creates the handlers of the routes that send the document. */
export function createDocumentHandlers(app: FastifyInstance): DocumentHandlers {
  let latest: Documents | undefined

  function makeDocuments(prefix: string): Documents {
    const json = JSON.stringify(app.swagger())
    const yaml = app.swagger({ yaml: true })
    if (prefix === '') return { prefix, json: Buffer.from(json), yaml: Buffer.from(yaml) }
    // The document contains two addresses. Each is searched for together with its key, so that nothing else is replaced.
    return {
      prefix,
      json: Buffer.from(
        json.replace('"servers":[{"url":"/"}]', `"servers":[{"url":"${prefix}"}]`).replace('"tokenUrl":"/', `"tokenUrl":"${prefix}/`),
      ),
      yaml: Buffer.from(
        yaml.replace('\nservers:\n  - url: /\n', `\nservers:\n  - url: ${prefix}\n`).replace(' tokenUrl: /', ` tokenUrl: ${prefix}/`),
      ),
    }
  }
  function documentsFor({ forwardedPrefix }: { forwardedPrefix: string }): Documents {
    if (latest?.prefix !== forwardedPrefix) latest = makeDocuments(forwardedPrefix)
    return latest
  }
  return {
    json: (request, reply) => reply.type('application/json; charset=utf-8').send(documentsFor(request).json),
    yaml: (request, reply) => reply.type('application/yaml; charset=utf-8').send(documentsFor(request).yaml),
  }
}
