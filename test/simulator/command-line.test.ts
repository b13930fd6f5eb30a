/** How the simulator is started from the command line. */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { text } from 'node:stream/consumers'
import t from 'tap'
import { defaultScenario } from '../../src/simulator/control/default-scenario.ts'

function runSimulator(...flags: string[]) {
  return spawn(process.execPath, ['src/simulator/main.ts', ...flags], { stdio: ['ignore', 'pipe', 'pipe'] })
}

t.test(
  'given no --empty flag, then the simulator starts with the default scenario, prints its URL and ids, and exits on SIGTERM',
  async (t) => {
    const behavior = 'test/recordings/simulator-refused/report.json'
    const child = runSimulator('--port', '0', '--latency', '1', '--clock', 'manual', '--behavior', behavior)
    t.teardown(() => child.kill('SIGKILL'))
    const lines: string[] = []
    for await (const line of createInterface({ input: child.stdout })) {
      lines.push(line)
      // All that the simulator prints at its start.
      if (lines.length === 9) break
    }
    const url = /http:\/\/127\.0\.0\.1:\d+/.exec(lines[0] ?? '')?.[0] ?? ''
    const { skills, queues, agents, conversations } = defaultScenario
    const ids = [...[skills, queues, agents].flatMap((kind) => Object.values<string>(kind)), String(conversations[0])]
    for (const id of ids)
      t.ok(
        lines.some((line) => line.includes(id)),
        id,
      )
    const response = await fetch(`${url}/_simulator/conversations`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ in: { queueId: defaultScenario.queues.support } }),
    })
    t.equal(response.status, 200)
    child.kill('SIGTERM')
    t.strictSame(await once(child, 'exit'), [0, null])
  },
)

t.test('given --help, then every flag is explained and nothing is started', async (t) => {
  const child = runSimulator('--help')
  const [help, [code]] = await Promise.all([text(child.stdout), once(child, 'exit')])
  t.equal(code, 0)
  for (const flag of [
    '--port',
    '--latency',
    '--clock',
    '--requests-per-minute',
    '--token-lifetime',
    '--client-id',
    '--empty',
    '--behavior',
  ])
    t.match(help, flag)
})

for (const [flags, expectedMessage] of [
  [['--prot', '1'], /--prot/],
  [['--port', 'many'], /--port must be a whole number/],
  [['--latency', '-5'], /--latency/],
  [['--clock', 'sundial'], /--clock must be real or manual/],
  [['--behavior', 'no-such-file.json'], /no-such-file/],
  [['--behavior', 'package.json'], /is not known/],
] as const) {
  t.test(`given ${flags.join(' ')}, then one line names the problem and the exit code is 1`, async (t) => {
    const child = runSimulator(...flags)
    const [errorOutput, [code]] = await Promise.all([text(child.stderr), once(child, 'exit')])
    t.equal(code, 1)
    t.match(errorOutput, expectedMessage)
    t.equal(errorOutput.trim().split('\n').length, 1)
  })
}
