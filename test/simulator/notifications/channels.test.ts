/** How channels and subscriptions are managed over HTTP. */
import t from 'tap'
import { createChannel, closingTopic, openEventSocket } from './socket-client.ts'
import { findResponseMismatches, unavailableReason } from '../views/documented-shapes.ts'
import { startPlatform } from '../test-platform.ts'

const basePath = '/api/v2/notifications'
const channelsPath = '/notifications/channels'
const subscriptionsPath = `${basePath}/channels/{channelId}/subscriptions`
const dayMs = 86_400_000
const skipOptions = unavailableReason === false ? {} : { skip: unavailableReason }
const callsTopic = (userId: number | string) => ({ id: `v2.users.${userId}.conversations.calls` })

t.test('given a new channel, then it lasts 24 hours and is connected at the simulator’s own address', async (t) => {
  const platform = await startPlatform(t, { clock: 'manual' })
  const { id, connectUri, expires } = await createChannel(platform)
  t.equal(connectUri, `${platform.url.replace('http:', 'ws:')}/notifications/v2/${id}`)
  t.equal(Date.parse(expires), platform.control.now() + dayMs)
  t.match((await platform.request('GET', channelsPath)).body, { entities: [{ id, connectUri, expires }] })
})

t.test('given two tokens, then each lists its own channels, and only the expiry of the other’s', async (t) => {
  const platform = await startPlatform(t, { clock: 'manual' })
  const { id } = await createChannel(platform)
  const { access_token } = (await platform.logIn()).body
  const list = async (query: string) => {
    const response = await platform.requestWithoutToken('GET', `${basePath}/channels${query}`, {
      headers: { authorization: `Bearer ${access_token}` },
    })
    return response.body.entities
  }
  t.strictSame(await list(''), [])
  t.strictSame(Object.keys((await list('?includechannels=oauthclient'))[0]), ['expires'])
  t.match((await platform.request('GET', `${channelsPath}?includechannels=oauthclient`)).body.entities, [{ id }])
})

t.test('given 20 channels, when a 21st is created, then it replaces the least recently used one without a connection', async (t) => {
  const platform = await startPlatform(t, { clock: 'manual' })
  const first = await createChannel(platform)
  await openEventSocket(t, first.connectUri)
  const [second, third] = [await createChannel(platform), await createChannel(platform)]
  for (let n = 4; n <= 20; n += 1) await createChannel(platform)
  await second.subscribe(callsTopic(1).id)
  await createChannel(platform)
  const ids = platform.control.notifications.channels().map(({ id }) => id)
  t.equal(ids.length, 20)
  t.notOk(ids.includes(third.id), 'the first is connected, and the second was used later')
  t.ok(ids.includes(first.id) && ids.includes(second.id))
  t.equal((await third.subscribe(callsTopic(1).id)).status, 404)
})

t.test(
  'given 20 connected channels, when a 21st is created, then the least recently used one gets a closing notice and is closed',
  async (t) => {
    const platform = await startPlatform(t, { clock: 'manual' })
    const sockets = []
    for (let n = 0; n < 20; n += 1) sockets.push(await openEventSocket(t, (await createChannel(platform)).connectUri))
    await createChannel(platform)
    t.equal(await sockets[0]?.closed, 1001)
    t.match(sockets[0]?.messages, [{ topicName: closingTopic }])
    t.equal(platform.control.notifications.channels().filter(({ connected }) => connected).length, 19)
  },
)

t.test('given a channel, when topics are added, replaced and removed, then it lists the current ones, each once', async (t) => {
  const platform = await startPlatform(t, { clock: 'manual' })
  const { id } = await createChannel(platform)
  const path = `${channelsPath}/${id}/subscriptions`
  const readTopics = async () => (await platform.request('GET', path)).body.entities.map((topic: any) => topic.id)
  t.match((await platform.request('POST', path, [callsTopic(1), callsTopic(1), callsTopic(2)])).body, {
    entities: [
      { ...callsTopic(1), state: 'Permitted' },
      { ...callsTopic(2), state: 'Permitted' },
    ],
  })
  await platform.request('POST', path, [callsTopic(2), callsTopic(3)])
  t.strictSame(await readTopics(), [callsTopic(1).id, callsTopic(2).id, callsTopic(3).id])
  await platform.request('PUT', path, [callsTopic(4)])
  t.strictSame(await readTopics(), [callsTopic(4).id])
  t.match(platform.control.notifications.channels(), [{ id, topics: [callsTopic(4).id], connected: false }])
  t.equal((await platform.request('DELETE', path)).status, 200)
  t.strictSame(await readTopics(), [])
})

