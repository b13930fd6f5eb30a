import type { Socket } from 'node:net'
import t, { type Test } from 'tap'
import { createTransport } from '../../../src/genesys/http/exchange.ts'
import { until } from '../../support/until.ts'
import { rawServer } from '../platform.ts'

/** A server that tells which connection each request came on, and a wire to it. */
async function stage(t: Test) {
  const sockets: Socket[] = []
  const asked: number[] = []
  const server = await rawServer((socket) => {
    const place = sockets.push(socket) - 1
    socket
      .on('error', () => {})
      .on('data', () => {
        asked.push(place)
        socket.end('HTTP/1.1 202 Accepted\r\ncontent-length: 0\r\n\r\n')
      })
  })
  const wire = createTransport()
  t.teardown(async () => {
    await wire.close()
    await server.close()
  })
  const url = new URL(`http://127.0.0.1:${server.port}/`)
  return {
    wire,
    url,
    sockets,
    asked,
    command: () => wire.send({ url, method: 'POST', headers: {}, body: '{}', withinMs: 5_000 }),
  }
}

t.test(
  'given a connection that was prepared, when a command follows, then it goes out on that one; the next has one of its own',
  async (t) => {
    const { wire, url, sockets, asked, command } = await stage(t)
    wire.prepare(url)
    await until(() => sockets.length === 1, 'the connection')
    t.same(asked, [], 'nothing was sent on it')
    t.match(await command(), { sent: true, status: 202 })
    t.match(await command(), { sent: true, status: 202 })
    t.same(asked, [0, 1])
  },
)

t.test(
  'given a prepared connection that the other side has closed, when a command follows, then it has one of its own, and is sent once',
  async (t) => {
    for (const close of [(socket?: Socket) => socket?.end(), (socket?: Socket) => socket?.resetAndDestroy()]) {
      const { wire, url, sockets, asked, command } = await stage(t)
      wire.prepare(url)
      await until(() => sockets.length === 1, 'the connection')
      close(sockets[0])
      await until(() => sockets[0]?.closed, 'its end')
      // By the time this is answered, our side has seen it as well.
      await wire.send({ url, method: 'GET', headers: {}, withinMs: 5_000 })
      t.match(await command(), { sent: true, status: 202 })
      t.same(asked, [1, 2])
    }
  },
)

t.test('given prepared connections that nobody uses, then there are not too many, and they are closed while they are fresh', async (t) => {
  const { wire, url, sockets } = await stage(t)
  for (let many = 0; many < 50; many++) wire.prepare(url)
  await until(() => sockets.length === 32, 'the connections')
  await until(() => sockets.every(({ closed }) => closed), 'their end')
  t.equal(sockets.length, 32)
})

t.test('given a prepared connection, when the wire is closed, then it is closed', async (t) => {
  const { wire, url, sockets } = await stage(t)
  wire.prepare(url)
  await until(() => sockets.length === 1, 'the connection')
  await wire.close()
  await until(() => sockets[0]?.closed, 'its end')
  wire.prepare(url)
  t.equal(sockets.length, 1)
})

t.test('given a server that cannot be reached, when a connection is prepared, then the command finds out', async (t) => {
  const gone = await rawServer(() => {})
  await gone.close()
  const wire = createTransport()
  t.teardown(() => wire.close())
  const url = new URL(`http://127.0.0.1:${gone.port}/`)
  wire.prepare(url)
  t.match(await wire.send({ url, method: 'POST', headers: {}, body: '{}', withinMs: 5_000 }), { sent: false, broke: { kind: 'network' } })
})
