/** A graceful stop of a real process by SIGTERM, and the next process that takes over. */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { createInterface } from 'node:readline'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import t from 'tap'
import { startSimulator } from '../src/simulator/simulator.ts'
import { operationsKey, testSettings } from './support/settings.ts'
import { setUpIvrCall } from './support/calls.ts'
import { waitFor } from './support/wait-for.ts'

// Two processes are started, and one of them is drained.
t.setTimeout(240_000)

t.test(
  'given requests in flight, when the service gets SIGTERM, then it first reports that it is not ready, drops no request and exits, and the next process takes over its transfers',
  async (t) => {
    const folder = mkdtempSync(join(tmpdir(), 'handoff-'))
    const simulator = await startSimulator({ requestsPerMinute: 60_000 })
    t.teardown(async () => {
      await simulator.close()
      rmSync(folder, { recursive: true })
    })
    const settings = {
      ...testSettings(simulator.url),
      DATABASE_URL: `sqlite:${join(folder, 'ledger.db')}`,
      SHUTDOWN_DELAY_MS: '0',
      PICKUP_TIMEOUT_MS: '60000',
    }

    async function start(changes: Record<string, string> = {}) {
      const child = spawn(process.execPath, [join(import.meta.dirname, '../src/server.ts')], {
        cwd: folder,
        env: { PATH: process.env['PATH'], HOME: folder, ...settings, ...changes },
        stdio: ['ignore', 'pipe', 'inherit'],
      })
      t.teardown(() => child.kill('SIGKILL'))
      const lines: string[] = []
      createInterface({ input: child.stdout }).on('line', (line) => lines.push(line))
      const url = await waitFor(() => lines.map((line) => /http:\/\/127\.0\.0\.1:\d+/.exec(line)?.[0]).find(Boolean))
      return { child, url, lines }
    }
    const authorization = `Bearer ${operationsKey}`
    // The test must request /ready within this time.
    const first = await start({ SHUTDOWN_DELAY_MS: '8000' })
    const requestTransfer = async (body: object): Promise<{ status: number; body: { id: string; state: string } }> => {
      const response = await fetch(`${first.url}/v1/transfers`, {
        method: 'POST',
        body: JSON.stringify(body),
        headers: { authorization, 'content-type': 'application/json' },
      })
      return { status: response.status, body: (await response.json()) as { id: string; state: string } }
    }
    simulator.control.setLatency(300)
    // The agents let the calls ring, so that every transfer still waits for its pickup when the process stops.
    const calls = Array.from({ length: 8 }, () => setUpIvrCall(simulator.control, ['never']))
    const inFlight = calls.map(({ conversationId, queueId }) => requestTransfer({ conversationId, target: { type: 'queue', queueId } }))
    const countReads = () => simulator.control.requests().counts['GET /conversations/{id}'] ?? 0
    await waitFor(() => countReads() >= calls.length, 'every request at the platform')

    const exited = once(first.child, 'exit')
    first.child.kill('SIGTERM')
    const ready = await waitFor(async () => {
      const response = await fetch(`${first.url}/ready`)
      return response.status === 503 && ((await response.json()) as { status: string })
    })
    t.match(ready, { status: 'stopping' })
    const responses = await Promise.all(inFlight)
    t.strictSame(
      responses.map(({ status }) => status),
      calls.map(() => 202),
      'no request was dropped',
    )
    t.strictSame(await exited, [0, null])
    simulator.control.setLatency(0)

    const second = await start()
    const countWatched = async () => ((await (await fetch(`${second.url}/health`)).json()) as { watching: number }).watching
    // The lease of a process that is killed would first have to expire, in up to ten seconds.
    await waitFor(async () => (await countWatched()) === calls.length, 'the next process to watch every transfer')
    const secondExited = once(second.child, 'exit')
    second.child.kill('SIGTERM')
    await secondExited
  },
)
