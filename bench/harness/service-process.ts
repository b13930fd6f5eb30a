/** The service as a process of its own, started as `npm start` does, and connected to a simulator. */
import { spawn } from 'node:child_process'
import { createServer, type AddressInfo } from 'node:net'
import { join } from 'node:path'
import { setTimeout } from 'node:timers/promises'
import { createEnvironment, createStop, waitUntilOk, type RunningProcess } from './child-process.ts'
import { startCommand } from './start-command.ts'

export interface TimedResponse<T> {
  status: number
  body: T
  latencyMs: number
  /** When the request was sent, epoch ms. */
  sentAt: number
  /** When the response was complete, epoch ms. */
  answeredAt: number
}

export interface Service extends RunningProcess {
  request<T>(method: string, path: string, body?: unknown): Promise<TimedResponse<T>>
}

export interface ServiceOptions {
  /** Environment variables that replace the usual ones. */
  settings?: Record<string, string>
  /** Flags for node besides those of `npm start`. */
  nodeFlags?: readonly string[]
}

/** The API key of all services, which may write and read transfers. */
export const apiKey = `hk_bench_${'b'.repeat(43)}`
/** The AUDIT_KEY of all services. */
export const auditKey = 'audit key of the benchmarks'
const idleTimeoutMs = 60_000
const idlePollMs = 200

/** Finds a port that was free a moment ago. */
export function findFreePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const probe = createServer().once('error', reject)
    probe.listen(0, '127.0.0.1', () => {
      const { port } = probe.address() as AddressInfo
      probe.close(() => resolve(port))
    })
  })
}

/** The usual settings: one simulator, a SQLite ledger, and rate limits far above those of production. */
const serviceSettings = (simulatorUrl: string, folder: string, port: number): Record<string, string> => ({
  GENESYS_CLIENT_ID: 'handoff-demo',
  GENESYS_CLIENT_SECRET: 'handoff-demo-secret',
  GENESYS_GATEWAY_URL: simulatorUrl,
  GENESYS_REQUESTS_PER_MINUTE: '100000',
  CALLER_REQUESTS_PER_MINUTE: '10000000',
  LOOP_TOKEN_SECRET: 'loop token secret of the benchmarks',
  AUDIT_KEY: auditKey,
  API_KEYS: `${apiKey}:transfers:write+transfers:read`,
  DATABASE_URL: `sqlite:${join(folder, 'handoff.db')}`,
  PORT: String(port),
})

/** Starts the service without waiting until it answers. Its ledger is a file in `folder`. */
export async function spawnService(
  simulatorUrl: string,
  folder: string,
  { settings = {}, nodeFlags = [] }: ServiceOptions = {},
): Promise<Service> {
  const port = await findFreePort()
  const child = spawn(process.execPath, [...startCommand.nodeFlags, ...nodeFlags, startCommand.file], {
    stdio: ['ignore', 'ignore', 'inherit'],
    // Not the project's folder, whose .env would be read.
    cwd: folder,
    env: createEnvironment({ ...serviceSettings(simulatorUrl, folder, port), ...startCommand.environment, ...settings }),
  })
  const url = `http://127.0.0.1:${port}`
  const request: Service['request'] = async (method, path, body) => {
    const sentAt = Date.now()
    const startedAt = performance.now()
    const response = await fetch(url + path, {
      method,
      headers: { authorization: `Bearer ${apiKey}`, ...(body !== undefined && { 'content-type': 'application/json' }) },
      ...(body !== undefined && { body: JSON.stringify(body) }),
    })
    const answer = (await response.json()) as never
    return { status: response.status, body: answer, latencyMs: performance.now() - startedAt, sentAt, answeredAt: Date.now() }
  }
  return { url, pid: Number(child.pid), stop: createStop(child), request }
}

/** Starts the service and waits until it is ready. @throws Error when that takes too long */
export async function startService(simulatorUrl: string, folder: string, options: ServiceOptions = {}): Promise<Service> {
  const service = await spawnService(simulatorUrl, folder, options)
  await waitUntilOk(service, '/ready')
  return service
}

/** Waits until a service no longer watches any transfer. @throws Error when it still does after a minute */
export async function waitUntilIdle({ url }: RunningProcess): Promise<void> {
  for (const end = Date.now() + idleTimeoutMs; Date.now() < end; await setTimeout(idlePollMs)) {
    const metrics = await (await fetch(`${url}/metrics`)).text()
    if (/^handoff_transfers_watched 0$/m.test(metrics)) return
  }
  throw new Error('the service still watches transfers')
}
