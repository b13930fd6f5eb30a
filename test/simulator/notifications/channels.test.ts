import t from 'tap'
import { channel, CLOSING, listen } from './socket-client.ts'
import { faultsOfAnswer, unavailable } from '../platform/documented-shapes.ts'
import { stage } from '../stage.ts'

const BASE = '/api/v2/notifications'
const CHANNELS = '/notifications/channels'
const SUBSCRIPTIONS = `${BASE}/channels/{channelId}/subscriptions`
const DAY = 86_400_000
const conforming = unavailable === false ? {} : { skip: unavailable }
const calls = (n: number | string) => ({ id: `v2.users.${n}.conversations.calls` })

t.test('given a client, when it opens a channel, then it lives for 24 hours at an address of the simulator’s own', async (t) => {
  const at = await stage(t, { clock: 'manual' })
  const { id, connectUri, expires } = await channel(at)
  t.equal(connectUri, `${at.url.replace('http:', 'ws:')}/notifications/v2/${id}`)
  t.equal(Date.parse(expires), at.scene.now() + DAY)
  t.match((await at.ask('GET', CHANNELS)).body, { entities: [{ id, connectUri, expires }] })
})

t.test('given two tokens, then each lists its own channels, and of the other’s only that they exist', async (t) => {
  const at = await stage(t, { clock: 'manual' })
  const { id } = await channel(at)
  const { access_token } = (await at.logIn()).body
  const list = async (query: string) => {
    const heard = await at.knock('GET', `${BASE}/channels${query}`, { headers: { authorization: `Bearer ${access_token}` } })
    return heard.body.entities
  }
  t.strictSame(await list(''), [])
  t.strictSame(Object.keys((await list('?includechannels=oauthclient'))[0]), ['expires'])
  t.match((await at.ask('GET', `${CHANNELS}?includechannels=oauthclient`)).body.entities, [{ id }])
})

t.test('given 20 channels, when a 21st is opened, then the one without a connection that was used longest ago goes', async (t) => {
  const at = await stage(t, { clock: 'manual' })
  const first = await channel(at)
  await listen(t, first.connectUri)
  const [second, third] = [await channel(at), await channel(at)]
  for (let n = 4; n <= 20; n += 1) await channel(at)
  await second.subscribe(calls(1).id)
  await channel(at)
  const ids = at.scene.notifications.channels().map(({ id }) => id)
  t.equal(ids.length, 20)
  t.notOk(ids.includes(third.id), 'the first is connected, the second was used since')
  t.ok(ids.includes(first.id) && ids.includes(second.id))
  t.equal((await third.subscribe(calls(1).id)).status, 404)
})

t.test('given 20 connected channels, when a 21st is opened, then the oldest is told and closed', async (t) => {
  const at = await stage(t, { clock: 'manual' })
  const ears = []
  for (let n = 0; n < 20; n += 1) ears.push(await listen(t, (await channel(at)).connectUri))
  await channel(at)
  t.equal(await ears[0]?.closed, 1001)
  t.match(ears[0]?.messages, [{ topicName: CLOSING }])
  t.equal(at.scene.notifications.channels().filter(({ connected }) => connected).length, 19)
})

t.test('given a channel, when its topics are added, replaced and removed, then it has those, each once', async (t) => {
  const at = await stage(t, { clock: 'manual' })
  const { id } = await channel(at)
  const path = `${CHANNELS}/${id}/subscriptions`
  const topics = async () => (await at.ask('GET', path)).body.entities.map((topic: any) => topic.id)
  t.match((await at.ask('POST', path, [calls(1), calls(1), calls(2)])).body, {
    entities: [
      { ...calls(1), state: 'Permitted' },
      { ...calls(2), state: 'Permitted' },
    ],
  })
  await at.ask('POST', path, [calls(2), calls(3)])
  t.strictSame(await topics(), [calls(1).id, calls(2).id, calls(3).id])
  await at.ask('PUT', path, [calls(4)])
  t.strictSame(await topics(), [calls(4).id])
  t.match(at.scene.notifications.channels(), [{ id, topics: [calls(4).id], connected: false }])
  t.equal((await at.ask('DELETE', path)).status, 200)
  t.strictSame(await topics(), [])
})

