import { test } from 'tap'
import { examine } from '../../src/doctor/examination.ts'
import { healthy, told } from '../../src/doctor/finding.ts'
import { readEnvironment } from '../../src/environment.ts'
import { startSimulator } from '../../src/simulator/simulator.ts'
import { newId, settingsFor, usualScene } from '../support/service.ts'

const needed = [
  'conversation:communication:view',
  'conversation:communication:blindTransfer',
  'routing:conversation:edit',
  'routing:queue:view',
  'routing:skill:view',
]

test('given an organisation, when the doctor looks at it', async (t) => {
  const simulator = await startSimulator({ requestsPerMinute: 60_000 })
  t.teardown(() => simulator.close())
  const { scene } = simulator
  const { queueId, otherQueueId, skillId } = usualScene(scene)
  const look = (more: Record<string, string> = {}, queues: string[] = [], skills: string[] = []) =>
    examine(readEnvironment({ ...settingsFor(simulator.url), DEFAULT_QUEUE_ID: queueId, ...more }), {
      queues,
      skills,
      webhook: false,
      findRegion: false,
    })

  await t.test('with all permissions, then it is healthy, and nothing was transferred', async (t) => {
    scene.setPermissions(needed)
    const findings = await look({}, [], [skillId])
    t.ok(healthy(findings), told(findings))
    t.match(told(findings), /Everything that is needed is there/)
    t.strictSame(scene.transfers(), [])
  })
  for (const permission of needed)
    await t.test(`without ${permission}, then it names exactly that one`, async (t) => {
      scene.setPermissions(needed.filter((one) => one !== permission))
      const findings = await look()
      t.strictSame([...new Set(findings.flatMap(({ permissions = [] }) => permissions))], [permission])
      t.notOk(healthy(findings))
    })
  scene.setPermissions('all')
  await t.test('with wrong credentials, a queue that is not there, one without members and a lower limit, then it says so', async (t) => {
    t.match((await look({ GENESYS_CLIENT_SECRET: 'wrong-secret' })).at(-1), { check: 'credentials', verdict: 'not ok' })
    const findings = await look({}, [newId(), otherQueueId], [newId()])
    t.strictSame(
      findings.filter(({ check }) => check.startsWith('--')).map(({ verdict }) => verdict),
      ['not ok', 'warning', 'not ok'],
    )
    scene.setRequestsPerMinute(100)
    t.match((await look()).at(-1), { check: 'rate limit', verdict: 'not ok' })
    t.notMatch(told(findings), 'handoff-demo-secret')
  })
})