t.test('given a subscription that is not valid, then it is refused as documented, and the channel keeps its topics', async (t) => {
  const platform = await startPlatform(t, { clock: 'manual' })
  const { id } = await createChannel(platform, callsTopic('kept').id)
  const path = `${channelsPath}/${id}/subscriptions`
  platform.control.notifications.forbidTopics({ pattern: 'v2.users.secret.*', missingPermissions: ['some:thing:view'] })
  const many = Array.from({ length: 1_000 }, (_, n) => callsTopic(n))
  const refused: [status: number, code: string, body: unknown, query?: string][] = [
    [400, 'notification.invalid.topic', [callsTopic(1), { id: 'v2.users.1.shoes' }]],
    [400, 'notification.invalid.topic', [{ id: 'v2.users.{id}.conversations.calls.' }], '?ignoreErrors=true'],
    [400, 'notification.invalid.topic', [{}]],
    [400, 'notification.subscription.too.many.subscriptions', many],
    [400, 'bad.request', { id: callsTopic(1).id }],
    [400, 'bad.request', [callsTopic(1).id]],
    [403, 'missing.permissions', [callsTopic(1), callsTopic('secret')]],
  ]
  for (const [status, code, body, query = ''] of refused) {
    const response = await platform.request('POST', `${path}${query}`, body)
    t.match(response, { status, body: { code } }, JSON.stringify(body).slice(0, 80))
    if (unavailableReason === false) t.strictSame(findResponseMismatches('POST', subscriptionsPath, response), [])
  }
  t.match(platform.control.notifications.channels(), [{ topics: [callsTopic('kept').id] }])
  t.equal((await platform.request('PUT', path, many)).status, 200, 'a thousand topics are allowed')
  t.equal((await platform.request('POST', path, [callsTopic(999)])).status, 200, 'a topic that is subscribed already is not counted twice')
})

t.test(
  'given rejected topics and ignoreErrors, then they are Rejected with the missing permissions, and the others are Permitted',
  async (t) => {
    const platform = await startPlatform(t, { clock: 'manual' })
    const { id } = await createChannel(platform)
    const path = `${channelsPath}/${id}/subscriptions?ignoreErrors=true`
    const detail = { id: 'v2.detail.events.conversation.7.acd.end' }
    platform.control.setPermissions(['conversation:communication:view'])
    const response = await platform.request('PUT', path, [callsTopic(1), detail])
    t.match(response.body.entities, [
      { ...callsTopic(1), state: 'Permitted' },
      { ...detail, state: 'Rejected', rejectionReason: String, missingPermissions: ['analytics:conversationDetail:view'] },
    ])
    t.match(platform.control.notifications.channels(), [{ topics: [callsTopic(1).id] }])
    if (unavailableReason === false) t.strictSame(findResponseMismatches('PUT', subscriptionsPath, response), [])

    platform.control.setPermissions('all')
    platform.control.notifications.forbidTopics({ pattern: 'v2.users.*' })
    t.match((await platform.request('PUT', path, [callsTopic(1), detail])).body.entities, [
      { state: 'Rejected', missingPermissions: ['conversation:communication:view'] },
      { state: 'Permitted' },
    ])
    platform.control.notifications.permitTopics()
    t.equal((await platform.request('POST', path.replace('?ignoreErrors=true', ''), [callsTopic(1)])).status, 200)
  },
)

t.test(
  'given a channel near its end, then its client gets a closing notice a minute before, and a new subscription extends it by a day',
  async (t) => {
    const platform = await startPlatform(t, { clock: 'manual', tokenLifetimeSeconds: 864_000 })
    platform.control.configure({ heartbeatMs: dayMs * 3 })
    const kept = await createChannel(platform)
    const expiring = await createChannel(platform)
    const [socket, expiringSocket] = [await openEventSocket(t, kept.connectUri), await openEventSocket(t, expiring.connectUri)]
    platform.control.advance(dayMs - 60_001)
    await socket.waitForPending()
    t.strictSame(socket.bodies(closingTopic), [])
    platform.control.advance(1)
    await socket.waitForPending()
    t.match(socket.bodies(closingTopic), [{ message: String, channelId: kept.id }])
    await kept.subscribe(callsTopic(1).id)
    platform.control.advance(60_000)
    t.equal(await expiringSocket.closed, 1001)
    t.equal(expiringSocket.bodies(closingTopic).length, 1, 'there is one closing notice')
    t.equal((await expiring.subscribe(callsTopic(1).id)).status, 404)
    await socket.waitForPending()
    t.match(platform.control.notifications.channels(), [{ id: kept.id, connected: true }])
    platform.control.advance(dayMs)
    t.equal(await socket.closed, 1001)
    t.strictSame(platform.control.notifications.channels(), [])
  },
)

