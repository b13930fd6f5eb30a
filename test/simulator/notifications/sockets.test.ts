import { connect } from 'node:net'
import t from 'tap'
import { channel, CLOSING, listen, METADATA } from './socket-client.ts'
import { stage, type Stage } from '../stage.ts'

const HEARTBEAT = { topicName: METADATA, eventBody: { message: 'WebSocket Heartbeat' } }
const PONG = { topicName: METADATA, eventBody: { message: 'pong' } }

const connected = ({ scene }: Stage) => scene.notifications.channels().filter((one) => one.connected).length

async function becomes(condition: () => boolean): Promise<void> {
  while (!condition()) await new Promise((resolve) => setImmediate(resolve))
}

t.test('given a connection, then a heartbeat comes every 30 seconds, or as often as the scene says', async (t) => {
  const at = await stage(t, { clock: 'manual' })
  const ear = await listen(t, (await channel(at)).connectUri)
  at.scene.advance(29_999)
  await ear.caughtUp()
  t.strictSame(ear.messages, [PONG])
  at.scene.configure({ heartbeatMs: 10 })
  at.scene.advance(1)
  await ear.caughtUp()
  t.strictSame(ear.messages, [PONG, HEARTBEAT, PONG])
  at.scene.advance(30)
  await ear.caughtUp()
  t.strictSame(ear.messages.slice(3), [HEARTBEAT, HEARTBEAT, HEARTBEAT, PONG])
})

t.test('given a real clock, then the heartbeat comes by itself', async (t) => {
  const at = await stage(t)
  at.scene.configure({ heartbeatMs: 5 })
  const ear = await listen(t, (await channel(at)).connectUri)
  await ear.until((messages) => messages.length >= 3)
  t.strictSame(ear.messages[2], HEARTBEAT)
})

t.test('given a client that talks nonsense, then it is not answered, and a ping after it is', async (t) => {
  const at = await stage(t, { clock: 'manual' })
  const ear = await listen(t, (await channel(at)).connectUri)
  for (const nonsense of ['not json', 'null', { message: 'hello' }, ['ping']]) ear.say(nonsense)
  await ear.caughtUp()
  t.strictSame(ear.messages, [PONG])
})

t.test('given no such channel or another path, then the client is not let in', async (t) => {
  const at = await stage(t, { clock: 'manual' })
  const { id, connectUri } = await channel(at)
  for (const wrong of [connectUri.replace(id, 'none'), `${connectUri}/more`, connectUri.replace('v2', 'v1')]) {
    await t.rejects(listen(t, wrong), { message: 'not let in' })
  }
  await listen(t, connectUri)
  t.equal(connected(at), 1)
})

t.test('given a second connection to a channel, then it takes the place of the first, which is told', async (t) => {
  const at = await stage(t, { clock: 'manual' })
  const topic = 'v2.detail.events.conversation.c1.acd.start'
  at.scene.addQueue({ id: 'support' })
  const { connectUri } = await channel(at, topic)
  const first = await listen(t, connectUri)
  const second = await listen(t, connectUri)
  t.equal(await first.closed, 1001)
  t.equal(first.bodies(CLOSING).length, 1)
  at.scene.addConversation({ id: 'c1', in: { queueId: 'support' } })
  await second.caughtUp()
  t.equal(second.bodies(topic).length, 1)
  t.equal(first.bodies(topic).length, 0)
})

t.test('given connections, when the scene cuts them, then they end without a word, and the channel may be connected anew', async (t) => {
  const at = await stage(t, { clock: 'manual' })
  const { connectUri } = await channel(at)
  const ear = await listen(t, connectUri)
  t.equal(at.scene.notifications.cutSockets(), 1)
  t.equal(await ear.closed, 1006)
  t.strictSame(ear.messages, [])
  t.equal(connected(at), 0)
  await listen(t, connectUri)
  t.equal(connected(at), 1)
})

t.test('given connections, when the scene announces the cut, then they are told first and end at once or later', async (t) => {
  const at = await stage(t, { clock: 'manual' })
  const { connectUri } = await channel(at)
  const first = await listen(t, connectUri)
  t.equal(at.scene.notifications.cutSockets({ announce: true }), 1)
  t.equal(await first.closed, 1001)
  t.equal(first.bodies(CLOSING).length, 1)

  const second = await listen(t, connectUri)
  at.scene.notifications.cutSockets({ announce: true, afterMs: 60_000 })
  at.scene.advance(59_999)
  await second.caughtUp()
  t.equal(second.bodies(CLOSING).length, 1)
  t.equal(connected(at), 1)
  at.scene.advance(1)
  t.equal(await second.closed, 1001)
})

t.test('given a client that hangs up, then its channel stays, without a connection', async (t) => {
  const at = await stage(t, { clock: 'manual' })
  const { connectUri, id } = await channel(at)
  const socket = new WebSocket(connectUri)
  await new Promise((resolve) => socket.addEventListener('open', resolve))
  socket.close()
  await becomes(() => connected(at) === 0)
  t.match(at.scene.notifications.channels(), [{ id }])
})

t.test('given a client that does not read, when too much waits for it, then its connection is dropped', async (t) => {
  const at = await stage(t, { clock: 'manual' })
  at.scene.addQueue({ id: 'support' })
  const { connectUri, id } = await channel(at, 'v2.routing.queues.support.conversations.calls')
  const { hostname, port, pathname } = new URL(connectUri)
  const socket = connect(Number(port), hostname)
  t.teardown(() => socket.destroy())
  socket.on('error', () => {})
  socket.pause()
  socket.write(
    `GET ${pathname} HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: ${btoa('0123456789abcdef')}\r\n\r\n`,
  )
  await becomes(() => connected(at) === 1)
  const { conversationId } = at.scene.addConversation({ in: { queueId: 'support' } })
  const [customer] = await at.legs(conversationId, 'customer')
  const patch = () =>
    at.ask('PATCH', `/conversations/${conversationId}/participants/${customer.id}/attributes`, {
      attributes: { long: 'x'.repeat(900_000) },
    })
  let patches = 0
  for (; connected(at) === 1 && patches < 100; patches += 1) await patch()
  t.equal(connected(at), 0)
  t.ok(patches > 1, 'one that is merely slow is not dropped')
  t.match(at.scene.notifications.channels(), [{ id }], 'the channel stays')
})

t.test('given a simulator that closes, then its connections end at once', async (t) => {
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
  const ear = await listen(t, ((await opened.json()) as { connectUri: string }).connectUri)
  await simulator.close()
  t.equal(await ear.closed, 1006)
})

t.test('given a reset, then channels, bans, faults and counts are gone, and connections are cut', async (t) => {
  const at = await stage(t, { clock: 'manual' })
  const { connectUri } = await channel(at)
  const ear = await listen(t, connectUri)
  at.scene.notifications.forbidTopics({ pattern: '*' })
  at.scene.reset()
  t.equal(await ear.closed, 1006)
  t.strictSame(at.scene.notifications.channels(), [])
  const next = await channel(at)
  t.equal((await next.subscribe('v2.users.1.conversations.calls')).status, 200)
  at.scene.configure({ heartbeatMs: 86_400_000 * 2 })
  const anew = await listen(t, next.connectUri)
  at.scene.advance(86_400_000)
  t.equal(await anew.closed, 1001, 'a channel after a reset comes to its end as well')
})
