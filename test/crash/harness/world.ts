/** A world to crash in: a platform, a CRM and a ledger that live on while its nodes die. */
import { randomUUID } from 'node:crypto'
import { startSimulator, type Simulator } from '../../../src/simulator/simulator.ts'
import { startCrm, type Crm } from '../../support/crm.ts'
import { operationsKey, settingsFor } from '../../support/service.ts'
import type { Action } from './armed.ts'
import { spawnNode, type NodeProcess } from './node-process.ts'
import type { Stores } from './stores.ts'

/** One conversation in the IVR, and the queue with one agent that it is to be moved to. */
export interface Call {
  conversationId: string
  queueId: string
  key: string
}
export interface World {
  simulator: Simulator
  scene: Simulator['scene']
  crm: Crm
  nodes: NodeProcess[]
  readonly databaseUrl: string
  /** Starts a node that is armed from its first moment, if so wished; it is not one of `nodes` until it listens. */
  spawn(armed?: { name: string; action: Action }): ReturnType<typeof spawnNode>
  /** Starts a node. */
  start(): Promise<NodeProcess>
  call(options?: { unanswered?: boolean }): Call
  close(): Promise<void>
}

/** Short times, so that a run takes about as long as a node takes to start; ms. */
export const times = { leaseMs: 1_000, settleMs: 600, conflictPauseMs: 100, deadlineMs: 8_000, pickupTimeoutMs: 8_000 }
const answersAfterMs = 250

export async function createWorld(stores: Stores, settings: Record<string, string> = {}): Promise<World> {
  const simulator = await startSimulator({ requestsPerMinute: 10_000_000 })
  const crm = await startCrm()
  const { scene } = simulator
  const databaseUrl = await stores.fresh()
  const environment = {
    ...settingsFor(simulator.url, crm.url),
    DATABASE_URL: databaseUrl,
    LOG_LEVEL: 'warn',
    GENESYS_REQUESTS_PER_MINUTE: '100000',
    CALLER_REQUESTS_PER_MINUTE: '10000000',
    TRANSFER_DEADLINE_MS: String(times.deadlineMs),
    PICKUP_POLL_INTERVAL_MS: '50',
    PICKUP_TIMEOUT_MS: String(times.pickupTimeoutMs),
    CRASH_LEASE_MS: String(times.leaseMs),
    CRASH_RULES: JSON.stringify({ settleMs: times.settleMs, conflictPauseMs: times.conflictPauseMs }),
    ...settings,
  }
  const all = new Set<NodeProcess>()
  const world: World = {
    simulator,
    scene,
    crm,
    databaseUrl,
    nodes: [],
    spawn(armed) {
      const spawned = spawnNode({ ...environment, ...(armed && { CRASH_ARM: armed.name, CRASH_ACTION: armed.action }) })
      all.add(spawned.node)
      spawned.node.died.then(() => {
        all.delete(spawned.node)
        world.nodes = world.nodes.filter((node) => node !== spawned.node)
      })
      return spawned
    },
    async start() {
      const node = await world.spawn().whenListening
      world.nodes.push(node)
      return node
    },
    call({ unanswered = false } = {}) {
      const queue = scene.addQueue()
      scene.addAgent({ queueIds: [queue.id], answers: unanswered ? ['never'] : [{ after: answersAfterMs, with: 'pickup' }] })
      return { conversationId: scene.addConversation({ in: 'ivr' }).conversationId, queueId: queue.id, key: randomUUID() }
    },
    async close() {
      for (const node of all) node.signal('SIGKILL')
      await Promise.all([...all].map(({ died }) => died))
      await simulator.close()
      await crm.close()
    },
  }
  return world
}

/** One request to a node. @throws when the connection is lost or no answer comes in time */
export async function asked<T>(
  url: string,
  method: string,
  path: string,
  body?: unknown,
  headers: Record<string, string> = {},
  withinMs = 10_000,
): Promise<{ status: number; headers: Headers; body: T; text: string }> {
  const response = await fetch(url + path, {
    method,
    signal: AbortSignal.timeout(withinMs),
    headers: { authorization: `Bearer ${operationsKey}`, ...(body !== undefined && { 'content-type': 'application/json' }), ...headers },
    ...(body !== undefined && { body: JSON.stringify(body) }),
  })
  const text = await response.text()
  return {
    status: response.status,
    headers: response.headers,
    text,
    body: (/[/+]json/.test(response.headers.get('content-type') ?? '') ? JSON.parse(text) : text) as T,
  }
}