t.test(
  'given requests to the notification service, then they require a token, count for the rate limit and the request log, and can meet faults',
  async (t) => {
    const platform = await startPlatform(t, { clock: 'manual', requestsPerMinute: 3 })
    const { id } = await createChannel(platform)
    const path = `${channelsPath}/${id}/subscriptions`
    t.equal((await platform.requestWithoutToken('POST', `${basePath}/channels`)).status, 401)
    platform.control.addFault({ operation: 'PUT /notifications/channels/{id}/subscriptions', fault: { kind: 'status', status: 503 } })
    t.equal((await platform.request('PUT', path, [])).status, 503)
    t.equal((await platform.request('DELETE', path)).headers.get('inin-ratelimit-count'), '3')
    t.equal((await platform.request('GET', path)).status, 429)
    t.strictSame(platform.control.requests().counts, {
      'POST /notifications/channels': 2,
      'PUT /notifications/channels/{id}/subscriptions': 1,
      'DELETE /notifications/channels/{id}/subscriptions': 1,
      'GET /notifications/channels/{id}/subscriptions': 1,
    })
  },
)

t.test('given the list of topics, then it names all that can be subscribed to, with the permissions that each requires', async (t) => {
  const platform = await startPlatform(t, { clock: 'manual' })
  const unexpanded = (await platform.request('GET', '/notifications/availabletopics')).body.entities
  t.strictSame(unexpanded[0], { id: 'v2.routing.queues.{id}.conversations.calls' })
  const { subscribe } = await createChannel(platform)
  t.equal((await subscribe(...unexpanded.map(({ id }: any) => id.replace('{id}', '7')))).status, 200)
  const expand = 'expand=requiresPermissions,permissionDetails&expand=description&expand=topicParameters'
  t.match((await platform.request('GET', `/notifications/availabletopics?${expand}`)).body.entities[0], {
    description: String,
    requiresPermissions: ['conversation:communication:view'],
    permissionDetails: [{ type: 'requiresPermissions' }],
    topicParameters: ['id'],
    transports: undefined,
  })
})

t.test('given every response of the notification service, then it matches the documented shape', skipOptions, async (t) => {
  const platform = await startPlatform(t, { clock: 'manual' })
  const { id } = await createChannel(platform)
  const expand =
    'description,enforced,schema,visibility,transports,publicApiTemplateUriPaths,requiresPermissions,permissionDetails,topicParameters'
  const documented: [method: string, path: string, template: string, status: number, body?: unknown][] = [
    ['POST', '/channels', '/channels', 200],
    ['GET', '/channels?includechannels=oauthclient', '/channels', 200],
    ['POST', `/channels/${id}/subscriptions`, '/channels/{channelId}/subscriptions', 200, [callsTopic(1)]],
    ['PUT', `/channels/${id}/subscriptions`, '/channels/{channelId}/subscriptions', 200, [callsTopic(1)]],
    ['GET', `/channels/${id}/subscriptions`, '/channels/{channelId}/subscriptions', 200],
    ['DELETE', `/channels/${id}/subscriptions`, '/channels/{channelId}/subscriptions', 200],
    ['GET', '/channels/none/subscriptions', '/channels/{channelId}/subscriptions', 404],
    ['GET', '/availabletopics', '/availabletopics', 200],
    ['GET', `/availabletopics?expand=${expand}`, '/availabletopics', 200],
  ]
  for (const [method, path, template, status, body] of documented) {
    const response = await platform.request(method, `/notifications${path}`, body)
    t.equal(response.status, status, path)
    t.strictSame(findResponseMismatches(method, `${basePath}${template}`, response), [], `${method} ${path}`)
  }
})
