/** `npm run demo` as a user runs it. */
import { spawn } from 'node:child_process'
import { existsSync } from 'node:fs'
import { createServer, type AddressInfo } from 'node:net'
import { dirname } from 'node:path'
import t from 'tap'
import { demoCalls } from '../../src/demo/demo-calls.ts'
import { transferRequests } from '../../src/plugins/documents/examples/transfer-requests.ts'
import { waitFor } from '../support/wait-for.ts'

/** The demo takes about 25 s; a busy machine may need longer, ms. */
const timeout = 240_000
t.setTimeout(timeout)

const withNpm = ['npm', 'run', '--silent', 'demo', '--']
/** Without npm, which handles a Ctrl-C itself. */
const withoutNpm = [process.execPath, 'src/commands/demo.ts']

/** Runs the demo in a process group of its own, which a signal reaches as a Ctrl-C in a terminal would. */
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
      /* The process has ended. */
    }
  }
  t.teardown(() => signal('SIGKILL'))
  let hasEnded = false
  void ended.then(() => (hasEnded = true))
  /** Waits for output that matches. Throws the last line if the demo ends without it. */
  const waitForOutput = (wanted: RegExp): Promise<RegExpExecArray> =>
    waitFor(
      () => {
        const found = wanted.exec(output)
        if (!found && hasEnded) throw new Error(`it ended with: ${output.trimEnd().split('\n').at(-1)}`)
        return found
      },
      String(wanted),
      timeout,
    )
  return { output: () => output, waitForOutput, lastLine: () => output.trimEnd().split('\n').at(-1) ?? '', ended, signal }
}

/** A port on which a server listens. */
async function occupyPort(t: { teardown(work: () => unknown): void }): Promise<number> {
  const server = createServer()
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  t.teardown(() => server.close())
  return (server.address() as AddressInfo).port
}

t.test('given no account and a port that is in use', { jobs: 2, timeout }, async (t) => {
  const port = await occupyPort(t)

  t.test('when the demo runs once, then every call goes as expected, and the exit code is 0', { timeout }, async (t) => {
    const demo = runDemo(t, [...withNpm, '--once'], port)
    t.equal(await demo.ended, 0, demo.lastLine())
    const lines = demo.output().split('\n')
    const table = lines.slice(lines.findIndex((line) => line.startsWith('Call ')))
    for (const { title, expected } of demoCalls) {
      const row = table.find((line) => line.startsWith(title)) ?? ''
      t.equal(row.split(expected).length, 3, `${title}: ${expected}, as expected and as the outcome`)
    }
    t.match(demo.output(), /82 % were picked up/, '9 of the 11 that the platform accepted')
    t.equal(
      demo.output().match(/CRM {9}received transfer\.\w+, both signatures verified/g)?.length,
      24,
      'two events of each of the 11, and two refusals',
    )
    t.strictSame(
      lines.filter((line) => line.length > 110),
      [],
      'no line is too wide',
    )
    t.notOk(demo.output().includes('\u001B'), 'no colors in a pipe')
    t.notOk(demo.output().includes(`:${port}`), 'it listens on another port')
  })

  t.test(
    'when it keeps running, then the OpenAPI example works, and Ctrl-C ends it with exit code 0 and leaves no files',
    { timeout },
    async (t) => {
      const demo = runDemo(t, withoutNpm, port)
      const [, url = ''] = await demo.waitForOutput(/Swagger UI +(\S+)\/docs/)
      const [, key = ''] = await demo.waitForOutput(/API key +(\S+)/)
      const [, logFile = ''] = await demo.waitForOutput(/Service log +(\S+)/)
      t.ok(existsSync(logFile))
      t.equal((await fetch(`${url}/docs/`)).status, 200)

      const example = transferRequests['skill']?.value
      const headers = { authorization: `Bearer ${key}`, 'content-type': 'application/json' }
      const answer = await fetch(`${url}/v1/transfers`, { method: 'POST', headers, body: JSON.stringify(example) })
      t.equal(answer.status, 202)
      await demo.waitForOutput(/was transferred; for another transfer use ca110000-0000-4000-8000-000000000002/)

      demo.signal('SIGINT')
      t.equal(await demo.ended, 0, demo.lastLine())
      t.notOk(existsSync(dirname(logFile)), 'ledger and log are removed')
    },
  )
})

t.test('given --help or an unknown option, then the demo prints help or an error at once', async (t) => {
  const help = runDemo(t, [...withNpm, '--help'], 0)
  t.equal(await help.ended, 0)
  t.match(help.output(), /npm run demo -- --once/)
  const unknown = runDemo(t, [...withoutNpm, '--twice'], 0)
  t.equal(await unknown.ended, 1)
  t.match(unknown.output(), /^demo: .*--twice/)
})
