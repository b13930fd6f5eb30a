/** Holds every refusal that a test sees to the OpenAPI document: its operation must document the status and the code. */
import type { FastifyInstance } from 'fastify'
import type { OpenApiDocument } from '../../src/plugins/documents/document-types.ts'

interface DocumentedOperation {
  method: string
  path: RegExp
  /** Each as `404 NOT_FOUND`. */
  refusals: ReadonlySet<string>
}

/** The same for every service of a test's process. */
let operations: DocumentedOperation[] | undefined

function readOperations(app: FastifyInstance): DocumentedOperation[] {
  const { paths } = app.swagger() as unknown as OpenApiDocument
  return Object.entries(paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, { responses }]) => ({
      method: method.toUpperCase(),
      path: new RegExp(`^${path.replaceAll(/\{\w+\}/g, '[^/]+')}$`),
      refusals: new Set(
        Object.entries(responses).flatMap(([status, { content = {} }]) =>
          Object.keys(content['application/problem+json']?.examples ?? {}).map((code) => `${status} ${code}`),
        ),
      ),
    })),
  )
}

/**
 * Checks a response.
 * @param address the path of the request, with its query
 * @throws Error for a refusal that the document does not have
 */
export function requireDocumentedRefusal(app: FastifyInstance, method: string, address: string, status: number, body: unknown): void {
  const { code } = (body ?? {}) as { code?: string }
  if (status < 400 || code === undefined || !app.hasDecorator('swagger')) return
  operations ??= readOperations(app)
  const path = address.replace(/\?.*/, '')
  const operation = operations.find((candidate) => candidate.method === method && candidate.path.test(path))
  if (operation && !operation.refusals.has(`${status} ${code}`))
    throw new Error(`${method} ${path} was answered with ${status} ${code}, which the OpenAPI document does not have for it`)
}
