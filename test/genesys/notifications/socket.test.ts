import { createServer } from 'node:net'
import t from 'tap'
import type { Test } from 'tap'
import { WebSocketServer } from 'ws'
import type { WebSocket } from 'ws'
import type { NotificationCalls } from '../../../src/genesys/notifications/calls.ts'
import { listening, rawServer } from '../platform.ts'
import { becomes, feedOver, ofQueue, watcher } from './stage.ts'

const TOPIC = ofQueue('support')

/** A platform that permits every topic, with one channel at `connectUri`. */
function permissive(connectUri: string) {
  const made = { channels: 0, added: 0 }
  const verdicts = async (_: string, topics: readonly string[]) => {
    made.added += 1
    return topics.map((topic) => ({ topic, permitted: true }))
  }
  const calls: NotificationCalls = {
    openNotificationChannel: async () => ({ id: `channel-${(made.channels += 1)}`, connectUri }),
    addNotificationTopics: verdicts,
    replaceNotificationTopics: verdicts,
  }
  return { calls, made }
}

/** A WebSocket server that says only what the test says, and a feed that listens to it. */
async function speaker(t: Test) {
  const sockets: WebSocket[] = []
  const heard: string[] = []
  const server = new WebSocketServer({ host: '127.0.0.1', port: 0 })
  server.on('connection', (socket) => {
    sockets.push(socket)
    socket.on('message', (data) => void heard.push((data as Buffer).toString()))
  })
  await new Promise((resolve) => server.on('listening', resolve))
  t.teardown(() => {
    for (const socket of sockets) socket.terminate()
    server.close()
  })
  const { calls, made } = permissive(`ws://127.0.0.1:${(server.address() as { port: number }).port}/`)
  const fed = feedOver(t, calls)
  const one = watcher(fed.feed, TOPIC)
  await fed.drive(50)
  await fed.until(() => fed.feed.covers(TOPIC))
  return {
    ...fed,
    one,
    sockets,
    heard,
    made,
    /** Sends messages, and waits until they have been read. */
    say: async (...messages: Array<string | Buffer>) => {
      const socket = sockets.at(-1)
      for (const message of messages) socket?.send(message)
      const read = new Promise((resolve) => socket?.once('pong', resolve))
      socket?.ping()
      await read
    },
  }
}

const pong = JSON.stringify({ topicName: 'channel.metadata', eventBody: { message: 'pong' } })
const event = (id: string) => JSON.stringify({ topicName: TOPIC, version: '2', eventBody: { id } })

t.test('given silence, then a ping is sent after 15 seconds, and the connection is given up after 30', async (t) => {
  const at = await speaker(t)
  await at.drive(14_999)
  await at.say()
  t.strictSame(at.heard, [])
  await at.drive(1)
  await at.until(() => at.heard.length === 1)
  t.strictSame(at.heard, ['{"message":"ping"}'])
  await at.drive(14_999)
  t.ok(at.feed.covers(TOPIC))
  await at.drive(1)
  t.strictSame(at.one.diary, ['covered', 'uncovered'])
  await becomes(() => at.sockets[0]?.readyState === 3)
  await at.until(() => at.feed.covers(TOPIC))
  t.equal(at.sockets.length, 2)
  t.strictSame(at.made, { channels: 1, added: 2 })
})

t.test('given an answer to each ping, or anything else that is heard, then the connection is kept', async (t) => {
  const at = await speaker(t)
  for (let pings = 1; pings <= 5; pings += 1) {
    await at.drive(15_000)
    await at.until(() => at.heard.length === pings)
    await at.drive(10_000)
    await at.say(pong)
  }
  for (let n = 0; n < 10; n += 1) {
    await at.drive(14_000)
    await at.say(event(`c${n}`))
  }
  t.equal(at.heard.length, 5)
  t.equal(at.one.heard().length, 10)
  t.notOk(at.one.diary.includes('uncovered'))
})

