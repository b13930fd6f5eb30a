/** `npm run doctor` as a user runs it. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import t, { test } from 'tap'
import { startPlatformAndCrm } from '../support/test-system.ts'
import { testSettings } from '../support/settings.ts'
import { setUpIvrCall } from '../support/calls.ts'
import { runNpmScript } from './run-command.ts'

// Each step starts a process.
t.setTimeout(130_000)

test('given an organization, when npm run doctor runs, then it reports what is missing', { timeout: 240_000 }, async (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'handoff-'))
  t.teardown(() => rmSync(folder, { recursive: true }))
  const { simulator, crm } = await startPlatformAndCrm(t)
  const { queueId, skillId } = setUpIvrCall(simulator.control)
  const settings: Record<string, string> = { ...testSettings(simulator.url, crm.url), DATABASE_URL: `sqlite:${join(folder, 'handoff.db')}` }

  await t.test(
    'given an organization that is ready and --webhook, then the output says so, a test webhook is sent, and the exit code is 0',
    async (t) => {
      const { exitCode, stdout, stderr } = await runNpmScript('doctor', ['--queue', queueId, '--skill', skillId, '--webhook'], settings)
      t.strictSame([exitCode, stderr], [0, ''], stdout)
      t.match(stdout, /Everything that Handoff needs is in place/)
      t.strictSame(
        crm.accepted.map(({ type }) => type),
        ['webhook.test'],
      )
      t.strictSame(simulator.control.transfers(), [], 'no call was transferred')
    },
  )
  await t.test('given a missing permission and --json, then the JSON report names the permission, and the exit code is 1', async (t) => {
    simulator.control.setPermissions([
      'conversation:communication:view',
      'conversation:communication:blindTransfer',
      'routing:queue:view',
      'routing:skill:view',
    ])
    const { exitCode, stdout } = await runNpmScript('doctor', ['--json'], settings)
    t.equal(exitCode, 1)
    const { healthy } = JSON.parse(stdout) as { healthy: boolean }
    t.equal(healthy, false)
    t.match(stdout, /routing:conversation:edit/)
    for (const secret of ['handoff-demo-secret', settings['AUDIT_KEY'], settings['LOOP_TOKEN_SECRET']])
      t.notOk(stdout.includes(String(secret)), 'no secret is printed')
  })
  await t.test('given doctor with --help, then every option is listed', async (t) => {
    const { exitCode, stdout } = await runNpmScript('doctor', ['--help'])
    t.equal(exitCode, 0)
    for (const option of ['--queue', '--webhook', '--json']) t.match(stdout, option)
  })
})
