/** The service as a process whose wall clock a test can change, as if someone had set the time of the machine. */
import { fork } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { createInterface } from 'node:readline'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { TestContext } from './build.ts'
import { operationsKey } from './settings.ts'
import { waitFor } from './wait-for.ts'

/** A body may be a transfer, a problem or anything else; a test knows which. */
type AnyBody = { id: string; state: string } & Record<string, unknown>

export interface ProcessResponse {
  status: number
  headers: Headers
  body: AnyBody
}

export interface ServiceProcess {
  /** The DATABASE_URL of its ledger. */
  databaseUrl: string
  /** Sends a request with the key, the operations key by default. */
  request(method: string, path: string, body?: object, key?: string): Promise<ProcessResponse>
  /** Waits until a transfer is in this state. */
  waitForState(id: string, state: string): Promise<AnyBody>
  /** Sets the wall clock forward by `ms`, or back if `ms` is negative. */
  stepClock(ms: number): Promise<void>
  /** The lines that the service has logged. */
  lines: string[]
}

/** Starts `src/server.ts` with a new folder for its ledger, and kills it after the test. */
export async function startServiceProcess(t: TestContext, settings: Record<string, string>): Promise<ServiceProcess> {
  const folder = mkdtempSync(join(tmpdir(), 'handoff-'))
  const databaseUrl = `sqlite:${join(folder, 'ledger.db')}`
  const child = fork(join(import.meta.dirname, '../../src/server.ts'), {
    cwd: folder,
    execArgv: ['--import', join(import.meta.dirname, 'settable-clock.ts')],
    env: { PATH: process.env['PATH'], HOME: folder, ...settings, DATABASE_URL: databaseUrl },
    stdio: ['ignore', 'pipe', 'inherit', 'ipc'],
  })
  const exited = once(child, 'exit')
  t.teardown(async () => {
    child.kill('SIGKILL')
    await exited
    rmSync(folder, { recursive: true })
  })
  const lines: string[] = []
  if (child.stdout) createInterface({ input: child.stdout }).on('line', (line) => lines.push(line))
  const url = await waitFor(() => lines.map((line) => /http:\/\/127\.0\.0\.1:\d+/.exec(line)?.[0]).find(Boolean), 'the service', 60_000)

  const request: ServiceProcess['request'] = async (method, path, body, key = operationsKey) => {
    const headers = { authorization: `Bearer ${key}`, ...(body && { 'content-type': 'application/json' }) }
    const response = await fetch(url + path, { method, headers, ...(body && { body: JSON.stringify(body) }) })
    return { status: response.status, headers: response.headers, body: (await response.json()) as AnyBody }
  }
  return {
    databaseUrl,
    request,
    lines,
    waitForState: (id, state) =>
      waitFor(
        async () => {
          const { body } = await request('GET', `/v1/transfers/${id}`)
          return body.state === state && body
        },
        `state ${state} of ${id}`,
        30_000,
      ),
    async stepClock(ms) {
      const stepped = once(child, 'message')
      child.send(ms)
      await stepped
    },
  }
}
