/** The systems that are compared: Handoff on SQLite, or with one or two nodes on PostgreSQL. */
import type { Agent } from 'undici'
import type { TestPostgres } from '../../test/support/postgres.ts'
import type { RunningProcess } from '../harness/child-process.ts'
import { createHandoffClient } from '../harness/handoff-client.ts'
import type { LatencyClient } from '../load/latency-rounds.ts'
import { startService, type Service } from '../harness/service-process.ts'
import { startDelayingRelay } from './delaying-relay-process.ts'

/** How the tables name the systems. */
export const sqlite = 'SQLite'
export const oneNode = 'PostgreSQL'
export const twoNodes = 'PostgreSQL, two nodes'
export const distant = 'PostgreSQL at a distance'

/** How much longer a message to the distant database takes, ms. */
export const distanceMs = 2

export interface System extends LatencyClient {
  nodes: readonly Service[]
}

interface SystemDependencies {
  simulatorUrl: string
  server: TestPostgres
  /** For the ledger file of SQLite. */
  folder: string
  dispatcher: Agent
  settings?: Record<string, string>
  track: <R extends RunningProcess>(starting: Promise<R>) => Promise<R>
}

/** Starts the nodes of a system, which get its requests in turn. @param name one of the names above */
export async function startSystem(name: string, dependencies: SystemDependencies): Promise<System> {
  const { simulatorUrl, server, folder, dispatcher, settings = {}, track } = dependencies
  async function createLedgerSettings(): Promise<Record<string, string>> {
    if (name === sqlite) return {}
    const url = await server.createDatabase()
    return { DATABASE_URL: name === distant ? (await track(startDelayingRelay(url, distanceMs))).url : url }
  }
  const ledgerSettings = await createLedgerSettings()
  const nodes: Service[] = []
  for (let index = 0; index < (name === twoNodes ? 2 : 1); index++)
    nodes.push(await track(startService(simulatorUrl, folder, { settings: { ...settings, ...ledgerSettings } })))
  const clients = nodes.map(({ url }) => createHandoffClient(url, dispatcher))
  let next = 0
  return {
    name,
    nodes,
    pids: nodes.map(({ pid }) => pid),
    async transfer(call) {
      return clients[next++ % clients.length]?.(call)
    },
  }
}
