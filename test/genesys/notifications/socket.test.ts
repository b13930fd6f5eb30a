/** How the connection of a channel is kept alive, how its messages are read, and what is never sent on it. */
import { createServer } from 'node:net'
import t, { type Test } from 'tap'
import { WebSocket, WebSocketServer } from 'ws'
import type { NotificationCalls } from '../../../src/genesys/notifications/calls.ts'
import { listenOnLoopback, startRawServer } from '../support/raw-server.ts'
import { createFeed, queueTopic, waitUntil, watchTopic } from './feed-fixture.ts'

const topic = queueTopic('support')

/** Calls to a platform that permits every topic and opens every channel at `connectUri`. */
function createPermissiveCalls(connectUri: string) {
  const counts = { channels: 0, subscriptions: 0 }
  const subscribe = async (_: string, topics: readonly string[]) => {
    counts.subscriptions += 1
    return topics.map((topic) => ({ topic, isPermitted: true }))
  }
  const calls: NotificationCalls = {
    openNotificationChannel: async () => ({ id: `channel-${(counts.channels += 1)}`, connectUri }),
    addNotificationTopics: subscribe,
    replaceNotificationTopics: subscribe,
  }
  return { calls, counts }
}

async function startWebSocketServer(t: Test): Promise<{ server: WebSocketServer; url: string }> {
  const server = new WebSocketServer({ host: '127.0.0.1', port: 0 })
  await new Promise((resolve) => server.on('listening', resolve))
  t.teardown(() => {
    for (const client of server.clients) client.terminate()
    server.close()
  })
  return { server, url: `ws://127.0.0.1:${(server.address() as { port: number }).port}/` }
}

/** A feed that is subscribed to `topic` on a WebSocket server that sends only what the test sends. */
async function startFeedOnServer(t: Test) {
  const sockets: WebSocket[] = []
  const messages: string[] = []
  const { server, url } = await startWebSocketServer(t)
  server.on('connection', (socket) => {
    sockets.push(socket)
    socket.on('message', (data) => void messages.push((data as Buffer).toString()))
  })
  const { calls, counts } = createPermissiveCalls(url)
  const fixture = createFeed(t, calls)
  const watcher = watchTopic(fixture.feed, topic)
  await fixture.drive(50)
  await fixture.until(() => watcher.isSubscribed())
  return {
    ...fixture,
    watcher,
    /** The server's side of each connection. */
    sockets,
    /** What the server received. */
    messages,
    counts,
    /** Sends messages from the server, and waits until the client has read them. */
    send: async (...data: Array<string | Buffer>) => {
      const socket = sockets.at(-1)
      for (const message of data) socket?.send(message)
      const isRead = new Promise((resolve) => socket?.once('pong', resolve))
      socket?.ping()
      await isRead
    },
  }
}

const pong = JSON.stringify({ topicName: 'channel.metadata', eventBody: { message: 'pong' } })
const createEvent = (id: string) => JSON.stringify({ topicName: topic, version: '2', eventBody: { id } })

t.test('given no message, then a ping is sent after 15 seconds, and the connection is given up after 30', async (t) => {
  const fixture = await startFeedOnServer(t)
  await fixture.drive(14_999)
  await fixture.send()
  t.strictSame(fixture.messages, [])
  await fixture.drive(1)
  await fixture.until(() => fixture.messages.length === 1)
  t.strictSame(fixture.messages, ['{"message":"ping"}'])
  await fixture.drive(14_999)
  t.equal(fixture.feed.state().subscribed, 1)
  await fixture.drive(1)
  t.strictSame(fixture.watcher.received, ['subscribed', 'unsubscribed'])
  await waitUntil(() => fixture.sockets[0]?.readyState === WebSocket.CLOSED)
  await fixture.until(() => fixture.watcher.isSubscribed())
  t.equal(fixture.sockets.length, 2)
  t.strictSame(fixture.counts, { channels: 1, subscriptions: 2 })
})

t.test('given a pong for each ping, or any other message, then the connection is kept', async (t) => {
  const fixture = await startFeedOnServer(t)
  for (let pings = 1; pings <= 5; pings += 1) {
    await fixture.drive(15_000)
    await fixture.until(() => fixture.messages.length === pings)
    await fixture.drive(10_000)
    await fixture.send(pong)
  }
  for (let index = 0; index < 10; index += 1) {
    await fixture.drive(14_000)
    await fixture.send(createEvent(`c${index}`))
  }
  t.equal(fixture.messages.length, 5)
  t.equal(fixture.watcher.eventIds().length, 10)
  t.notOk(fixture.watcher.received.includes('unsubscribed'))
})

