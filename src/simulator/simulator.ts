/** How the parts of a simulator are put together, started and stopped. */
import type { AddressInfo } from 'node:net'
import fastify from 'fastify'
import { offerNextCall } from './calls/acd.ts'
import { registerControlApi } from './control/control-api.ts'
import { SimulatorControl } from './control/simulator-control.ts'
import { Clock, type ClockKind } from './model/clock.ts'
import { createPlatformState } from './model/platform-state.ts'
import { defaultSettings } from './model/settings.ts'
import { createNotificationService } from './notifications/notification-service.ts'
import { publishLegChange } from './notifications/publish-leg-change.ts'
import { acceptNotificationSockets } from './notifications/sockets.ts'
import type { SimulatorContext } from './platform-api/context.ts'
import { FaultQueue } from './platform-api/fault-queue.ts'
import { registerPlatformApi } from './platform-api/platform-api.ts'
import { RateWindow } from './platform-api/rate-window.ts'
import { RequestLog } from './platform-api/request-log.ts'
import { TokenStore } from './platform-api/token-store.ts'
import { checks } from './specs/checks.ts'

/** The options of a simulator; every option has a default. */
export interface SimulatorOptions {
  /** Default 127.0.0.1. */
  host?: string
  /** Default 0: any free port. */
  port?: number
  /** Added to every response of the platform, ms; default 0. */
  latencyMs?: number
  /** Default `real`. A `manual` clock is advanced only by `control.advance`. */
  clock?: ClockKind
  /** The rate limit of each token; default 300. */
  requestsPerMinute?: number
  /** Default 86,400. */
  tokenLifetimeSeconds?: number
  /** Default handoff-demo. */
  clientId?: string
  /** Default handoff-demo-secret. */
  clientSecret?: string
}

/** A running simulator. */
export interface Simulator {
  /** The login is at `{url}/oauth/token`, the API below `{url}/api/v2`, the control API below `{url}/_simulator`. */
  readonly url: string
  readonly control: SimulatorControl
  close(): Promise<void>
}

/**
 * Starts an empty platform on its own port (docs/architecture.md#simulator).
 *
 * @throws {ControlError} For an option that is not allowed.
 */
export async function startSimulator(options: SimulatorOptions = {}): Promise<Simulator> {
  const { host = '127.0.0.1', port = 0, clientId = 'handoff-demo', clientSecret = 'handoff-demo-secret' } = options
  const context = createContext(options, new Map([[clientId, clientSecret]]))
  const { platform, notifications } = context
  const control = new SimulatorControl(context)

  const server = fastify({ logger: false, exposeHeadRoutes: false, forceCloseConnections: true })
  await server.register(async (scope) => registerPlatformApi(scope, context))
  await server.register(async (scope) => registerControlApi(scope, control))
  const closeSockets = acceptNotificationSockets(server.server, platform, notifications)
  await server.listen({ host, port })
  const address = server.server.address() as AddressInfo
  return {
    url: `http://${host.includes(':') ? `[${host}]` : host}:${address.port}`,
    control,
    close: async () => {
      platform.clock.clear()
      closeSockets()
      await server.close()
    },
  }
}

function createContext(options: SimulatorOptions, clients: SimulatorContext['clients']): SimulatorContext {
  const { latencyMs, requestsPerMinute, tokenLifetimeSeconds } = { ...defaultSettings, ...options }
  const settings = { latencyMs, requestsPerMinute, tokenLifetimeSeconds }
  checks.settings(settings)
  const clock = new Clock(options.clock ?? 'real')
  const platform = createPlatformState(clock, settings)
  const notifications = createNotificationService(clock)
  platform.onLegChange = (leg, change) => publishLegChange(platform, notifications, leg, change)
  platform.onAgentAvailable = (agent) => offerNextCall(platform, agent)
  return {
    platform,
    notifications,
    tokens: new TokenStore(clock),
    assignmentWindow: new RateWindow(),
    faults: new FaultQueue(),
    requestLog: new RequestLog(),
    clients,
  }
}
