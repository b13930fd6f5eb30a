/** A cluster to crash: nodes that die and are started again, and a platform, a CRM and a ledger that outlive them. */
import { randomUUID } from 'node:crypto'
import { startSimulator, type Simulator } from '../../../src/simulator/simulator.ts'
import { testSettings } from '../../support/settings.ts'
import { startTestCrm, type TestCrm } from '../../support/test-crm.ts'
import type { FaultAction } from './fault-injector.ts'
import type { LedgerStorage } from './ledger-storage.ts'
import { spawnNode, type NodeProcess } from './node-process.ts'

/** A conversation in the IVR, the queue with one agent that it is to be moved to, and the idempotency key of the request for that. */
export interface Call {
  conversationId: string
  queueId: string
  /** A queue with an agent who picks up, to which the call moves on because no agent answers in the first one. */
  overflowQueueId?: string
  /** The agent of the queue, who is off queue until the caller has changed the waiting call. */
  waitedForAgentId?: string
  /** The request is for a callback by that queue. */
  isCallback?: boolean
  key: string
}

export interface Cluster {
  simulator: Simulator
  control: Simulator['control']
  crm: TestCrm
  /** The nodes that listen. */
  nodes: NodeProcess[]
  readonly databaseUrl: string
  /** Starts a process, armed from the start if `armed` is given. It joins `nodes` only when the caller adds it. */
  spawn(armed?: { name: string; action: FaultAction }): ReturnType<typeof spawnNode>
  /** Starts a node and waits until it listens. @throws Error when it dies before that */
  startNode(): Promise<NodeProcess>
  /**
   * Adds a call in the IVR and a queue with one agent. With `movesOn`, that agent never answers and the call moves on to a second queue, whose
   * agent picks up. With `noAgentAnswers`, no agent of either queue picks up. With `waits`, the agent is off queue. With `isCallback`, the
   * request for the call is for a callback.
   */
  addCall(options?: { noAgentAnswers?: boolean; movesOn?: boolean; waits?: boolean; isCallback?: boolean }): Call
  /** Kills all nodes and closes everything else. */
  close(): Promise<void>
}

/** Short times, so that a run takes about as long as the start of a node. The deadline and the time to pickup are longer than that on a busy machine. */
const timing = {
  leaseMs: 1_000,
  notExecutedAfterMs: 600,
  conflictPauseMs: 100,
  optionalCallTimeoutMs: 8_000,
  deadlineMs: 12_000,
  pickupTimeoutMs: 20_000,
  pickupAfterMs: 250,
}

const clusterSettings = (simulatorUrl: string, crmUrl: string, databaseUrl: string): Record<string, string> => ({
  ...testSettings(simulatorUrl, crmUrl),
  DATABASE_URL: databaseUrl,
  LOG_LEVEL: 'warn',
  GENESYS_REQUESTS_PER_MINUTE: '100000',
  CALLER_REQUESTS_PER_MINUTE: '10000000',
  TRANSFER_DEADLINE_MS: String(timing.deadlineMs),
  PICKUP_POLL_INTERVAL_MS: '50',
  PICKUP_TIMEOUT_MS: String(timing.pickupTimeoutMs),
  CRASH_LEASE_MS: String(timing.leaseMs),
  CRASH_RULES: JSON.stringify({
    notExecutedAfterMs: timing.notExecutedAfterMs,
    conflictPauseMs: timing.conflictPauseMs,
    optionalCallTimeoutMs: timing.optionalCallTimeoutMs,
  }),
})

/** Starts a platform, a CRM and an empty ledger; no node yet. @param settings environment variables that replace the usual ones */
export async function createCluster(storage: LedgerStorage, settings: Record<string, string> = {}): Promise<Cluster> {
  const simulator = await startSimulator({ requestsPerMinute: 10_000_000 })
  const crm = await startTestCrm()
  const { control } = simulator
  const databaseUrl = await storage.createDatabase()
  const environment = { ...clusterSettings(simulator.url, crm.url, databaseUrl), ...settings }
  const running = new Set<NodeProcess>()

  async function forgetWhenDead(dead: NodeProcess): Promise<void> {
    await dead.died
    running.delete(dead)
    cluster.nodes = cluster.nodes.filter((node) => node !== dead)
  }
  const cluster: Cluster = {
    simulator,
    control,
    crm,
    databaseUrl,
    nodes: [],
    spawn(armed) {
      const spawned = spawnNode({ ...environment, ...(armed && { CRASH_POINT: armed.name, CRASH_ACTION: armed.action }) })
      running.add(spawned.node)
      void forgetWhenDead(spawned.node)
      return spawned
    },
    async startNode() {
      const node = await cluster.spawn().whenListening
      cluster.nodes.push(node)
      return node
    },
    addCall({ noAgentAnswers = false, movesOn = false, waits = false, isCallback = false } = {}) {
      const addQueue = (isAnswered: boolean) => {
        const queueId = control.addQueue().id
        const answers = isAnswered ? [{ after: timing.pickupAfterMs, with: 'pickup' as const }] : ['never' as const]
        return { queueId, agentId: control.addAgent({ queueIds: [queueId], answers }).id }
      }
      const { queueId, agentId } = addQueue(!noAgentAnswers && !movesOn)
      if (waits) control.setAgent(agentId, { routingStatus: 'OFF_QUEUE' })
      return {
        conversationId: control.addConversation({ in: 'ivr' }).conversationId,
        queueId,
        ...(waits && { waitedForAgentId: agentId }),
        ...(isCallback && { isCallback }),
        ...(movesOn && { overflowQueueId: addQueue(!noAgentAnswers).queueId }),
        key: randomUUID(),
      }
    },
    async close() {
      for (const node of running) node.signal('SIGKILL')
      await Promise.all([...running].map(({ died }) => died))
      await simulator.close()
      await crm.close()
    },
  }
  return cluster
}