t.test('given a process that stood still, then nothing is taken for covered before the timers have run', async (t) => {
  const server = new WebSocketServer({ host: '127.0.0.1', port: 0 })
  await new Promise((resolve) => server.on('listening', resolve))
  t.teardown(() => server.close())
  let now = 0
  const { calls } = permissive(`ws://127.0.0.1:${(server.address() as { port: number }).port}/`)
  const clock = { now: () => now, after: (ms: number, run: () => void) => (ms <= 50 && setImmediate(run), () => {}) }
  const { feed } = feedOver(t, calls, { clock })
  watcher(feed, TOPIC)
  await becomes(() => feed.covers(TOPIC))
  now += 29_999
  t.equal(feed.covers(TOPIC), true)
  now += 1
  t.equal(feed.covers(TOPIC), false)
  feed.close()
  for (const client of server.clients) client.terminate()
})

t.test('given messages that are none, then they are counted, and what comes after them is heard', async (t) => {
  const at = await speaker(t)
  const nonsense = [
    '',
    'x',
    'null',
    '[]',
    '7',
    '{}',
    '{"topicName":7,"eventBody":{}}',
    `{"topicName":"${TOPIC}"}`,
    '{"topicName":"__proto__"}',
  ]
  await at.say(...nonsense, Buffer.from('binary'), JSON.stringify({ topicName: ofQueue('other'), eventBody: {} }), event('c1'), event('c1'))
  t.strictSame(at.one.diary, ['covered', 'c1', 'c1'])
  t.match(at.feed.state(), { malformed: nonsense.length + 1, events: 3 })
})

t.test('given a message that is too large, then the connection is given up, and another opened', async (t) => {
  const at = await speaker(t)
  at.sockets[0]?.send(JSON.stringify({ topicName: TOPIC, eventBody: { id: 'x'.repeat(2_000_000) } }))
  await at.until(() => at.one.diary.length === 2)
  await at.drive(1000)
  await at.until(() => at.feed.covers(TOPIC))
  t.strictSame(at.one.diary, ['covered', 'uncovered', 'covered'])
})

t.test('given connections that cannot be opened, then few channels are opened, and it is told once', async (t) => {
  const server = createServer((socket) => {
    socket.on('error', () => {})
    socket.resume()
    socket.end('HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\nConnection: close\r\n\r\n')
  })
  const port = await listening(server)
  t.teardown(() => server.close())
  const { calls, made } = permissive(`ws://127.0.0.1:${port}/`)
  let failures = 0
  const at = feedOver(t, calls, { random: () => ((failures += 1), 0.5) })
  const one = watcher(at.feed, TOPIC)
  await at.drive(50)
  for (let round = 1; round <= 12; round += 1) {
    await at.until(() => failures >= round)
    await at.drive(30_000)
  }
  t.ok(made.channels <= 5)
  t.equal(made.added, 0)
  t.strictSame(one.diary, [])
  t.match(at.logged, [{ level: 'warn' }])
  t.equal(at.logged.length, 1)
})

t.test('given a server that answers nothing, or redirects, then it is not waited for, nor followed', async (t) => {
  let elsewhere = 0
  const other = await rawServer(() => void (elsewhere += 1))
  const silent = await rawServer((socket) => socket.resume())
  const redirecting = await rawServer((socket) => {
    socket.resume()
    socket.end(`HTTP/1.1 302 Found\r\nLocation: http://127.0.0.1:${other.port}/\r\nContent-Length: 0\r\n\r\n`)
  })
  t.teardown(() => Promise.all([other, silent, redirecting].map((server) => server.close())))
  for (const { port } of [silent, redirecting]) {
    const at = feedOver(t, permissive(`ws://127.0.0.1:${port}/`).calls, { random: () => 1 })
    watcher(at.feed, TOPIC)
    await at.drive(50)
    await at.drive(10_000)
    await at.until(() => at.logged.length === 1)
    t.match(at.logged, [{ level: 'warn' }])
    at.feed.close()
  }
  t.equal(elsewhere, 0)
})

t.test('given a connection, then no token and no cookie is sent on it', async (t) => {
  let asked = ''
  const server = await rawServer((socket) => socket.on('data', (data) => void (asked += String(data))))
  t.teardown(() => server.close())
  const at = feedOver(t, permissive(`ws://127.0.0.1:${server.port}/c1`).calls)
  watcher(at.feed, TOPIC)
  await at.drive(50)
  await at.until(() => asked.endsWith('\r\n\r\n'))
  t.match(asked, /^GET \/c1 HTTP\/1\.1\r\n/)
  t.notMatch(asked, /authorization|cookie|bearer/i)
})
