import type { AddressInfo } from 'node:net'
import fastify from 'fastify'
import { CallLog } from './platform/call-log.ts'
import { Clock, type ClockKind } from './clock.ts'
import { controlApi } from './control/control-api.ts'
import { Faults } from './platform/faults.ts'
import { publishChange } from './calls/leg-events.ts'
import { notificationSockets } from './notifications/sockets.ts'
import { newNotifications } from './notifications/notifications.ts'
import { platformApi, type Platform } from './platform/platform-api.ts'
import { Scene } from './control/scene.ts'
import { expects } from './control/scene-shapes.ts'
import { Tokens } from './platform/tokens.ts'
import { USUAL_SETTINGS, type World } from './world.ts'

export interface SimulatorOptions {
  /** 127.0.0.1 */
  host?: string
  /** 0: any free port */
  port?: number
  /** Added to every answer of the platform; 0. */
  latencyMs?: number
  /** `manual` lives only by `scene.advance`; `real` is the default. */
  clock?: ClockKind
  /** Per token; 300. */
  requestsPerMinute?: number
  /** 86,400 */
  tokenLifetimeSeconds?: number
  /** handoff-demo */
  clientId?: string
  /** handoff-demo-secret */
  clientSecret?: string
}

export interface Simulator {
  /** Login at `{url}/oauth/token`, the API under `{url}/api/v2`, the control API under `{url}/_simulator`. */
  readonly url: string
  readonly scene: Scene
  close(): Promise<void>
}

/** Starts an empty platform on a port of its own (design §12). Throws SceneError for a setting that cannot be. */
export async function startSimulator(options: SimulatorOptions = {}): Promise<Simulator> {
  const { host = '127.0.0.1', port = 0, clock = 'real', clientId = 'handoff-demo', clientSecret = 'handoff-demo-secret' } = options
  const { latencyMs, requestsPerMinute, tokenLifetimeSeconds } = { ...USUAL_SETTINGS, ...options }
  const settings = { latencyMs, requestsPerMinute, tokenLifetimeSeconds }
  expects.settings(settings)

  const world = newWorld(new Clock(clock), settings)
  const tokens = new Tokens(world.clock)
  const platform: Platform = { world, tokens, faults: new Faults(), log: new CallLog(), client: { clientId, clientSecret } }
  const scene = new Scene(platform)

  const server = fastify({ logger: false, exposeHeadRoutes: false, forceCloseConnections: true })
  await server.register(async (scope) => platformApi(scope, platform))
  await server.register(async (scope) => controlApi(scope, scene))
  const closeSockets = notificationSockets(server.server, world)
  await server.listen({ host, port })
  const { port: bound } = server.server.address() as AddressInfo
  return {
    url: `http://${host.includes(':') ? `[${host}]` : host}:${bound}`,
    scene,
    close: async () => {
      world.clock.clear()
      closeSockets()
      await server.close()
    },
  }
}

function newWorld(clock: Clock, settings: Partial<World['settings']>): World {
  const world: World = {
    clock,
    settings: { ...USUAL_SETTINGS, ...settings },
    skills: new Map(),
    queues: new Map(),
    agents: new Map(),
    conversations: new Map(),
    transfers: [],
    notifications: newNotifications(clock),
    legChanged: (leg, moment) => publishChange(world, leg, moment),
    agentFreed: () => {},
  }
  return world
}
