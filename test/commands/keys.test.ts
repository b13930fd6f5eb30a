/** `npm run keys` as a user runs it. */
import { randomUUID } from 'node:crypto'
import { appendFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout } from 'node:timers/promises'
import { parse } from 'dotenv'
import t, { test } from 'tap'
import { parseSeedKeys, scopes } from '../../src/auth/api-key.ts'
import { readEnvironment } from '../../src/environment.ts'
import { startSimulator } from '../../src/simulator/simulator.ts'
import { parseSecrets } from '../../src/webhooks/signature.ts'
import { testSettings } from '../support/settings.ts'
import { startService } from '../support/service.ts'
import { setUpIvrCall } from '../support/calls.ts'
import { waitFor } from '../support/wait-for.ts'
import { projectRoot, runNpmScript, runCommand, type CommandResult } from './run-command.ts'

// Most steps start a process.
t.setTimeout(240_000)

const auditKey = 'S3cr3t-audit-key-of-the-test'
const runKeys = (args: string[], settings: Record<string, string> = {}): Promise<CommandResult> =>
  runCommand(process.execPath, ['src/commands/keys.ts', ...args], settings)

test('given a ledger, when npm run keys runs, then it prints, adds, lists and revokes keys', { timeout: 240_000 }, async (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'handoff-'))
  t.teardown(() => rmSync(folder, { recursive: true }))
  const ledger = { AUDIT_KEY: auditKey, DATABASE_URL: `sqlite:${join(folder, 'handoff.db')}` }

  await t.test('given keys with --help, then every command and scope is listed', async (t) => {
    const { exitCode, stdout, stderr } = await runNpmScript('keys', ['--help'])
    t.strictSame([exitCode, stderr], [0, ''])
    for (const word of ['settings', 'create', 'list', 'revoke', ...scopes]) t.match(stdout, word)
  })

  await t.test('given keys settings, then new secrets are printed, with which a service can start', async (t) => {
    const [first, second] = (await Promise.all([runKeys(['settings']), runKeys(['settings'])])).map(({ exitCode, stdout }) => ({
      exitCode,
      settings: parse(stdout),
    }))
    t.equal(first?.exitCode, 0)
    t.strictSame(Object.keys(first?.settings ?? {}), ['LOOP_TOKEN_SECRET', 'AUDIT_KEY', 'CRM_WEBHOOK_SECRET', 'API_KEYS'])
    for (const [name, value] of Object.entries(first?.settings ?? {})) t.not(value, second?.settings[name], `${name} differs each time`)
    const environment = readEnvironment({
      ...first?.settings,
      GENESYS_CLIENT_ID: 'x',
      GENESYS_CLIENT_SECRET: 'x',
      CRM_WEBHOOK_URL: 'https://crm.example',
    })
    t.match(parseSeedKeys(environment.API_KEYS, Date.now()), [{ scopes: [...scopes], queues: null }])
    t.equal(parseSecrets(String(environment.CRM_WEBHOOK_SECRET)).length, 1)
  })

  await t.test('given keys settings --missing, then only the settings that .env lacks are printed, to be appended to it', async (t) => {
    const envFolder = mkdtempSync(join(folder, 'env-'))
    const file = join(envFolder, '.env')
    const addMissing = async () => {
      const { exitCode, stdout, stderr } = await runCommand(
        process.execPath,
        [join(projectRoot, 'src/commands/keys.ts'), 'settings', '--missing'],
        {},
        envFolder,
      )
      t.strictSame([exitCode, stderr], [0, stdout === '' ? 'keys: .env lacks none of these settings, so nothing was printed\n' : ''])
      appendFileSync(file, stdout)
      return Object.keys(parse(stdout))
    }
    const names = ['LOOP_TOKEN_SECRET', 'AUDIT_KEY', 'CRM_WEBHOOK_SECRET', 'API_KEYS']
    t.strictSame(await addMissing(), names, 'all are missing without a .env')
    const complete = readFileSync(file, 'utf8')
    t.strictSame(await addMissing(), [], 'nothing is missing the second time')
    t.equal(readFileSync(file, 'utf8'), complete)
    writeFileSync(file, 'API_KEYS=\nLOOP_TOKEN_SECRET=kept\nAUDIT_KEY=mine')
    t.strictSame(await addMissing(), ['CRM_WEBHOOK_SECRET', 'API_KEYS'], 'an empty setting counts as missing')
    t.match(
      parse(readFileSync(file)),
      { LOOP_TOKEN_SECRET: 'kept', AUDIT_KEY: 'mine', API_KEYS: /^hk_/ },
      'a last line without a line break stays intact',
    )
  })

  await t.test('given keys in API_KEYS, then list shows them, and revoke says where they are', async (t) => {
    const seeded = {
      ...ledger,
      DATABASE_URL: `sqlite:${join(folder, 'seeded.db')}`,
      API_KEYS: `hk_ops_${'o'.repeat(43)}:transfers:read+audit:read`,
    }
    t.strictSame(await runKeys(['list'], seeded), {
      exitCode: 0,
      stdout: 'ops  transfers:read+audit:read  all queues  API_KEYS  -  valid\n',
      stderr: '',
    })
    t.match(await runKeys(['revoke', 'ops'], seeded), {
      exitCode: 1,
      stdout: '',
      stderr: 'keys: key ops is in API_KEYS: remove it there and restart the service\n',
    })
    t.match(await runKeys(['list'], { ...seeded, API_KEYS: 'hk_ops_S3cr3t' }), {
      exitCode: 1,
      stdout: '',
      stderr: /^keys: API_KEYS: entry 1 must be/,
    })
  })

  await t.test('given a ledger that was written with another AUDIT_KEY, then no key is added to it', async (t) => {
    const used = { ...ledger, DATABASE_URL: `sqlite:${join(folder, 'used.db')}` }
    t.match(await runKeys(['create', '--scope', 'audit:read'], used), { exitCode: 0 })
    t.match(await runKeys(['create', '--scope', 'audit:read'], { ...used, AUDIT_KEY: 'S3cr3t-of-another-ledger' }), {
      exitCode: 1,
      stdout: '',
      stderr: /^keys: AUDIT_KEY: is not the key that the audit trail in DATABASE_URL was written with\. Set that key again [^\n]+\n$/,
    })
  })

  await t.test(
    'given keys with wrong arguments, then one line names the error and nothing changes',
    { jobs: 2, timeout: 240_000 },
    async (t) => {
      for (const [args, line] of [
        [['create'], /^keys: a key needs a scope/],
        [['create', '--scope', 'everything'], /^keys: scope 1 does not exist/],
        [['create', '--scope', 'audit:read', '--queue', 'support'], /^keys: --queue must be the id of a queue/],
        [['create', '--scopes', 'audit:read'], /^keys: Unknown option '--scopes'/],
        [['create', '--scope', 'audit:read', '--label', 'a', '--label', 'b'], /^keys: --label was given twice/],
        [['create', '--scope', 'audit:read', '--missing'], /^keys: --missing is no option of create/],
        [['create', 'billing', '--scope', 'audit:read'], /^keys: create takes no argument without an option/],
        [['settings', '--queue', randomUUID()], /^keys: --queue is no option of settings/],
        [['settings', 'missing'], /^keys: settings takes no argument without an option/],
        [['list', 'all'], /^keys: list takes no argument without an option/],
        [['list', '--queue', randomUUID()], /^keys: --queue is no option of list/],
        [['revoke', 'nobody', 'nobody'], /^keys: revoke takes one key at a time/],
        [['revoke', 'nobody', '--label', 'nobody'], /^keys: --label is no option of revoke/],
        [['revoke'], /^keys: revoke needs the id/],
        [['revoke', 'nobody'], /^keys: there is no valid key nobody/],
      ] as const) {
        void t.test(`given keys with the arguments "${args.join(' ')}", then one line names the error`, async (t) => {
          const { exitCode, stdout, stderr } = await runKeys([...args], ledger)
          t.strictSame([exitCode, stdout, stderr.trimEnd().split('\n').length], [1, '', 1])
          t.match(stderr, line)
        })
      }
      for (const args of [[], ['make'], ['constructor']])
        void t.test(`given keys with the arguments "${args.join(' ')}", then the help is printed`, async (t) =>
          t.match(await runKeys(args), { exitCode: 1, stdout: '', stderr: /^npm run keys/ }),
        )
      void t.test('given keys list without AUDIT_KEY, then one line names the missing setting', async (t) =>
        t.match(await runKeys(['list'], { DATABASE_URL: ledger.DATABASE_URL }), {
          exitCode: 1,
          stdout: '',
          stderr: /^keys: AUDIT_KEY: is required/,
        }),
      )
      void t.test('given keys list and a folder that cannot be created, then one line names the error', async (t) =>
        t.match(await runKeys(['list'], { ...ledger, DATABASE_URL: 'sqlite:package.json/handoff.db' }), {
          exitCode: 1,
          stdout: '',
          stderr: /^keys: the ledger is not available: [^\n]+\n$/,
        }),
      )
      await t.test('given only wrong arguments so far, then the ledger still has no key', async (t) =>
        t.strictSame(await runKeys(['list'], ledger), {
          exitCode: 0,
          stdout: 'There is no key in the ledger, and none in API_KEYS.\n',
          stderr: '',
        }),
      )
    },
  )

  await t.test(
    'given a running service, when a key is created and revoked, then the service accepts and refuses it within seconds',
    { timeout: 240_000 },
    async (t) => {
      const simulator = await startSimulator({ requestsPerMinute: 60_000 })
      t.teardown(() => simulator.close())
      const { conversationId, queueId, otherQueueId } = setUpIvrCall(simulator.control)
      const service = await startService(t, { ...testSettings(simulator.url), ...ledger })
      const [created, restricted] = await Promise.all([
        runNpmScript('keys', ['create', '--scope', 'transfers:read', '--scope', 'audit:read', '--label', 'dashboards'], ledger),
        runKeys(['create', '--scope', 'transfers:write', '--queue', queueId.toUpperCase()], ledger),
      ])
      const [text = '', restrictedText = ''] = [created, restricted].map(({ stdout }) => stdout.split('\n')[0])
      const id = text.split('_')[1] ?? ''
      t.match(created, {
        exitCode: 0,
        stderr: '',
        stdout: /^hk_[0-9a-f]{12}_[\w-]{43}\n\nScopes: transfers:read, audit:read\. It is not shown again/,
      })

      // The pause keeps the requests below the rate limit of the key.
      const statusWith = async (key: string) =>
        setTimeout(100).then(
          async () => (await service.request('GET', '/v1/transfers', undefined, { authorization: `Bearer ${key}` })).status,
        )
      await waitFor(async () => (await statusWith(text)) === 200, 'the new key')
      // The service knows the key: 403 means that it lacks `transfers:read`, and an unknown key gets 401.
      await waitFor(async () => (await statusWith(restrictedText)) === 403, 'the other new key')
      const dryRun = (target: string) =>
        service.postTransfer(
          { conversationId, target: { type: 'queue', queueId: target }, mode: 'dryRun' },
          { authorization: `Bearer ${restrictedText}` },
        )
      t.strictSame(
        [(await dryRun(queueId)).status, (await dryRun(otherQueueId)).body.code],
        [200, 'TARGET_NOT_ALLOWED'],
        'the key may only transfer to its queue',
      )

      const listed = await runKeys(['list'], ledger)
      t.match(listed.stdout, new RegExp(`^${id}  transfers:read\\+audit:read  all queues  dashboards  \\S+  valid$`, 'm'))
      t.match(listed.stdout, new RegExp(`  transfers:write  queues ${queueId}  -  \\S+  valid$`, 'm'))
      t.notMatch(listed.stdout, text.split('_').slice(2).join('_'), 'no secret is listed')

      t.match(await runKeys(['revoke', id], ledger), {
        exitCode: 0,
        stdout: `Key ${id} is revoked; a running service refuses it within seconds.\n`,
        stderr: '',
      })
      t.match(await runKeys(['revoke', id], ledger), { exitCode: 1, stderr: `keys: there is no valid key ${id}\n` })
      await waitFor(async () => (await statusWith(text)) === 401, 'the refusal')
      t.match((await runKeys(['list'], ledger)).stdout, new RegExp(`^${id} .* revoked \\S+$`, 'm'))

      const { body } = await service.request<string>('GET', '/v1/audit')
      // The caller of these entries is the key that was created or revoked.
      const entries = body
        .trimEnd()
        .split('\n')
        .map((line) => JSON.parse(line) as { status: string; caller: string | null; detail: object })
        .filter(({ status, caller }) => status.startsWith('key_') && caller === id)
      t.match(
        entries,
        [{ status: 'key_created', detail: { scopes: 'transfers:read audit:read' } }, { status: 'key_revoked' }],
        'both are in the audit trail',
      )
      t.notMatch(body, text.split('_').slice(2).join('_'))
      t.equal(await statusWith(`hk_${randomUUID().slice(0, 12)}_${'x'.repeat(43)}`), 401, 'a key that was never created is unknown')
    },
  )
})
