import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout } from 'node:timers/promises'
import { parse } from 'dotenv'
import t, { test } from 'tap'
import { parseSeeds, scopes } from '../../src/auth/api-key.ts'
import { readEnvironment } from '../../src/environment.ts'
import { startSimulator } from '../../src/simulator/simulator.ts'
import { parseSecrets } from '../../src/webhooks/signature.ts'
import { newId, settingsFor, startService, usualScene } from '../support/service.ts'
import { until } from '../support/until.ts'
import { npm, run, type Ran } from './process.ts'

// Most steps are processes.
t.setTimeout(120_000)

const auditKey = 'S3cr3t-audit-key-of-the-test'
const keys = (words: string[], settings: Record<string, string> = {}): Promise<Ran> =>
  run(process.execPath, ['src/commands/keys.ts', ...words], settings)

test('npm run keys', { timeout: 110_000 }, async (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'handoff-'))
  t.teardown(() => rmSync(folder, { recursive: true }))
  const ledger = { AUDIT_KEY: auditKey, DATABASE_URL: `sqlite:${join(folder, 'handoff.db')}` }

  await t.test('--help tells what there is', async (t) => {
    const { code, out, err } = await npm('keys', ['--help'])
    t.strictSame([code, err], [0, ''])
    for (const word of ['settings', 'create', 'list', 'revoke', ...scopes]) t.match(out, word)
  })

  await t.test('settings prints fresh secrets that a service starts with', async (t) => {
    const [one, other] = (await Promise.all([keys(['settings']), keys(['settings'])])).map(({ code, out }) => ({
      code,
      settings: parse(out),
    }))
    t.equal(one?.code, 0)
    t.strictSame(Object.keys(one?.settings ?? {}), ['LOOP_TOKEN_SECRET', 'AUDIT_KEY', 'CRM_WEBHOOK_SECRET', 'API_KEYS'])
    for (const [name, value] of Object.entries(one?.settings ?? {})) t.not(value, other?.settings[name], `${name} is another each time`)
    const environment = readEnvironment({
      ...one?.settings,
      GENESYS_CLIENT_ID: 'x',
      GENESYS_CLIENT_SECRET: 'x',
      CRM_WEBHOOK_URL: 'https://crm.example',
    })
    t.match(parseSeeds(environment.API_KEYS, Date.now()), [{ scopes: [...scopes], queues: null }])
    t.equal(parseSecrets(String(environment.CRM_WEBHOOK_SECRET)).length, 1)
  })

  await t.test('what does not fit ends with one line and changes nothing', { jobs: 2, timeout: 60_000 }, async (t) => {
    for (const [words, line] of [
      [['create'], /^keys: a key needs a scope/],
      [['create', '--scope', 'everything'], /^keys: scope 1 is none/],
      [['create', '--scope', 'audit:read', '--queue', 'support'], /^keys: --queue must be the id of a queue/],
      [['create', '--scopes', 'audit:read'], /^keys: Unknown option '--scopes'/],
      [['revoke'], /^keys: revoke needs the id/],
      [['revoke', 'nobody'], /^keys: there is no valid key nobody/],
    ] as const) {
      void t.test(words.join(' '), async (t) => {
        const { code, out, err } = await keys([...words], ledger)
        t.strictSame([code, out, err.trimEnd().split('\n').length], [1, '', 1])
        t.match(err, line)
      })
    }
    for (const words of [[], ['make'], ['constructor']])
      void t.test(`"${words.join(' ')}" is answered with the help`, async (t) =>
        t.match(await keys(words), { code: 1, out: '', err: /^npm run keys/ }),
      )
    void t.test('list without AUDIT_KEY', async (t) =>
      t.match(await keys(['list'], { DATABASE_URL: ledger.DATABASE_URL }), { code: 1, out: '', err: /^keys: AUDIT_KEY: is required/ }),
    )
    void t.test('list in a folder that cannot be made', async (t) =>
      t.match(await keys(['list'], { ...ledger, DATABASE_URL: 'sqlite:package.json/handoff.db' }), {
        code: 1,
        out: '',
        err: /^keys: the ledger is not available: [^\n]+\n$/,
      }),
    )
    await t.test('and so there is no key', async (t) =>
      t.strictSame(await keys(['list'], ledger), { code: 0, out: 'There is no key in the ledger.\n', err: '' }),
    )
  })

  await t.test(
    'a key that is made works in a running service at once, and one that is revoked does not for long',
    { timeout: 60_000 },
    async (t) => {
      const simulator = await startSimulator({ requestsPerMinute: 60_000 })
      t.teardown(() => simulator.close())
      const { conversationId, queueId, otherQueueId } = usualScene(simulator.scene)
      const service = await startService(t, { ...settingsFor(simulator.url), ...ledger })
      const [made, bound] = await Promise.all([
        npm('keys', ['create', '--scope', 'transfers:read', '--scope', 'audit:read', '--label', 'dashboards'], ledger),
        keys(['create', '--scope', 'transfers:write', '--queue', queueId.toUpperCase()], ledger),
      ])
      const [text = '', boundText = ''] = [made, bound].map(({ out }) => out.split('\n')[0])
      const id = text.split('_')[1] ?? ''
      t.match(made, { code: 0, err: '', out: /^hk_[0-9a-f]{12}_[\w-]{43}\n\nScopes: transfers:read, audit:read\. It is not shown again/ })

      // Not so often that the asking itself is refused.
      const status = async (key: string) =>
        setTimeout(100).then(async () => (await service.ask('GET', '/v1/transfers', undefined, { authorization: `Bearer ${key}` })).status)
      await until(async () => (await status(text)) === 200, 'the new key')
      await until(async () => (await status(boundText)) === 403, 'the other new key')
      const wish = (target: string) =>
        service.transfer(
          { conversationId, target: { type: 'queue', queueId: target }, mode: 'dryRun' },
          { authorization: `Bearer ${boundText}` },
        )
      t.strictSame([(await wish(queueId)).status, (await wish(otherQueueId)).body.code], [200, 'TARGET_NOT_ALLOWED'], 'a key for one queue')

      const listed = await keys(['list'], ledger)
      t.match(listed.out, new RegExp(`^${id}  transfers:read\\+audit:read  all queues  dashboards  \\S+  valid$`, 'm'))
      t.match(listed.out, new RegExp(`  transfers:write  queues ${queueId}  -  \\S+  valid$`, 'm'))
      t.notMatch(listed.out, text.split('_').slice(2).join('_'), 'no secret is listed')

      t.match(await keys(['revoke', id], ledger), {
        code: 0,
        out: `Key ${id} is revoked; a running service refuses it within seconds.\n`,
        err: '',
      })
      t.match(await keys(['revoke', id], ledger), { code: 1, err: `keys: there is no valid key ${id}\n` })
      await until(async () => (await status(text)) === 401, 'the refusal')
      t.match((await keys(['list'], ledger)).out, new RegExp(`^${id} .* revoked \\S+$`, 'm'))

      const { body } = await service.ask<string>('GET', '/v1/audit')
      const noted = body
        .trimEnd()
        .split('\n')
        .map((line) => JSON.parse(line) as { status: string; caller: string | null; detail: object })
        .filter(({ status: word, caller }) => word.startsWith('key_') && caller === id)
      t.match(
        noted,
        [{ status: 'key_created', detail: { scopes: 'transfers:read audit:read' } }, { status: 'key_revoked' }],
        'both are in the audit trail',
      )
      t.notMatch(body, text.split('_').slice(2).join('_'))
      t.equal(await status(`hk_${newId().slice(0, 12)}_${'x'.repeat(43)}`), 401)
    },
  )
})
