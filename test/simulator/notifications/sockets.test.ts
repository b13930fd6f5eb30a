/** How the WebSocket of a channel behaves. */
import { connect } from 'node:net'
import t from 'tap'
import { createChannel, closingTopic, openEventSocket, metadataTopic } from './socket-client.ts'
import { startPlatform, type TestPlatform } from '../test-platform.ts'

const heartbeatMessage = { topicName: metadataTopic, eventBody: { message: 'WebSocket Heartbeat' } }
const pongMessage = { topicName: metadataTopic, eventBody: { message: 'pong' } }

const countConnected = ({ control }: TestPlatform) => control.notifications.channels().filter(({ connected }) => connected).length

async function waitUntil(condition: () => boolean): Promise<void> {
  while (!condition()) await new Promise((resolve) => setImmediate(resolve))
}

t.test('given a connection, then it gets a heartbeat every 30 seconds, or at the configured interval', async (t) => {
  const platform = await startPlatform(t, { clock: 'manual' })
  const socket = await openEventSocket(t, (await createChannel(platform)).connectUri)
  platform.control.advance(29_999)
  await socket.waitForPending()
  t.strictSame(socket.messages, [pongMessage])
  platform.control.configure({ heartbeatMs: 10 })
  platform.control.advance(1)
  await socket.waitForPending()
  t.strictSame(socket.messages, [pongMessage, heartbeatMessage, pongMessage])
  platform.control.advance(30)
  await socket.waitForPending()
  t.strictSame(socket.messages.slice(3), [heartbeatMessage, heartbeatMessage, heartbeatMessage, pongMessage])
})

t.test('given a simulator with a real clock, then heartbeats are sent without advancing it', async (t) => {
  const platform = await startPlatform(t)
  platform.control.configure({ heartbeatMs: 5 })
  const socket = await openEventSocket(t, (await createChannel(platform)).connectUri)
  await socket.until((messages) => messages.length >= 3)
  t.strictSame(socket.messages[2], heartbeatMessage)
})

t.test('given messages that are not a ping, then they get no response, and a ping after them gets one', async (t) => {
  const platform = await startPlatform(t, { clock: 'manual' })
  const socket = await openEventSocket(t, (await createChannel(platform)).connectUri)
  for (const message of ['not json', 'null', { message: 'hello' }, ['ping']]) socket.send(message)
  await socket.waitForPending()
  t.strictSame(socket.messages, [pongMessage])
})

t.test('given an unknown channel or another path, then the connection is refused', async (t) => {
  const platform = await startPlatform(t, { clock: 'manual' })
  const { id, connectUri } = await createChannel(platform)
  for (const wrong of [connectUri.replace(id, 'none'), `${connectUri}/more`, connectUri.replace('v2', 'v1')]) {
    await t.rejects(openEventSocket(t, wrong), { message: 'connection refused' })
  }
  await openEventSocket(t, connectUri)
  t.equal(countConnected(platform), 1)
})

t.test('given a second connection to a channel, then it replaces the first, which gets a closing notice', async (t) => {
  const platform = await startPlatform(t, { clock: 'manual' })
  const topic = 'v2.detail.events.conversation.c1.acd.start'
  platform.control.addQueue({ id: 'support' })
  const { connectUri } = await createChannel(platform, topic)
  const first = await openEventSocket(t, connectUri)
  const second = await openEventSocket(t, connectUri)
  t.equal(await first.closed, 1001)
  t.equal(first.bodies(closingTopic).length, 1)
  platform.control.addConversation({ id: 'c1', in: { queueId: 'support' } })
  await second.waitForPending()
  t.equal(second.bodies(topic).length, 1)
  t.equal(first.bodies(topic).length, 0)
})

t.test(
  'given connections, when they are cut unannounced, then they end without a closing notice, and the channel can be connected again',
  async (t) => {
    const platform = await startPlatform(t, { clock: 'manual' })
    const { connectUri } = await createChannel(platform)
    const socket = await openEventSocket(t, connectUri)
    t.equal(platform.control.notifications.cutSockets(), 1)
    t.equal(await socket.closed, 1006)
    t.strictSame(socket.messages, [])
    t.equal(countConnected(platform), 0)
    await openEventSocket(t, connectUri)
    t.equal(countConnected(platform), 1)
  },
)

