import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createServer, type AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import t, { test } from 'tap'
import { setDefaultScene } from '../src/simulator/control/default-scene.ts'
import { startSimulator } from '../src/simulator/simulator.ts'
import { npm, root, run, start } from './commands/process.ts'
import { crmSecret } from './support/crm.ts'
import { operationsKey, settingsFor, usualScene } from './support/service.ts'
import { until } from './support/until.ts'

// Every row of the table is a process.
t.setTimeout(180_000)

const secret = 'S3cr3t-of-sixteen-and-more'
const good = {
  ...settingsFor('http://127.0.0.1:9'),
  GENESYS_CLIENT_SECRET: secret,
  LOOP_TOKEN_SECRET: secret,
  AUDIT_KEY: secret,
  API_KEYS: `hk_ops_${secret}:transfers:read`,
}

test(
  'given a setting that is missing or malformed, when the service is started, then one line names it, no secret is told, and the exit code is 1',
  { jobs: 3, timeout: 120_000 },
  async (t) => {
    const busy = createServer()
    await new Promise<void>((listening) => busy.listen(0, '127.0.0.1', listening))
    t.teardown(() => busy.close())
    const port = String((busy.address() as AddressInfo).port)

    const table: Array<[what: string, change: Record<string, string>, line: RegExp]> = [
      ...['GENESYS_CLIENT_SECRET', 'AUDIT_KEY'].map((name): [string, Record<string, string>, RegExp] => [
        `no ${name}`,
        { [name]: '' },
        new RegExp(`^handoff: ${name}: is required`),
      ]),
      ['no key at all', { API_KEYS: '' }, /^handoff: API_KEYS: there is no API key yet/],
      ['a key without a scope', { API_KEYS: `hk_ops_${secret}` }, /^handoff: API_KEYS: entry 1/],
      [
        'a region that is none',
        { GENESYS_GATEWAY_URL: '', GENESYS_ENV: 'mypurecloud.example' },
        /^handoff: GENESYS_ENV: not a Genesys Cloud region/,
      ],
      ['a gateway with a query', { GENESYS_GATEWAY_URL: `http://127.0.0.1:9/?key=${secret}` }, /^handoff: GENESYS_GATEWAY_URL: /],
      ['a port that is none', { PORT: 'http' }, /^handoff: PORT: must be a whole number/],
      ['a port in use', { PORT: port }, new RegExp(`^handoff: PORT: ${port} of 127\\.0\\.0\\.1 is in use`)],
      ['a host that is not here', { HOST: '192.0.2.1' }, /^handoff: HOST: 192\.0\.2\.1 is no address of this machine/],
      [
        'a ledger in a folder that cannot be made',
        { DATABASE_URL: `sqlite:${join(root, 'package.json')}/handoff.db` },
        /^handoff: DATABASE_URL: /,
      ],
      ['a ledger that is no database', { DATABASE_URL: `sqlite:${join(root, 'package.json')}` }, /^handoff: DATABASE_URL: /],
      [
        'a webhook secret that is none',
        { CRM_WEBHOOK_URL: 'https://crm.example', CRM_WEBHOOK_SECRET: `whsec_${secret}!` },
        /^handoff: CRM_WEBHOOK_SECRET: /,
      ],
      ['a network that is none', { WEBHOOK_ALLOWED_NETWORKS: '10.0.0.0/40' }, /^handoff: WEBHOOK_ALLOWED_NETWORKS: /],
    ]
    for (const [at, [what, change, line]] of table.entries()) {
      void t.test(what, async (t) => {
        const settings = { ...good, LOG_LEVEL: 'error', ...change }
        // npm start is that command; once is enough to know.
        const { code, out, err } = await (at === 0 ? npm('start', [], settings) : run(process.execPath, ['src/server.ts'], settings))
        t.equal(code, 1)
        t.match(err, line)
        t.strictSame([err.split('\n').length, err.at(-1), out], [2, '\n', ''], 'one line, and nothing else')
        t.notMatch(err, /S3cr3t|\n\s+at /)
      })
    }
    await t.test('a .env that cannot be read', async (t) => {
      const folder = mkdtempSync(join(tmpdir(), 'handoff-'))
      t.teardown(() => rmSync(folder, { recursive: true }))
      mkdirSync(join(folder, '.env'))
      t.match(await run(process.execPath, [join(root, 'src/server.ts')], {}, folder), {
        code: 1,
        out: '',
        err: /^handoff: \.env: cannot be read \(EISDIR\)\n$/,
      })
    })
  },
)

test(
  'given a whole .env, when the service is started beside it, then it serves, and a signal stops it when what is under way is done',
  { timeout: 60_000 },
  async (t) => {
    const simulator = await startSimulator()
    t.teardown(() => simulator.close())
    setDefaultScene(simulator.scene)
    const { conversationId, queueId } = usualScene(simulator.scene)
    const folder = mkdtempSync(join(tmpdir(), 'handoff-'))
    t.teardown(() => rmSync(folder, { recursive: true }))
    const settings = {
      ...settingsFor(simulator.url),
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

    const { child, said, ended } = start(process.execPath, [join(root, 'src/server.ts')], {}, folder)
    t.teardown(() => child.kill('SIGKILL'))
    const lines = () =>
      said.out
        .split('\n')
        // The last one may not be whole.
        .slice(0, -1)
        .map((line) => JSON.parse(line) as { message: string; 'log.level': string })
    const { message } = await until(() => lines().find((line) => line.message.startsWith('Server listening')), 'the service')
    const url = message.replace('Server listening at ', '')
    const ask = (path: string, init: RequestInit = {}) =>
      fetch(url + path, { ...init, headers: { authorization: `Bearer ${operationsKey}`, 'content-type': 'application/json' } })
    t.match(await (await ask('/ready')).json(), { status: 'ready' })

    simulator.scene.addFault({ operation: 'POST /conversations/{id}/participants/{id}/replace/queue', fault: { kind: 'delay', ms: 2_000 } })
    const moving = ask('/v1/transfers', { method: 'POST', body: JSON.stringify({ conversationId, target: { type: 'queue', queueId } }) })
    await until(
      async () => ((await (await ask('/v1/transfers?state=executing')).json()) as { transfers: object[] }).transfers.length === 1,
      'the transfer under way',
    )
    child.kill('SIGTERM')
    t.equal((await moving).status, 202, 'the transfer is answered')
    const { code, err } = await ended
    t.strictSame([code, err], [0, ''])
    t.ok(lines().some((line) => line.message === 'stopping'))
    t.strictSame(
      lines().filter((line) => ['error', 'fatal'].includes(line['log.level'])),
      [],
    )
  },
)
