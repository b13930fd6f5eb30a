/** How skills, queues, members and users are read. */
import t from 'tap'
import { startPlatform, type TestPlatform } from '../test-platform.ts'

/** Starts a simulator with two skills, and a queue with three members, one of whom has not joined it. */
async function startSupportTeam(t: Parameters<typeof startPlatform>[0]): Promise<TestPlatform> {
  const platform = await startPlatform(t, { clock: 'manual' })
  platform.control.addSkill({ id: 'billing', name: 'Billing' })
  platform.control.addSkill({ id: 'old', name: 'Old', state: 'inactive' })
  platform.control.addQueue({ id: 'support', name: 'Support', alertingTimeoutMs: 12_000 })
  platform.control.addAgent({ id: 'c', name: 'Chris', queueIds: ['support'], routingStatus: 'INTERACTING' })
  platform.control.addAgent({ id: 'a', name: 'Alex', queueIds: ['support'], skillIds: ['billing'] })
  platform.control.addAgent({ id: 'b', name: 'Bo', unjoinedQueueIds: ['support'], presence: 'Away' })
  return platform
}

t.test('given skills, then one or several can be read, with one id parameter for each, or one with commas', async (t) => {
  const platform = await startSupportTeam(t)
  t.match(await platform.request('GET', '/routing/skills/billing'), {
    status: 200,
    body: { id: 'billing', name: 'Billing', state: 'active' },
  })
  t.match(await platform.request('GET', '/routing/skills/nothing'), { status: 404, body: { code: 'not.found', entityId: 'nothing' } })
  for (const query of ['id=billing&id=old&id=nothing', 'id=billing,old,nothing']) {
    const { body } = await platform.request('GET', `/routing/skills?${query}`)
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
    (await platform.request('GET', '/routing/skills')).body.entities.map(({ id }: any) => id),
    ['billing'],
    'without ids, the active skills are listed',
  )
  platform.control.setSkill('billing', { state: 'deleted' })
  t.match((await platform.request('GET', '/routing/skills/billing')).body, { state: 'deleted' })
})

t.test('given a queue, then its name, members and alerting timeout can be read until it is removed', async (t) => {
  const platform = await startSupportTeam(t)
  t.match(await platform.request('GET', '/routing/queues/support'), {
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
  platform.control.removeQueue('support')
  t.equal((await platform.request('GET', '/routing/queues/support')).status, 404)
  t.equal((await platform.request('GET', '/routing/queues/support/members')).status, 404)
})

t.test('given members of a queue, then they are sorted by name and filtered by joined, routing status and presence', async (t) => {
  const platform = await startSupportTeam(t)
  const readNames = async (query: string) =>
    (await platform.request('GET', `/routing/queues/support/members?${query}`)).body.entities.map(({ name }: any) => name)
  t.strictSame(await readNames(''), ['Alex', 'Bo', 'Chris'])
  t.strictSame(await readNames('joined=true'), ['Alex', 'Chris'])
  t.strictSame(await readNames('joined=false'), ['Bo'])
  t.strictSame(await readNames('joined=true&routingStatus=IDLE'), ['Alex'])
  t.strictSame(await readNames('routingStatus=IDLE,INTERACTING'), ['Alex', 'Bo', 'Chris'])
  t.strictSame(await readNames('presence=Away'), ['Bo'])
})

t.test('given members of a queue, then skills, routing status and presence are present only when expanded', async (t) => {
  const platform = await startSupportTeam(t)
  const first = async (query: string) => (await platform.request('GET', `/routing/queues/support/members?${query}`)).body.entities[0]
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

t.test('given more members than fit on a page, then each page links to the ones before and after it', async (t) => {
  const platform = await startPlatform(t, { clock: 'manual' })
  platform.control.addQueue({ id: 'support' })
  for (let n = 100; n < 230; n += 1) platform.control.addAgent({ name: `Agent ${n}`, queueIds: ['support'] })
  const page = async (query: string) => (await platform.request('GET', `/routing/queues/support/members?${query}`)).body
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
    t.match(await platform.request('GET', `/routing/queues/support/members?${query}`), { status: 400, body: { code: 'invalid.value' } })
  }
})

t.test(
  'given a user that was changed, then it is read with its new values and with what `expand` names, and an unknown user is OFF_QUEUE',
  async (t) => {
    const platform = await startSupportTeam(t)
    t.match(await platform.request('GET', '/users/a'), { status: 200, body: { id: 'a', name: 'Alex', state: 'active', version: 1 } })
    platform.control.setAgent('a', { routingStatus: 'NOT_RESPONDING', presence: 'Busy', state: 'inactive' })
    t.match((await platform.request('GET', '/users/a?expand=routingStatus,presence,skills')).body, {
      state: 'inactive',
      routingStatus: { status: 'NOT_RESPONDING' },
      presence: { presenceDefinition: { systemPresence: 'Busy' } },
      skills: [{ id: 'billing' }],
    })
    t.equal((await platform.request('GET', '/users/nobody')).status, 404)
    t.match((await platform.request('GET', '/users/nobody/routingstatus')).body, { userId: 'nobody', status: 'OFF_QUEUE' })
  },
)
