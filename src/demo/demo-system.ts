/** What the demo plays on: simulator, CRM and the real service, each on loopback, with a ledger that is thrown away. */
import { randomBytes } from 'node:crypto'
import { mkdtemp, rm } from 'node:fs/promises'
import { createServer, type AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import pino from 'pino'
import { buildApp } from '../app.ts'
import { makeKey, scopes } from '../auth/api-key.ts'
import { readEnvironment, secretsIn } from '../environment.ts'
import { createLog } from '../telemetry/log.ts'
import { DEFAULT_SCENE, setDefaultScene } from '../simulator/control/default-scene.ts'
import type { Scene } from '../simulator/control/scene.ts'
import { startSimulator } from '../simulator/simulator.ts'
import { startCrm, type Crm } from './crm.ts'

export interface Stage {
  url: string
  simulatorUrl: string
  /** An API key with every scope. */
  key: string
  /** Where the service logs, until the stage is cleared. */
  logFile: string
  scene: Scene
  crm: Crm
  ask<T>(method: string, path: string, body?: unknown): Promise<{ status: number; body: T }>
  /** Stops everything and removes what was written. */
  clear(): Promise<void>
}

/** Short enough to watch, long enough to follow; ms. */
export const demoTimes = { platformAnswers: 30, poll: 250, pickupTimeout: 5_000, talk: 15_000, fallbackPicksUp: 900 }
const requestsPerMinute = 3_000

/** `wanted` where it is free on loopback, else 0. */
function freePort(wanted: number): Promise<number> {
  return new Promise((found) => {
    const probe = createServer()
    probe.once('error', () => found(0))
    probe.listen(wanted, '127.0.0.1', () => probe.close(() => found(wanted)))
  })
}

const settingsFor = (simulatorUrl: string, crm: Crm, key: string, folder: string, port: string): Record<string, string> => ({
  GENESYS_CLIENT_ID: 'handoff-demo',
  GENESYS_CLIENT_SECRET: 'handoff-demo-secret',
  GENESYS_GATEWAY_URL: simulatorUrl,
  GENESYS_REQUESTS_PER_MINUTE: String(requestsPerMinute),
  CRM_WEBHOOK_URL: crm.url,
  CRM_WEBHOOK_SECRET: crm.secret,
  WEBHOOK_ALLOWED_NETWORKS: '127.0.0.0/8',
  DATABASE_URL: `sqlite:${join(folder, 'handoff.db')}`,
  PORT: port,
  API_KEYS: `${key}:${scopes.join('+')}`,
  DEFAULT_QUEUE_ID: DEFAULT_SCENE.queues.support,
  FALLBACK_QUEUE_ID: DEFAULT_SCENE.queues.fallback,
  PICKUP_POLL_INTERVAL_MS: String(demoTimes.poll),
  PICKUP_TIMEOUT_MS: String(demoTimes.pickupTimeout),
  LOOP_TOKEN_SECRET: randomBytes(32).toString('base64url'),
  AUDIT_KEY: randomBytes(32).toString('base64url'),
})

function setScene(scene: Scene): void {
  setDefaultScene(scene)
  scene.configure({ talkMs: demoTimes.talk })
  scene.setAgent(DEFAULT_SCENE.agents['Chris Carver'], { answers: [{ after: demoTimes.fallbackPicksUp, with: 'pickup' }] })
}

/**
 * Starts it all. Of the environment only `port` counts: taken where it is free, else any free one.
 * @throws InvalidSetting for a port that is none
 */
export async function setStage(port: string): Promise<Stage> {
  const closing: Array<() => unknown> = []
  const clear = async (): Promise<void> => {
    // The service before what it talks to, the folder last: the reverse of the start.
    for (let close = closing.pop(); close; close = closing.pop()) await close()
  }
  try {
    const folder = await mkdtemp(join(tmpdir(), 'handoff-demo-'))
    closing.push(() => rm(folder, { recursive: true, force: true }))
    const simulator = await startSimulator({ latencyMs: demoTimes.platformAnswers, requestsPerMinute })
    closing.push(() => simulator.close())
    setScene(simulator.scene)
    const crm = await startCrm()
    closing.push(() => crm.close())

    const key = makeKey([...scopes], 'demo', null, Date.now()).text
    const environment = readEnvironment(settingsFor(simulator.url, crm, key, folder, port))
    const logFile = join(folder, 'service.log')
    const app = await buildApp(
      environment,
      createLog(environment.LOG_LEVEL, { destination: pino.destination({ dest: logFile, sync: true }), secrets: secretsIn(environment) }),
    )
    closing.push(() => app.close())
    await app.listen({ host: '127.0.0.1', port: await freePort(environment.PORT) })
    const url = `http://127.0.0.1:${(app.server.address() as AddressInfo).port}`
    const ask = asking(url, key)
    // Logs in, so that the first call's latency is like any other's.
    await ask('GET', '/ready')
    return { url, simulatorUrl: simulator.url, key, logFile, scene: simulator.scene, crm, clear, ask }
  } catch (error) {
    await clear()
    throw error
  }
}

const asking =
  (url: string, key: string): Stage['ask'] =>
  async (method, path, body) => {
    const headers = { authorization: `Bearer ${key}`, ...(body !== undefined && { 'content-type': 'application/json' }) }
    const response = await fetch(url + path, { method, headers, ...(body !== undefined && { body: JSON.stringify(body) }) })
    return { status: response.status, body: (await response.json()) as never }
  }
