/** How the control API is offered over HTTP. */
import type { FastifyInstance } from 'fastify'
import { ControlError } from '../specs/control-error.ts'
import { controlRoutes, type ControlRequest } from './control-routes.ts'
import type { SimulatorControl } from './simulator-control.ts'

const basePath = '/_simulator'

/**
 * Registers the control API: JSON, without authentication. A refusal is 400 `{error}`; a method without a result answers `{ok: true}`.
 * `GET /_simulator` lists the routes.
 */
export function registerControlApi(server: FastifyInstance, control: SimulatorControl): void {
  const routes = Object.fromEntries(controlRoutes.map(([route, description]) => [route.replace(' ', ` ${basePath}`), description]))
  server.get(basePath, () => ({ simulator: 'Genesys Cloud stand-in of Handoff', routes }))
  for (const [route, , run] of controlRoutes) {
    const [method = '', path = ''] = route.split(' ')
    server.route({
      method,
      url: `${basePath}${path}`,
      handler: (request) => {
        const { id = '' } = request.params as { id?: string }
        const query = request.query as ControlRequest['query']
        return run(control, { id, query, body: (request.body ?? {}) as never }) ?? { ok: true }
      },
    })
  }
  server.setErrorHandler((error: Error & { statusCode?: number }, _request, reply) =>
    reply.code(error instanceof ControlError ? 400 : (error.statusCode ?? 500)).send({ error: error.message }),
  )
}
