/** Which methods the routes at an address have, to tell "405 Method Not Allowed" from "404 Not Found". */
import type { FastifyInstance } from 'fastify'

/** Records every route that is registered from now on. @returns a function from the path of a request to the methods of its routes */
export function recordAllowedMethods(app: FastifyInstance): (path: string) => string[] {
  const routes: Array<{ path: RegExp; methods: string[] }> = []
  app.addHook('onRoute', ({ url, method }) => {
    const path = url
      .replaceAll('.', '\\.')
      .replaceAll('*', '.*')
      .replaceAll(/:[A-Za-z]+/g, '[^/]+')
    routes.push({ path: new RegExp(`^${path}$`), methods: [method].flat() })
  })
  return (path) => {
    const normalized = path.replaceAll(/\/{2,}/g, '/')
    return [...new Set(routes.filter((route) => route.path.test(normalized)).flatMap(({ methods }) => methods))]
  }
}
