import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { createInterface } from 'node:readline'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import t from 'tap'
import { startSimulator } from '../src/simulator/simulator.ts'
import { operationsKey, settingsFor, usualScene } from './support/service.ts'
import { until } from './support/until.ts'

// Services are started and waited for.
t.setTimeout(120_000)

t.test(
  'given requests in flight, when the service gets SIGTERM, then it says first that it is not ready, drops nothing, gives its work back and exits',
  async (t) => {
    const folder = mkdtempSync(join(tmpdir(), 'handoff-'))
    const simulator = await startSimulator({ requestsPerMinute: 60_000 })
    t.teardown(async () => {
      await simulator.close()
      rmSync(folder, { recursive: true })
    })
    const settings = {
      ...settingsFor(simulator.url),
      DATABASE_URL: `sqlite:${join(folder, 'ledger.db')}`,
      SHUTDOWN_DELAY_MS: '0',
      PICKUP_TIMEOUT_MS: '60000',
    }

    async function start(more: Record<string, string> = {}) {
      const child = spawn(process.execPath, [join(import.meta.dirname, '../src/server.ts')], {
        cwd: folder,
        env: { PATH: process.env['PATH'], HOME: folder, ...settings, ...more },
        stdio: ['ignore', 'pipe', 'inherit'],
      })
      t.teardown(() => child.kill('SIGKILL'))
      const lines: string[] = []
      createInterface({ input: child.stdout }).on('line', (line) => lines.push(line))
      const url = await until(() => lines.map((line) => /http:\/\/127\.0\.0\.1:\d+/.exec(line)?.[0]).find(Boolean))
      return { child, url, lines }
    }
    const authorization = `Bearer ${operationsKey}`
    // In this time it must be asked whether it is ready.
    const first = await start({ SHUTDOWN_DELAY_MS: '3000' })
    const ask = async (body: object): Promise<{ status: number; body: { id: string; state: string } }> => {
      const answer = await fetch(`${first.url}/v1/transfers`, {
        method: 'POST',
        body: JSON.stringify(body),
        headers: { authorization, 'content-type': 'application/json' },
      })
      return { status: answer.status, body: (await answer.json()) as { id: string; state: string } }
    }
    simulator.scene.setLatency(300)
    const scenes = Array.from({ length: 8 }, () => usualScene(simulator.scene, ['never']))
    const inFlight = scenes.map(({ conversationId, queueId }) => ask({ conversationId, target: { type: 'queue', queueId } }))
    await until(() => (simulator.scene.calls().counts['GET /conversations/{id}'] ?? 0) >= 8, 'every request at the platform')

    first.child.kill('SIGTERM')
    const ready = await until(async () => {
      const answer = await fetch(`${first.url}/ready`)
      return answer.status === 503 && ((await answer.json()) as { status: string })
    })
    t.match(ready, { status: 'stopping' })
    const answers = await Promise.all(inFlight)
    t.strictSame(
      answers.map(({ status }) => status),
      scenes.map(() => 202),
      'nothing was dropped',
    )
    t.strictSame(await once(first.child, 'exit'), [0, null])
    simulator.scene.setLatency(0)

    const second = await start()
    const taken = await until(async () => ((await (await fetch(`${second.url}/health`)).json()) as { watching: number }).watching)
    t.equal(taken, 8, 'the next one watches on at once: the lease was handed back')
    second.child.kill('SIGTERM')
    await once(second.child, 'exit')
  },
)
