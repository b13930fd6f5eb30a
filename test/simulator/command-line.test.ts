import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { text } from 'node:stream/consumers'
import t from 'tap'
import { DEFAULT_SCENE } from '../../src/simulator/control/default-scene.ts'

function run(...flags: string[]) {
  return spawn(process.execPath, ['src/simulator/main.ts', ...flags], { stdio: ['ignore', 'pipe', 'pipe'] })
}

t.test('given no scene of one’s own, then it starts with the default one, prints its URL and ids, and leaves on SIGTERM', async (t) => {
  const child = run('--port', '0', '--latency', '1', '--clock', 'manual')
  t.teardown(() => child.kill('SIGKILL'))
  const lines: string[] = []
  for await (const line of createInterface({ input: child.stdout })) {
    lines.push(line)
    if (lines.length === 8) break
  }
  const url = /http:\/\/127\.0\.0\.1:\d+/.exec(lines[0] ?? '')?.[0] ?? ''
  const { skills, queues, agents, conversations } = DEFAULT_SCENE
  const ids = [...[skills, queues, agents].flatMap((kind) => Object.values<string>(kind)), String(conversations[0])]
  for (const id of ids)
    t.ok(
      lines.some((line) => line.includes(id)),
      id,
    )
  const made = await fetch(`${url}/_simulator/conversations`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ in: { queueId: DEFAULT_SCENE.queues.support } }),
  })
  t.equal(made.status, 200)
  child.kill('SIGTERM')
  t.strictSame(await once(child, 'exit'), [0, null])
})

t.test('given --help, then it explains every flag and starts nothing', async (t) => {
  const child = run('--help')
  const [help, [code]] = await Promise.all([text(child.stdout), once(child, 'exit')])
  t.equal(code, 0)
  for (const flag of ['--port', '--latency', '--clock', '--requests-per-minute', '--token-lifetime', '--client-id', '--empty'])
    t.match(help, flag)
})

for (const [flags, says] of [
  [['--prot', '1'], /--prot/],
  [['--port', 'many'], /--port must be a whole number/],
  [['--latency', '-5'], /--latency/],
  [['--clock', 'sundial'], /--clock must be real or manual/],
] as const) {
  t.test(`given ${flags.join(' ')}, then one clear line and exit 1`, async (t) => {
    const child = run(...flags)
    const [complaint, [code]] = await Promise.all([text(child.stderr), once(child, 'exit')])
    t.equal(code, 1)
    t.match(complaint, says)
    t.equal(complaint.trim().split('\n').length, 1)
  })
}