t.test('given a process that was suspended, then no topic counts as subscribed, even before the timers have run', async (t) => {
  const { url } = await startWebSocketServer(t)
  let now = 0
  const { calls } = createPermissiveCalls(url)
  const clock = { now: () => now, schedule: (ms: number, run: () => void) => (ms <= 50 && setImmediate(run), () => {}) }
  const { feed } = createFeed(t, calls, { clock })
  watchTopic(feed, topic)
  await waitUntil(() => feed.state().subscribed === 1)
  now += 29_999
  t.equal(feed.state().subscribed, 1)
  now += 1
  t.equal(feed.state().subscribed, 0)
})

t.test('given messages that are not valid, then they are counted, and later ones still arrive', async (t) => {
  const fixture = await startFeedOnServer(t)
  const malformed = [
    '',
    'x',
    'null',
    '[]',
    '7',
    '{}',
    '{"topicName":7,"eventBody":{}}',
    `{"topicName":"${topic}"}`,
    '{"topicName":"__proto__"}',
    Buffer.from('binary'),
  ]
  const ofOtherTopic = JSON.stringify({ topicName: queueTopic('other'), eventBody: {} })
  await fixture.send(...malformed, ofOtherTopic, createEvent('c1'), createEvent('c1'))
  t.strictSame(fixture.watcher.received, ['subscribed', 'c1', 'c1'])
  t.match(fixture.feed.state(), { malformed: malformed.length, events: 3 })
})

t.test('given a message that is too large, then the connection is given up and another one opened', async (t) => {
  const fixture = await startFeedOnServer(t)
  fixture.sockets[0]?.send(JSON.stringify({ topicName: topic, eventBody: { id: 'x'.repeat(2_000_000) } }))
  await fixture.until(() => fixture.watcher.received.length === 2)
  await fixture.drive(1000)
  await fixture.until(() => fixture.watcher.isSubscribed())
  t.strictSame(fixture.watcher.received, ['subscribed', 'unsubscribed', 'subscribed'])
})

t.test('given connections that cannot be opened, then few channels are opened, and the failure is logged once', async (t) => {
  const server = createServer((socket) => {
    socket.on('error', () => {})
    socket.resume()
    socket.end('HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\nConnection: close\r\n\r\n')
  })
  const port = await listenOnLoopback(server)
  t.teardown(() => server.close())
  const { calls, counts } = createPermissiveCalls(`ws://127.0.0.1:${port}/`)
  let failures = 0
  // Every failure draws one random number for its backoff.
  const fixture = createFeed(t, calls, { random: () => ((failures += 1), 0.5) })
  const watcher = watchTopic(fixture.feed, topic)
  await fixture.drive(50)
  for (let expected = 1; expected <= 12; expected += 1) {
    await fixture.until(() => failures >= expected)
    await fixture.drive(30_000)
  }
  t.ok(counts.channels <= 5)
  t.equal(counts.subscriptions, 0)
  t.strictSame(watcher.received, [])
  t.match(fixture.logEntries, [{ level: 'warn' }])
  t.equal(fixture.logEntries.length, 1)
})

t.test('given a server that does not respond, or redirects, then the connection fails in time, and no redirect is followed', async (t) => {
  let redirected = 0
  const other = await startRawServer(() => void (redirected += 1))
  const silent = await startRawServer((socket) => socket.resume())
  const redirecting = await startRawServer((socket) => {
    socket.resume()
    socket.end(`HTTP/1.1 302 Found\r\nLocation: http://127.0.0.1:${other.port}/\r\nContent-Length: 0\r\n\r\n`)
  })
  t.teardown(() => Promise.all([other, silent, redirecting].map((server) => server.close())))
  for (const { port } of [silent, redirecting]) {
    const fixture = createFeed(t, createPermissiveCalls(`ws://127.0.0.1:${port}/`).calls, { random: () => 1 })
    watchTopic(fixture.feed, topic)
    await fixture.drive(50)
    await fixture.drive(10_000)
    await fixture.until(() => fixture.logEntries.length === 1)
    t.match(fixture.logEntries, [{ level: 'warn' }])
    fixture.feed.close()
  }
  t.equal(redirected, 0)
})

t.test('given a connection, then no token and no cookie is sent on it', async (t) => {
  let received = ''
  const server = await startRawServer((socket) => socket.on('data', (data) => void (received += String(data))))
  t.teardown(() => server.close())
  const fixture = createFeed(t, createPermissiveCalls(`ws://127.0.0.1:${server.port}/c1`).calls)
  watchTopic(fixture.feed, topic)
  await fixture.drive(50)
  await fixture.until(() => received.endsWith('\r\n\r\n'))
  t.match(received, /^GET \/c1 HTTP\/1\.1\r\n/)
  t.notMatch(received, /authorization|cookie|bearer/i)
})
