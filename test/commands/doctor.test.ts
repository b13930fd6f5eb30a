import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import t, { test } from 'tap'
import { startSimulator } from '../../src/simulator/simulator.ts'
import { startCrm } from '../support/crm.ts'
import { settingsFor, usualScene } from '../support/service.ts'
import { npm } from './process.ts'

// Each step is a process.
t.setTimeout(130_000)

test('npm run doctor', { timeout: 120_000 }, async (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'handoff-'))
  const simulator = await startSimulator({ requestsPerMinute: 60_000 })
  const crm = await startCrm()
  t.teardown(async () => {
    await simulator.close()
    await crm.close()
    rmSync(folder, { recursive: true })
  })
  const { queueId, skillId } = usualScene(simulator.scene)
  const settings: Record<string, string> = { ...settingsFor(simulator.url, crm.url), DATABASE_URL: `sqlite:${join(folder, 'handoff.db')}` }

  await t.test('of an organisation that is fit says so, tries the webhook where that is asked for, and ends with 0', async (t) => {
    const { code, out, err } = await npm('doctor', ['--queue', queueId, '--skill', skillId, '--webhook'], settings)
    t.strictSame([code, err], [0, ''], out)
    t.match(out, /Everything that is needed is there/)
    t.strictSame(
      crm.told.map(({ type }) => type),
      ['webhook.test'],
    )
    t.strictSame(simulator.scene.transfers(), [], 'and no call was touched')
  })
  await t.test('names the one permission that is missing, as JSON too, and ends with 1', async (t) => {
    simulator.scene.setPermissions([
      'conversation:communication:view',
      'conversation:communication:blindTransfer',
      'routing:queue:view',
      'routing:skill:view',
    ])
    const { code, out } = await npm('doctor', ['--json'], settings)
    t.equal(code, 1)
    const { healthy } = JSON.parse(out) as { healthy: boolean }
    t.equal(healthy, false)
    t.match(out, /routing:conversation:edit/)
    for (const secret of ['handoff-demo-secret', settings['AUDIT_KEY'], settings['LOOP_TOKEN_SECRET']])
      t.notOk(out.includes(String(secret)), 'no secret is told')
  })
  await t.test('--help', async (t) => {
    const { code, out } = await npm('doctor', ['--help'])
    t.equal(code, 0)
    for (const word of ['--queue', '--webhook', '--json']) t.match(out, word)
  })
})
