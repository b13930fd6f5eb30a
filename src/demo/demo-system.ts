/** The system that the demo runs on: a simulator, a small CRM, and the real service, all on loopback. The ledger is removed at the end. */
import { randomBytes } from 'node:crypto'
import { mkdtemp, rm } from 'node:fs/promises'
import { createServer, type AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import pino from 'pino'
import { buildApp } from '../app.ts'
import { createApiKey, scopes } from '../auth/api-key.ts'
import { readEnvironment, collectSecrets } from '../environment.ts'
import { createLog } from '../telemetry/log.ts'
import { defaultScenario, loadDefaultScenario } from '../simulator/control/default-scenario.ts'
import type { SimulatorControl } from '../simulator/control/simulator-control.ts'
import { startSimulator } from '../simulator/simulator.ts'
import { startCrm, type Crm } from './crm.ts'
import { demoTimes } from './demo-times.ts'

export interface DemoSystem {
  url: string
  simulatorUrl: string
  /** An API key with every scope. */
  key: string
  /** The path of the service's log, which is removed when the system is closed. */
  logFile: string
  simulator: SimulatorControl
  crm: Crm
  /** Sends a request to the service, with the API key. */
  request(method: string, path: string, body?: unknown): Promise<{ status: number; body: unknown }>
  /** Stops everything and removes all files. */
  close(): Promise<void>
}

/** More than the demo and its user need, so that the rate limit delays nothing. */
const requestsPerMinute = 3_000

/** Returns `port` if it is free on loopback, otherwise 0, which means any free port. */
function preferPort(port: number): Promise<number> {
  return new Promise((resolve) => {
    const probe = createServer()
    probe.once('error', () => resolve(0))
    probe.listen(port, '127.0.0.1', () => probe.close(() => resolve(port)))
  })
}

const createSettings = (simulatorUrl: string, crm: Crm, key: string, folder: string, port: string): Record<string, string> => ({
  GENESYS_CLIENT_ID: 'handoff-demo',
  GENESYS_CLIENT_SECRET: 'handoff-demo-secret',
  GENESYS_GATEWAY_URL: simulatorUrl,
  GENESYS_REQUESTS_PER_MINUTE: String(requestsPerMinute),
  CRM_WEBHOOK_URL: crm.url,
  CRM_WEBHOOK_SECRET: crm.secret,
  WEBHOOK_ALLOWED_NETWORKS: '127.0.0.0/8',
  // For the examples of the OpenAPI document that transfer to a phone number.
  ALLOWED_NUMBERS: '+1317555*',
  DATABASE_URL: `sqlite:${join(folder, 'handoff.db')}`,
  PORT: port,
  API_KEYS: `${key}:${scopes.join('+')}`,
  DEFAULT_QUEUE_ID: defaultScenario.queues.support,
  FALLBACK_QUEUE_ID: defaultScenario.queues.fallback,
  PICKUP_POLL_INTERVAL_MS: String(demoTimes.pollIntervalMs),
  PICKUP_TIMEOUT_MS: String(demoTimes.pickupTimeoutMs),
  LOOP_TOKEN_SECRET: randomBytes(32).toString('base64url'),
  AUDIT_KEY: randomBytes(32).toString('base64url'),
})

function prepareSimulator(simulator: SimulatorControl): void {
  loadDefaultScenario(simulator)
  simulator.configure({ talkMs: demoTimes.talkMs })
  // Chris serves the fallback queue.
  simulator.setAgent(defaultScenario.agents['Chris Carver'], { answers: [{ after: demoTimes.fallbackPickupMs, with: 'pickup' }] })
}

/**
 * Starts everything. Environment variables have no effect on the service.
 * @param port where the service listens; if it is taken, the service listens on any free port
 * @throws InvalidSetting when `port` is not a port number
 */
export async function startDemoSystem(port: string): Promise<DemoSystem> {
  // Closed in reverse order: the service before the systems that it uses, and the folder last.
  const closers: Array<() => unknown> = []
  const close = async (): Promise<void> => {
    for (let closeNext = closers.pop(); closeNext; closeNext = closers.pop()) await closeNext()
  }
  try {
    const folder = await mkdtemp(join(tmpdir(), 'handoff-demo-'))
    closers.push(() => rm(folder, { recursive: true, force: true }))
    const simulator = await startSimulator({ latencyMs: demoTimes.platformLatencyMs, requestsPerMinute })
    closers.push(() => simulator.close())
    prepareSimulator(simulator.control)
    const crm = await startCrm()
    closers.push(() => crm.close())

    const key = createApiKey({ scopes: [...scopes], label: 'demo', queues: null, now: Date.now() }).text
    const environment = readEnvironment(createSettings(simulator.url, crm, key, folder, port))
    const logFile = join(folder, 'service.log')
    const destination = pino.destination({ dest: logFile, sync: true })
    const app = await buildApp(environment, createLog(environment.LOG_LEVEL, { destination, secrets: collectSecrets(environment) }))
    closers.push(() => app.close())
    await app.listen({ host: '127.0.0.1', port: await preferPort(environment.PORT) })
    const url = `http://127.0.0.1:${(app.server.address() as AddressInfo).port}`
    const request = createRequester(url, key)
    // /ready waits for the login to the platform, which would otherwise add to the latency of the first call.
    await request('GET', '/ready')
    return { url, simulatorUrl: simulator.url, key, logFile, simulator: simulator.control, crm, close, request }
  } catch (error) {
    await close()
    throw error
  }
}

const createRequester =
  (url: string, key: string): DemoSystem['request'] =>
  async (method, path, body) => {
    const headers = { authorization: `Bearer ${key}`, ...(body !== undefined && { 'content-type': 'application/json' }) }
    const response = await fetch(url + path, { method, headers, ...(body !== undefined && { body: JSON.stringify(body) }) })
    return { status: response.status, body: await response.json() }
  }
