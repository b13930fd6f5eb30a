/** The process of the service: which settings keep it from starting, and how it starts and stops. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createServer, type AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import t, { test } from 'tap'
import { loadDefaultScenario } from '../src/simulator/control/default-scenario.ts'
import { startSimulator } from '../src/simulator/simulator.ts'
import { runNpmScript, projectRoot, runCommand, startCommand } from './commands/run-command.ts'
import { crmSecret } from './support/test-crm.ts'
import { operationsKey, testSettings } from './support/settings.ts'
import { setUpIvrCall } from './support/calls.ts'
import { waitFor } from './support/wait-for.ts'

// Each case starts a process.
t.setTimeout(180_000)

const secret = 'S3cr3t-of-sixteen-and-more'
const validSettings = {
  ...testSettings('http://127.0.0.1:9'),
  GENESYS_CLIENT_SECRET: secret,
  LOOP_TOKEN_SECRET: secret,
  AUDIT_KEY: secret,
  API_KEYS: `hk_ops_${secret}:transfers:read`,
}

test(
  'given a setting that is missing or malformed, when the service is started, then one line names it without a secret, and the exit code is 1',
  { jobs: 3, timeout: 240_000 },
  async (t) => {
    const occupyingServer = createServer()
    await new Promise<void>((resolve) => occupyingServer.listen(0, '127.0.0.1', resolve))
    t.teardown(() => occupyingServer.close())
    const port = String((occupyingServer.address() as AddressInfo).port)

    const cases: Array<[description: string, changes: Record<string, string>, line: RegExp]> = [
      ...['GENESYS_CLIENT_SECRET', 'AUDIT_KEY'].map((name): [string, Record<string, string>, RegExp] => [
        `no ${name}`,
        { [name]: '' },
        new RegExp(`^handoff: ${name}: is required`),
      ]),
      ['no API key', { API_KEYS: '' }, /^handoff: API_KEYS: there is no API key yet/],
      ['a key without a scope', { API_KEYS: `hk_ops_${secret}` }, /^handoff: API_KEYS: entry 1/],
      [
        'an unknown region',
        { GENESYS_GATEWAY_URL: '', GENESYS_ENV: 'mypurecloud.example' },
        /^handoff: GENESYS_ENV: not a Genesys Cloud region/,
      ],
      ['a gateway with a query', { GENESYS_GATEWAY_URL: `http://127.0.0.1:9/?key=${secret}` }, /^handoff: GENESYS_GATEWAY_URL: /],
      ['a port that is not a number', { PORT: 'http' }, /^handoff: PORT: must be a whole number/],
      ['a port in use', { PORT: port }, new RegExp(`^handoff: PORT: ${port} of 127\\.0\\.0\\.1 is in use`)],
      ['an address of another machine', { HOST: '192.0.2.1' }, /^handoff: HOST: 192\.0\.2\.1 is not an address of this machine/],
      [
        'a ledger in a folder that cannot be created',
        { DATABASE_URL: `sqlite:${join(projectRoot, 'package.json')}/handoff.db` },
        /^handoff: DATABASE_URL: /,
      ],
      ['a ledger file that is not a database', { DATABASE_URL: `sqlite:${join(projectRoot, 'package.json')}` }, /^handoff: DATABASE_URL: /],
      [
        'a malformed webhook secret',
        { CRM_WEBHOOK_URL: 'https://crm.example', CRM_WEBHOOK_SECRET: `whsec_${secret}!` },
        /^handoff: CRM_WEBHOOK_SECRET: /,
      ],
      ['a malformed network', { WEBHOOK_ALLOWED_NETWORKS: '10.0.0.0/40' }, /^handoff: WEBHOOK_ALLOWED_NETWORKS: /],
    ]
    for (const [index, [description, changes, line]] of cases.entries()) {
      void t.test(`given ${description}, then one line names the setting`, async (t) => {
        const settings = { ...validSettings, LOG_LEVEL: 'error', ...changes }
        // npm start runs the same command, so one case with npm is enough.
        const { exitCode, stdout, stderr } = await (index === 0
          ? runNpmScript('start', [], settings)
          : runCommand(process.execPath, ['src/server.ts'], settings))
        t.equal(exitCode, 1)
        t.match(stderr, line)
        t.strictSame([stderr.split('\n').length, stderr.at(-1), stdout], [2, '\n', ''], 'one line, and nothing else')
        t.notMatch(stderr, /S3cr3t|\n\s+at /)
      })
    }
    await t.test('given no settings at all, then each one that the first start needs is named', async (t) => {
      const { exitCode, stderr } = await runCommand(process.execPath, ['src/server.ts'], { DATABASE_URL: 'sqlite:./none/handoff.db' })
      t.equal(exitCode, 1)
      t.strictSame(
        stderr
          .trimEnd()
          .split('\n')
          .map((line) => line.split(': ').slice(0, 2).join(' ')),
        ['GENESYS_CLIENT_ID', 'GENESYS_CLIENT_SECRET', 'LOOP_TOKEN_SECRET', 'AUDIT_KEY', 'API_KEYS'].map((name) => `handoff ${name}`),
      )
    })
    await t.test('given a .env that cannot be read, then one line says so', async (t) => {
      const folder = mkdtempSync(join(tmpdir(), 'handoff-'))
      t.teardown(() => rmSync(folder, { recursive: true }))
      mkdirSync(join(folder, '.env'))
      t.match(await runCommand(process.execPath, [join(projectRoot, 'src/server.ts')], {}, folder), {
        exitCode: 1,
        stdout: '',
        stderr: /^handoff: \.env: cannot be read \(EISDIR\)\n$/,
      })
    })
  },
)

test(
  'given a .env with every setting that the service needs, when the service is started beside it, then it serves, and a signal stops it once running requests are answered',
  { timeout: 240_000 },
  async (t) => {
    const simulator = await startSimulator()
    t.teardown(() => simulator.close())
    loadDefaultScenario(simulator.control)
    const { conversationId, queueId } = setUpIvrCall(simulator.control)
    const folder = mkdtempSync(join(tmpdir(), 'handoff-'))
    t.teardown(() => rmSync(folder, { recursive: true }))
    const settings = {
      ...testSettings(simulator.url),
      DATABASE_URL: 'sqlite:./data/handoff.db',
      CRM_WEBHOOK_URL: 'https://crm.invalid/transfers',
      CRM_WEBHOOK_SECRET: crmSecret,
      ALLOWED_NUMBERS: '+4930*,+1555*',
      GENESYS_CLIENT_ID: '"handoff-demo" # quoted',
    }
    writeFileSync(
      join(folder, '.env'),
      `# a comment\n${Object.entries(settings)
        .map(([name, value]) => `${name}=${value}`)
        .join('\n')}\n`,
    )

    const { child, output, result } = startCommand(process.execPath, [join(projectRoot, 'src/server.ts')], {}, folder)
    t.teardown(() => child.kill('SIGKILL'))
    const lines = () =>
      output.stdout
        .split('\n')
        // The last line may be incomplete.
        .slice(0, -1)
        .map((line) => JSON.parse(line) as { message: string; 'log.level': string })
    const { message } = await waitFor(() => lines().find((line) => line.message.startsWith('Server listening')), 'the service')
    const url = message.replace('Server listening at ', '')
    const send = (path: string, init: RequestInit = {}) =>
      fetch(url + path, { ...init, headers: { authorization: `Bearer ${operationsKey}`, 'content-type': 'application/json' } })
    t.match(await (await send('/ready')).json(), { status: 'ready' })

    simulator.control.addFault({
      operation: 'POST /conversations/{id}/participants/{id}/replace/queue',
      fault: { kind: 'delay', ms: 2_000 },
    })
    const transfer = send('/v1/transfers', { method: 'POST', body: JSON.stringify({ conversationId, target: { type: 'queue', queueId } }) })
    await waitFor(
      async () => ((await (await send('/v1/transfers?state=executing')).json()) as { transfers: object[] }).transfers.length === 1,
      'the running transfer',
    )
    child.kill('SIGTERM')
    t.equal((await transfer).status, 202, 'the transfer is answered')
    const { exitCode, stderr } = await result
    t.strictSame([exitCode, stderr], [0, ''])
    t.ok(lines().some((line) => line.message === 'stopping'))
    t.strictSame(
      lines().filter((line) => ['error', 'fatal'].includes(line['log.level'])),
      [],
    )
  },
)
