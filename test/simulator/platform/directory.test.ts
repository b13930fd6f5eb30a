import t from 'tap'
import { stage, type Stage } from '../stage.ts'

async function supportTeam(t: Parameters<typeof stage>[0]): Promise<Stage> {
  const at = await stage(t, { clock: 'manual' })
  at.scene.addSkill({ id: 'billing', name: 'Billing' })
  at.scene.addSkill({ id: 'old', name: 'Old', state: 'inactive' })
  at.scene.addQueue({ id: 'support', name: 'Support', alertingTimeoutMs: 12_000 })
  at.scene.addAgent({ id: 'c', name: 'Chris', queueIds: ['support'], routingStatus: 'INTERACTING' })
  at.scene.addAgent({ id: 'a', name: 'Alex', queueIds: ['support'], skillIds: ['billing'] })
  at.scene.addAgent({ id: 'b', name: 'Bo', unjoinedQueueIds: ['support'], presence: 'Away' })
  return at
}

t.test('given skills, then each is read alone or several in one call, repeated or comma-joined', async (t) => {
  const at = await supportTeam(t)
  t.match(await at.ask('GET', '/routing/skills/billing'), { status: 200, body: { id: 'billing', name: 'Billing', state: 'active' } })
  t.match(await at.ask('GET', '/routing/skills/nothing'), { status: 404, body: { code: 'not.found', entityId: 'nothing' } })
  for (const query of ['id=billing&id=old&id=nothing', 'id=billing,old,nothing']) {
    const { body } = await at.ask('GET', `/routing/skills?${query}`)
    t.match(body, {
      entities: [
        { id: 'billing', state: 'active' },
        { id: 'old', state: 'inactive' },
      ],
      total: 2,
      pageNumber: 1,
      pageSize: 25,
    })
  }
  t.match(
    (await at.ask('GET', '/routing/skills')).body.entities.map(({ id }: any) => id),
    ['billing'],
    'without ids, the active ones',
  )
  at.scene.setSkill('billing', { state: 'deleted' })
  t.match((await at.ask('GET', '/routing/skills/billing')).body, { state: 'deleted' })
})

t.test('given a queue, then it tells its name, members and alerting time, until it is removed', async (t) => {
  const at = await supportTeam(t)
  t.match(await at.ask('GET', '/routing/queues/support'), {
    status: 200,
    body: {
      id: 'support',
      name: 'Support',
      memberCount: 3,
      joinedMemberCount: 2,
      skillEvaluationMethod: 'ALL',
      mediaSettings: { call: { alertingTimeoutSeconds: 12 } },
    },
  })
  at.scene.removeQueue('support')
  t.equal((await at.ask('GET', '/routing/queues/support')).status, 404)
  t.equal((await at.ask('GET', '/routing/queues/support/members')).status, 404)
})

t.test('given members, then they come by name, filtered by joined, routing status and presence', async (t) => {
  const at = await supportTeam(t)
  const names = async (query: string) =>
    (await at.ask('GET', `/routing/queues/support/members?${query}`)).body.entities.map(({ name }: any) => name)
  t.strictSame(await names(''), ['Alex', 'Bo', 'Chris'])
  t.strictSame(await names('joined=true'), ['Alex', 'Chris'])
  t.strictSame(await names('joined=false'), ['Bo'])
  t.strictSame(await names('joined=true&routingStatus=IDLE'), ['Alex'])
  t.strictSame(await names('routingStatus=IDLE,INTERACTING'), ['Alex', 'Bo', 'Chris'])
  t.strictSame(await names('presence=Away'), ['Bo'])
})

t.test('given members, then skills, status and presence are there only when expanded', async (t) => {
  const at = await supportTeam(t)
  const first = async (query: string) => (await at.ask('GET', `/routing/queues/support/members?${query}`)).body.entities[0]
  const plain = await first('')
  t.notOk('routingStatus' in plain || 'skills' in plain.user || 'presence' in plain.user)
  for (const query of ['expand=skills&expand=routingStatus&expand=presence', 'expand=skills,routingStatus,presence']) {
    t.match(await first(query), {
      joined: true,
      memberBy: 'user',
      routingStatus: { userId: 'a', status: 'IDLE' },
      user: {
        id: 'a',
        skills: [{ id: 'billing', state: 'active' }],
        routingStatus: { status: 'IDLE' },
        presence: { presenceDefinition: { systemPresence: 'Available' } },
      },
    })
  }
})

t.test('given more members than a page holds, then pages follow each other and name their neighbours', async (t) => {
  const at = await stage(t, { clock: 'manual' })
  at.scene.addQueue({ id: 'support' })
  for (let n = 100; n < 230; n += 1) at.scene.addAgent({ name: `Agent ${n}`, queueIds: ['support'] })
  const page = async (query: string) => (await at.ask('GET', `/routing/queues/support/members?${query}`)).body
  t.equal((await page('')).entities.length, 25)
  const first = await page('pageSize=100')
  const second = await page('pageSize=100&pageNumber=2')
  t.strictSame([first.entities.length, second.entities.length], [100, 30])
  t.equal(second.entities[0].name, 'Agent 200')
  t.match(first, { nextUri: /pageNumber=2/ })
  t.match(second, { previousUri: /pageNumber=1/ })
  t.notOk('previousUri' in first || 'nextUri' in second)
  t.strictSame((await page('pageSize=100&pageNumber=9')).entities, [])
  for (const query of ['pageSize=101', 'pageSize=0', 'pageNumber=x']) {
    t.match(await at.ask('GET', `/routing/queues/support/members?${query}`), { status: 400, body: { code: 'invalid.value' } })
  }
})

t.test('given a user, then expansions and changes show; nobody’s routing status is OFF_QUEUE', async (t) => {
  const at = await supportTeam(t)
  t.match(await at.ask('GET', '/users/a'), { status: 200, body: { id: 'a', name: 'Alex', state: 'active', version: 1 } })
  at.scene.setAgent('a', { routingStatus: 'NOT_RESPONDING', presence: 'Busy', state: 'inactive' })
  t.match((await at.ask('GET', '/users/a?expand=routingStatus,presence,skills')).body, {
    state: 'inactive',
    routingStatus: { status: 'NOT_RESPONDING' },
    presence: { presenceDefinition: { systemPresence: 'Busy' } },
    skills: [{ id: 'billing' }],
  })
  t.equal((await at.ask('GET', '/users/nobody')).status, 404)
  t.match((await at.ask('GET', '/users/nobody/routingstatus')).body, { userId: 'nobody', status: 'OFF_QUEUE' })
})
