import { spawn } from 'node:child_process'
import { existsSync } from 'node:fs'
import { createServer, type AddressInfo } from 'node:net'
import { dirname } from 'node:path'
import t from 'tap'
import { demoCalls } from '../../src/demo/calls.ts'
import { TransferRequestSchema } from '../../src/model/transfer.ts'
import { until } from '../support/until.ts'

/** Played in about 20 s; a busy machine may take its time, ms. */
const timeout = 120_000
t.setTimeout(timeout)

const byNpm = ['npm', 'run', '--silent', 'demo', '--']
/** Without npm, which answers a Ctrl-C by itself. */
const directly = [process.execPath, 'src/commands/demo.ts']

/** The demo in a process group of its own, which a signal reaches as a Ctrl-C in a terminal would. */
function runDemo(t: { teardown(work: () => unknown): void }, [command = '', ...words]: string[], port: number) {
  const child = spawn(command, words, {
    detached: true,
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...process.env, PORT: String(port), GENESYS_CLIENT_ID: '', DATABASE_URL: 'nonsense' },
  })
  let output = ''
  for (const stream of [child.stdout, child.stderr]) stream.setEncoding('utf8').on('data', (part: string) => (output += part))
  const ended = new Promise<number | null>((resolve) => child.once('close', resolve))
  const signal = (name: NodeJS.Signals) => {
    try {
      process.kill(-Number(child.pid), name)
    } catch {
      /* it has ended */
    }
  }
  t.teardown(() => signal('SIGKILL'))
  let over = false
  void ended.then(() => (over = true))
  /** Waits for something to be told. Throws what was told instead when the demo ends without it. */
  const says = (wanted: RegExp): Promise<RegExpExecArray> =>
    until(
      () => {
        const found = wanted.exec(output)
        if (!found && over) throw new Error(`it ended with: ${output.trimEnd().split('\n').at(-1)}`)
        return found
      },
      String(wanted),
      timeout,
    )
  return { output: () => output, says, lastLine: () => output.trimEnd().split('\n').at(-1) ?? '', ended, signal }
}

/** A port that somebody listens on. */
async function takenPort(t: { teardown(work: () => unknown): void }): Promise<number> {
  const server = createServer()
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening))
  t.teardown(() => server.close())
  return (server.address() as AddressInfo).port
}

t.test('given no account and a port that is taken', { jobs: 2, timeout }, async (t) => {
  const port = await takenPort(t)

  t.test('when the demo runs once, then every call goes as the table says, and it ends with 0', { timeout }, async (t) => {
    const demo = runDemo(t, [...byNpm, '--once'], port)
    t.equal(await demo.ended, 0, demo.lastLine())
    const lines = demo.output().split('\n')
    const table = lines.slice(lines.findIndex((line) => line.startsWith('Call ')))
    for (const { title, expected } of demoCalls) {
      const row = table.find((line) => line.startsWith(title)) ?? ''
      t.equal(row.split(expected).length, 3, `${title}: ${expected}, expected and happened`)
    }
    t.match(demo.output(), /82 % were picked up/, '9 of the 11 that the platform accepted')
    t.equal(
      demo.output().match(/CRM {9}heard transfer\.\w+, both signatures verified/g)?.length,
      24,
      'two events of each of the 11, and two refusals',
    )
    t.strictSame(
      lines.filter((line) => line.length > 110),
      [],
      'no line is wider than a terminal',
    )
    t.notOk(demo.output().includes('\u001B'), 'no colours in a pipe')
    t.notOk(demo.output().includes(`:${port}`), 'it listens somewhere else')
  })

  t.test(
    'when it stays, then the OpenAPI example can be tried out, and Ctrl-C ends it with 0 and nothing left behind',
    { timeout },
    async (t) => {
      const demo = runDemo(t, directly, port)
      const [, url = ''] = await demo.says(/Swagger UI +(\S+)\/docs/)
      const [, key = ''] = await demo.says(/API key +(\S+)/)
      const [, logFile = ''] = await demo.says(/Service log +(\S+)/)
      t.ok(existsSync(logFile))
      t.equal((await fetch(`${url}/docs/`)).status, 200)

      const [example] = (TransferRequestSchema as unknown as { examples: object[] }).examples
      const headers = { authorization: `Bearer ${key}`, 'content-type': 'application/json' }
      const answer = await fetch(`${url}/v1/transfers`, { method: 'POST', headers, body: JSON.stringify(example) })
      t.equal(answer.status, 202)
      await demo.says(/was moved; for another transfer take ca110000-0000-4000-8000-000000000002/)

      demo.signal('SIGINT')
      t.equal(await demo.ended, 0, demo.lastLine())
      t.notOk(existsSync(dirname(logFile)), 'ledger and log are removed')
    },
  )
})

t.test('when it is asked for help or for something it does not know, then it says so at once', async (t) => {
  const help = runDemo(t, [...byNpm, '--help'], 0)
  t.equal(await help.ended, 0)
  t.match(help.output(), /npm run demo -- --once/)
  const wrong = runDemo(t, [...directly, '--twice'], 0)
  t.equal(await wrong.ended, 1)
  t.match(wrong.output(), /^demo: .*--twice/)
})