t.test('given a subscription that cannot be, then it is refused as documented, and the channel keeps its topics', async (t) => {
  const at = await stage(t, { clock: 'manual' })
  const { id } = await channel(at, calls('kept').id)
  const path = `${CHANNELS}/${id}/subscriptions`
  at.scene.notifications.forbidTopics({ pattern: 'v2.users.secret.*', missingPermissions: ['some:thing:view'] })
  const many = Array.from({ length: 1_000 }, (_, n) => calls(n))
  const refused: [status: number, code: string, body: unknown, query?: string][] = [
    [400, 'notification.invalid.topic', [calls(1), { id: 'v2.users.1.shoes' }]],
    [400, 'notification.invalid.topic', [{ id: 'v2.users.{id}.conversations.calls.' }], '?ignoreErrors=true'],
    [400, 'notification.invalid.topic', [{}]],
    [400, 'notification.subscription.too.many.subscriptions', many],
    [400, 'bad.request', { id: calls(1).id }],
    [400, 'bad.request', [calls(1).id]],
    [403, 'missing.permissions', [calls(1), calls('secret')]],
  ]
  for (const [status, code, body, query = ''] of refused) {
    const heard = await at.ask('POST', `${path}${query}`, body)
    t.match(heard, { status, body: { code } }, JSON.stringify(body).slice(0, 80))
    if (unavailable === false) t.strictSame(faultsOfAnswer('POST', SUBSCRIPTIONS, heard), [])
  }
  t.match(at.scene.notifications.channels(), [{ topics: [calls('kept').id] }])
  t.equal((await at.ask('PUT', path, many)).status, 200, 'a thousand are not too many')
  t.equal((await at.ask('POST', path, [calls(999)])).status, 200, 'one of the thousand again is not one more')
})

t.test('given refused topics and ignoreErrors, then they are Rejected with what is missing, and the others hold', async (t) => {
  const at = await stage(t, { clock: 'manual' })
  const { id } = await channel(at)
  const path = `${CHANNELS}/${id}/subscriptions?ignoreErrors=true`
  const detail = { id: 'v2.detail.events.conversation.7.acd.end' }
  at.scene.setPermissions(['conversation:communication:view'])
  const heard = await at.ask('PUT', path, [calls(1), detail])
  t.match(heard.body.entities, [
    { ...calls(1), state: 'Permitted' },
    { ...detail, state: 'Rejected', rejectionReason: String, missingPermissions: ['analytics:conversationDetail:view'] },
  ])
  t.match(at.scene.notifications.channels(), [{ topics: [calls(1).id] }])
  if (unavailable === false) t.strictSame(faultsOfAnswer('PUT', SUBSCRIPTIONS, heard), [])

  at.scene.setPermissions('all')
  at.scene.notifications.forbidTopics({ pattern: 'v2.users.*' })
  t.match((await at.ask('PUT', path, [calls(1), detail])).body.entities, [
    { state: 'Rejected', missingPermissions: ['conversation:communication:view'] },
    { state: 'Permitted' },
  ])
  at.scene.notifications.permitTopics()
  t.equal((await at.ask('POST', path.replace('?ignoreErrors=true', ''), [calls(1)])).status, 200)
})

t.test('given a channel near its end, then its client is told a minute before; a new subscription gives it another day', async (t) => {
  const at = await stage(t, { clock: 'manual', tokenLifetimeSeconds: 864_000 })
  at.scene.configure({ heartbeatMs: DAY * 3 })
  const kept = await channel(at)
  const left = await channel(at)
  const [ear, other] = [await listen(t, kept.connectUri), await listen(t, left.connectUri)]
  at.scene.advance(DAY - 60_001)
  await ear.caughtUp()
  t.strictSame(ear.bodies(CLOSING), [])
  at.scene.advance(1)
  await ear.caughtUp()
  t.match(ear.bodies(CLOSING), [{ message: String, channelId: kept.id }])
  await kept.subscribe(calls(1).id)
  at.scene.advance(60_000)
  t.equal(await other.closed, 1001)
  t.equal(other.bodies(CLOSING).length, 1, 'it is told once')
  t.equal((await left.subscribe(calls(1).id)).status, 404)
  await ear.caughtUp()
  t.match(at.scene.notifications.channels(), [{ id: kept.id, connected: true }])
  at.scene.advance(DAY)
  t.equal(await ear.closed, 1001)
  t.strictSame(at.scene.notifications.channels(), [])
})

