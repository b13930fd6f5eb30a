/** When a command uses a connection that was opened in advance, and what happens to unused ones. */
import type { Socket } from 'node:net'
import t, { type Test } from 'tap'
import { createTransport } from '../../../src/genesys/http/transport.ts'
import { waitFor } from '../../support/wait-for.ts'
import { startRawServer } from '../support/raw-server.ts'

/** A server that records its connections and which of them each request came on, and a transport to it. */
async function startRecordingServer(t: Test) {
  const sockets: Socket[] = []
  /** For each request, the index of its connection. */
  const requestSockets: number[] = []
  const server = await startRawServer((socket) => {
    const index = sockets.push(socket) - 1
    socket
      .on('error', () => {})
      .on('data', () => {
        requestSockets.push(index)
        socket.end('HTTP/1.1 202 Accepted\r\ncontent-length: 0\r\n\r\n')
      })
  })
  const transport = createTransport()
  t.teardown(async () => {
    await transport.close()
    await server.close()
  })
  const url = new URL(`http://127.0.0.1:${server.port}/`)
  return {
    transport,
    url,
    sockets,
    requestSockets,
    sendCommand: () => transport.send({ url, method: 'POST', headers: {}, body: '{}', timeoutMs: 5_000 }),
  }
}

t.test(
  'given a prepared connection, when two commands follow, then the first one uses it, and the second one has a connection of its own',
  async (t) => {
    const { transport, url, sockets, requestSockets, sendCommand } = await startRecordingServer(t)
    transport.prepare(url)
    await waitFor(() => sockets.length === 1, 'the connection')
    t.same(requestSockets, [], 'nothing was sent on it')
    t.match(await sendCommand(), { isSent: true, status: 202 })
    t.match(await sendCommand(), { isSent: true, status: 202 })
    t.same(requestSockets, [0, 1])
  },
)

t.test(
  'given a prepared connection that the platform has closed, when a command follows, then it has a connection of its own and is sent once',
  async (t) => {
    for (const close of [(socket?: Socket) => socket?.end(), (socket?: Socket) => socket?.resetAndDestroy()]) {
      const { transport, url, sockets, requestSockets, sendCommand } = await startRecordingServer(t)
      transport.prepare(url)
      await waitFor(() => sockets.length === 1, 'the connection')
      close(sockets[0])
      await waitFor(() => sockets[0]?.closed, 'the end of the connection')
      // Once this response has arrived, the transport has also noticed that the prepared connection is closed.
      await transport.send({ url, method: 'GET', headers: {}, timeoutMs: 5_000 })
      t.match(await sendCommand(), { isSent: true, status: 202 })
      t.same(requestSockets, [1, 2])
    }
  },
)

t.test('given prepared connections that are not used, then there are at most 32, and they are closed after a while', async (t) => {
  const { transport, url, sockets } = await startRecordingServer(t)
  for (let count = 0; count < 50; count++) transport.prepare(url)
  await waitFor(() => sockets.length === 32, 'the connections')
  await waitFor(() => sockets.every(({ closed }) => closed), 'the end of the connections')
  t.equal(sockets.length, 32)
})

t.test('given a prepared connection, when the transport is closed, then the connection is closed, too', async (t) => {
  const { transport, url, sockets } = await startRecordingServer(t)
  transport.prepare(url)
  await waitFor(() => sockets.length === 1, 'the connection')
  await transport.close()
  await waitFor(() => sockets[0]?.closed, 'the end of the connection')
  transport.prepare(url)
  t.equal(sockets.length, 1)
})

t.test(
  'given a server that cannot be reached, when a connection is prepared, then the command fails as without a prepared connection',
  async (t) => {
    const closedServer = await startRawServer(() => {})
    await closedServer.close()
    const transport = createTransport()
    t.teardown(() => transport.close())
    const url = new URL(`http://127.0.0.1:${closedServer.port}/`)
    transport.prepare(url)
    t.match(await transport.send({ url, method: 'POST', headers: {}, body: '{}', timeoutMs: 5_000 }), {
      isSent: false,
      failure: { kind: 'network' },
    })
  },
)