t.test('given connections, when they are cut with an announcement, then they get a closing notice and end at once or later', async (t) => {
  const platform = await startPlatform(t, { clock: 'manual' })
  const { connectUri } = await createChannel(platform)
  const first = await openEventSocket(t, connectUri)
  t.equal(platform.control.notifications.cutSockets({ announce: true }), 1)
  t.equal(await first.closed, 1001)
  t.equal(first.bodies(closingTopic).length, 1)

  const second = await openEventSocket(t, connectUri)
  platform.control.notifications.cutSockets({ announce: true, afterMs: 60_000 })
  platform.control.advance(59_999)
  await second.waitForPending()
  t.equal(second.bodies(closingTopic).length, 1)
  t.equal(countConnected(platform), 1)
  platform.control.advance(1)
  t.equal(await second.closed, 1001)
})

t.test('given a client that closes its connection, then its channel stays, without a connection', async (t) => {
  const platform = await startPlatform(t, { clock: 'manual' })
  const { connectUri, id } = await createChannel(platform)
  const socket = new WebSocket(connectUri)
  await new Promise((resolve) => socket.addEventListener('open', resolve))
  socket.close()
  await waitUntil(() => countConnected(platform) === 0)
  t.match(platform.control.notifications.channels(), [{ id }])
})

t.test('given a client that does not read, when too much is buffered for it, then its connection is terminated', async (t) => {
  const platform = await startPlatform(t, { clock: 'manual' })
  platform.control.addQueue({ id: 'support' })
  const { connectUri, id } = await createChannel(platform, 'v2.routing.queues.support.conversations.calls')
  const { hostname, port, pathname } = new URL(connectUri)
  const socket = connect(Number(port), hostname)
  t.teardown(() => socket.destroy())
  socket.on('error', () => {})
  socket.pause()
  socket.write(
    `GET ${pathname} HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: ${btoa('0123456789abcdef')}\r\n\r\n`,
  )
  await waitUntil(() => countConnected(platform) === 1)
  const { conversationId } = platform.control.addConversation({ in: { queueId: 'support' } })
  const [customer] = await platform.getParticipants(conversationId, 'customer')
  const patch = () =>
    platform.request('PATCH', `/conversations/${conversationId}/participants/${customer.id}/attributes`, {
      attributes: { long: 'x'.repeat(900_000) },
    })
  let patches = 0
  for (; countConnected(platform) === 1 && patches < 100; patches += 1) await patch()
  t.equal(countConnected(platform), 0)
  t.ok(patches > 1, 'a client that is merely slow stays connected')
  t.match(platform.control.notifications.channels(), [{ id }], 'the channel stays')
})

t.test('given a simulator that is closed, then its connections end at once', async (t) => {
  const { startSimulator } = await import('../../../src/simulator/simulator.ts')
  const simulator = await startSimulator()
  const login = await fetch(`${simulator.url}/oauth/token`, {
    method: 'POST',
    headers: { authorization: `Basic ${btoa('handoff-demo:handoff-demo-secret')}` },
    body: new URLSearchParams({ grant_type: 'client_credentials' }),
  })
  const { access_token } = (await login.json()) as { access_token: string }
  const headers = { authorization: `Bearer ${access_token}` }
  const opened = await fetch(`${simulator.url}/api/v2/notifications/channels`, { method: 'POST', headers })
  const socket = await openEventSocket(t, ((await opened.json()) as { connectUri: string }).connectUri)
  await simulator.close()
  t.equal(await socket.closed, 1006)
})

t.test(
  'given a simulator with channels and forbidden topics, when it is reset, then both are removed, and connections are terminated',
  async (t) => {
    const platform = await startPlatform(t, { clock: 'manual' })
    const { connectUri } = await createChannel(platform)
    const socket = await openEventSocket(t, connectUri)
    platform.control.notifications.forbidTopics({ pattern: '*' })
    platform.control.reset()
    t.equal(await socket.closed, 1006)
    t.strictSame(platform.control.notifications.channels(), [])
    const next = await createChannel(platform)
    t.equal((await next.subscribe('v2.users.1.conversations.calls')).status, 200)
    platform.control.configure({ heartbeatMs: 86_400_000 * 2 })
    const renewed = await openEventSocket(t, next.connectUri)
    platform.control.advance(86_400_000)
    t.equal(await renewed.closed, 1001, 'a channel that is created after a reset expires as well')
  },
)
