/** What a bench measures: the simulator and the service, each a process of its own, with nothing of the user's environment. */
import { spawn, type ChildProcess } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { createServer, type AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { setTimeout } from 'node:timers/promises'
import type { LoggedCall } from '../../src/simulator/platform/call-log.ts'

export interface Running {
  url: string
  pid: number
  /** Ends the process and waits for it. */
  stop(): Promise<void>
}
export interface Simulator extends Running {
  /** A request to the control API (`GET /_simulator` lists them). Throws an Error with its words where it refuses. */
  tell<T>(method: string, path: string, body?: unknown): Promise<T>
  calls(): Promise<LoggedCall[]>
}
export interface Service extends Running {
  ask<T>(method: string, path: string, body?: unknown): Promise<{ status: number; body: T; ms: number; from: number; to: number }>
}

const key = `hk_bench_${'b'.repeat(43)}`
/** More than any bench asks for. */
const plenty = 1_000_000
const root = resolve(import.meta.dirname, '../..')
/** `npm start`, taken apart: what it sets, the flags of node, and the file. */
const [, startSets = '', startNode = '', startFile = ''] =
  /^((?:\w+=\S+ )*)node ((?:-\S+ )*)(\S+)$/.exec(
    (JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as { scripts: { start: string } }).scripts.start,
  ) ?? []
export const startFlags: readonly string[] = startNode.split(' ').filter(Boolean)
const startSettings = Object.fromEntries(
  startSets
    .split(' ')
    .filter(Boolean)
    .map((set) => {
      const [name = '', value = ''] = set.split('=')
      return [name, value.includes('/') ? join(root, value) : value]
    }),
)
/** The children get a path and what they are told, and nothing else. */
const bare = (settings: Record<string, string> = {}): Record<string, string> => ({ PATH: process.env['PATH'] ?? '', ...settings })

export function stopping(child: ChildProcess): () => Promise<void> {
  const ended = new Promise<void>((done) => child.once('exit', () => done()))
  return async () => {
    child.kill('SIGTERM')
    await Promise.race([ended, setTimeout(15_000, undefined, { ref: false }).then(() => child.kill('SIGKILL'))])
    await ended
  }
}

export async function startSimulator(flags: string[] = []): Promise<Simulator> {
  const child = spawn(
    process.execPath,
    [join(root, 'src/simulator/main.ts'), '--port', '0', '--empty', '--requests-per-minute', String(plenty), ...flags],
    { stdio: ['ignore', 'pipe', 'inherit'], env: bare() },
  )
  let output = ''
  for await (const part of child.stdout.setEncoding('utf8').iterator({ destroyOnReturn: false })) {
    output += part as string
    if (output.includes('\n')) break
  }
  const url = /Simulator: (\S+)/.exec(output)?.[1]
  if (url === undefined) throw new Error('the simulator did not start')
  const tell: Simulator['tell'] = async (method, path, body) => {
    const response = await fetch(`${url}/_simulator${path}`, {
      method,
      ...(body !== undefined && { headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) }),
    })
    const answer = (await response.json()) as never
    if (!response.ok) throw new Error(`simulator: ${(answer as { error: string }).error}`)
    return answer
  }
  return {
    url,
    pid: Number(child.pid),
    stop: stopping(child),
    tell,
    calls: async () => (await tell<{ log: LoggedCall[] }>('GET', '/calls')).log,
  }
}

/** A port that was free a moment ago. */
function freePort(): Promise<number> {
  return new Promise((found, failed) => {
    const probe = createServer().once('error', failed)
    probe.listen(0, '127.0.0.1', () => {
      const { port } = probe.address() as AddressInfo
      probe.close(() => found(port))
    })
  })
}

export interface ServiceOptions {
  settings?: Record<string, string>
  /** Flags for Node beyond those of `npm start`. */
  nodeFlags?: string[]
}

/** Starts the service as `npm start` does, and gives it at once: it need not answer yet. Its ledger is a file in `folder`. */
export async function spawnService(
  simulatorUrl: string,
  folder: string,
  { settings = {}, nodeFlags = [] }: ServiceOptions = {},
): Promise<Service> {
  const port = await freePort()
  const env = bare({
    GENESYS_CLIENT_ID: 'handoff-demo',
    GENESYS_CLIENT_SECRET: 'handoff-demo-secret',
    GENESYS_GATEWAY_URL: simulatorUrl,
    GENESYS_REQUESTS_PER_MINUTE: '100000',
    CALLER_REQUESTS_PER_MINUTE: '10000000',
    LOOP_TOKEN_SECRET: 'loop token secret of the benches',
    AUDIT_KEY: 'audit key of the benches',
    API_KEYS: `${key}:transfers:write+transfers:read`,
    DATABASE_URL: `sqlite:${join(folder, 'handoff.db')}`,
    PORT: String(port),
    ...startSettings,
    ...settings,
  })
  // Not in the project's folder: a .env there is the user's.
  const child = spawn(process.execPath, [...startFlags, ...nodeFlags, join(root, startFile)], {
    stdio: ['ignore', 'ignore', 'inherit'],
    cwd: folder,
    env,
  })
  const url = `http://127.0.0.1:${port}`
  const ask: Service['ask'] = async (method, path, body) => {
    const from = Date.now()
    const began = performance.now()
    const response = await fetch(url + path, {
      method,
      headers: { authorization: `Bearer ${key}`, ...(body !== undefined && { 'content-type': 'application/json' }) },
      ...(body !== undefined && { body: JSON.stringify(body) }),
    })
    const answer = (await response.json()) as never
    return { status: response.status, body: answer, ms: performance.now() - began, from, to: Date.now() }
  }
  return { url, pid: Number(child.pid), stop: stopping(child), ask }
}

/** Waits for the first 200 of a path. Throws an Error when it does not come within `mostMs`. */
export async function answers({ url }: Running, path: string, mostMs = 20_000): Promise<void> {
  for (const end = Date.now() + mostMs; Date.now() < end; await setTimeout(3)) {
    const response = await fetch(url + path).catch(() => undefined)
    await response?.body?.cancel()
    if (response?.status === 200) return
  }
  throw new Error(`${path} did not answer 200 within ${mostMs} ms`)
}

/** Resident memory of a process, MB (10⁶ bytes). Linux only. */
export async function residentMb(pid: number): Promise<number> {
  const kib = /^VmRSS:\s+(\d+) kB$/m.exec(await readFile(`/proc/${pid}/status`, 'utf8'))?.[1]
  return (Number(kib) * 1024) / 1e6
}

/** Runs `work` with a folder that is gone afterwards. */
export async function inFolder<T>(work: (folder: string) => Promise<T>): Promise<T> {
  const folder = await mkdtemp(join(tmpdir(), 'handoff-bench-'))
  try {
    return await work(folder)
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}