t.test('given requests to the notification service, then they need a token, use up the allowance, are counted and may fail', async (t) => {
  const at = await stage(t, { clock: 'manual', requestsPerMinute: 3 })
  const { id } = await channel(at)
  const path = `${CHANNELS}/${id}/subscriptions`
  t.equal((await at.knock('POST', `${BASE}/channels`)).status, 401)
  at.scene.addFault({ operation: 'PUT /notifications/channels/{id}/subscriptions', fault: { kind: 'status', status: 503 } })
  t.equal((await at.ask('PUT', path, [])).status, 503)
  t.equal((await at.ask('DELETE', path)).headers.get('inin-ratelimit-count'), '3')
  t.equal((await at.ask('GET', path)).status, 429)
  t.strictSame(at.scene.calls().counts, {
    'POST /notifications/channels': 2,
    'PUT /notifications/channels/{id}/subscriptions': 1,
    'DELETE /notifications/channels/{id}/subscriptions': 1,
    'GET /notifications/channels/{id}/subscriptions': 1,
  })
})

t.test('given the list of topics, then it names those that can be subscribed to, and what each needs', async (t) => {
  const at = await stage(t, { clock: 'manual' })
  const bare = (await at.ask('GET', '/notifications/availabletopics')).body.entities
  t.strictSame(bare[0], { id: 'v2.routing.queues.{id}.conversations.calls' })
  const { subscribe } = await channel(at)
  t.equal((await subscribe(...bare.map(({ id }: any) => id.replace('{id}', '7')))).status, 200)
  const expand = 'expand=requiresPermissions,permissionDetails&expand=description&expand=topicParameters'
  t.match((await at.ask('GET', `/notifications/availabletopics?${expand}`)).body.entities[0], {
    description: String,
    requiresPermissions: ['conversation:communication:view'],
    permissionDetails: [{ type: 'requiresPermissions' }],
    topicParameters: ['id'],
    transports: undefined,
  })
})

t.test('given every answer of the notification service, then it is as documented', conforming, async (t) => {
  const at = await stage(t, { clock: 'manual' })
  const { id } = await channel(at)
  const expand =
    'description,enforced,schema,visibility,transports,publicApiTemplateUriPaths,requiresPermissions,permissionDetails,topicParameters'
  const documented: [method: string, path: string, template: string, status: number, body?: unknown][] = [
    ['POST', '/channels', '/channels', 200],
    ['GET', '/channels?includechannels=oauthclient', '/channels', 200],
    ['POST', `/channels/${id}/subscriptions`, '/channels/{channelId}/subscriptions', 200, [calls(1)]],
    ['PUT', `/channels/${id}/subscriptions`, '/channels/{channelId}/subscriptions', 200, [calls(1)]],
    ['GET', `/channels/${id}/subscriptions`, '/channels/{channelId}/subscriptions', 200],
    ['DELETE', `/channels/${id}/subscriptions`, '/channels/{channelId}/subscriptions', 200],
    ['GET', '/channels/none/subscriptions', '/channels/{channelId}/subscriptions', 404],
    ['GET', '/availabletopics', '/availabletopics', 200],
    ['GET', `/availabletopics?expand=${expand}`, '/availabletopics', 200],
  ]
  for (const [method, path, template, status, body] of documented) {
    const heard = await at.ask(method, `/notifications${path}`, body)
    t.equal(heard.status, status, path)
    t.strictSame(faultsOfAnswer(method, `${BASE}${template}`, heard), [], `${method} ${path}`)
  }
})
