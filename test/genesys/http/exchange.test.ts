import t from 'tap'
import { createTransport } from '../../../src/genesys/http/exchange.ts'
import type { Exchange } from '../../../src/genesys/http/exchange.ts'
import { platform, rawServer } from '../platform.ts'

const to = (url: string, method: Exchange['method'], more: Partial<Exchange> = {}): Exchange => ({
  url: new URL(url),
  method,
  headers: {},
  withinMs: 2000,
  ...(method !== 'GET' && { body: '{}' }),
  ...more,
})

/** The faults of reliability §4.3: what the other side does with the socket, and whether the request may have been seen. */
const FAULTS: Array<[string, Parameters<typeof rawServer>[0], { sent: boolean; status?: number; kind: string }]> = [
  ['resets after reading', (socket) => socket.once('data', () => socket.resetAndDestroy()), { sent: true, kind: 'network' }],
  ['closes without a word', (socket) => socket.once('data', () => socket.end()), { sent: true, kind: 'network' }],
  ['says nothing', () => {}, { sent: true, kind: 'deadline' }],
  [
    'sends half a status line and resets',
    (socket) => socket.once('data', () => socket.write('HTTP/1.1 20', () => socket.resetAndDestroy())),
    { sent: true, kind: 'network' },
  ],
  [
    'sends 202 and half a body',
    (socket) => socket.once('data', () => socket.write('HTTP/1.1 202 OK\r\ncontent-length: 99\r\n\r\n{', () => socket.resetAndDestroy())),
    { sent: true, status: 202, kind: 'network' },
  ],
  [
    'sends 202 and stalls',
    (socket) => socket.once('data', () => socket.write('HTTP/1.1 202 OK\r\ncontent-length: 99\r\n\r\n{')),
    { sent: true, status: 202, kind: 'deadline' },
  ],
  ['sends garbage', (socket) => socket.once('data', () => socket.end('\0\0garbage')), { sent: true, kind: 'network' }],
  [
    'trickles headers for ever',
    (socket) => socket.once('data', () => socket.write('HTTP/1.1 200 OK\r\nx-a: b\r\n')),
    { sent: true, kind: 'deadline' },
  ],
]

for (const [what, behave, { sent, status, kind }] of FAULTS) {
  t.test(`given a server that ${what}, the answer says so and never throws`, async (t) => {
    const server = await rawServer(behave)
    const wire = createTransport()
    t.teardown(async () => {
      await wire.close()
      await server.close()
    })
    for (const method of ['GET', 'POST'] as const) {
      const answer = await wire.send(to(`http://127.0.0.1:${server.port}/`, method, { withinMs: kind === 'deadline' ? 1000 : 3000 }))
      t.equal(answer.sent, sent)
      t.equal(answer.status, status)
      t.equal(answer.broke?.kind, kind)
    }
  })
}

t.test('given no connection at all, the answer proves that nothing was sent', async (t) => {
  const closed = await rawServer(() => {})
  await closed.close()
  const silent = await rawServer(() => {})
  const plain = await rawServer((socket) => void socket.end('HTTP/1.1 400 Bad Request\r\n\r\n'))
  const wire = createTransport()
  t.teardown(async () => {
    await wire.close()
    await silent.close()
    await plain.close()
  })
  for (const [why, url, kind] of [
    ['refused', `http://127.0.0.1:${closed.port}/`, 'network'],
    ['no such name', 'http://genesys.invalid/', 'network'],
    ['TLS to what does not speak it', `https://127.0.0.1:${plain.port}/`, 'network'],
    ['a handshake that never ends', `https://127.0.0.1:${silent.port}/`, 'deadline'],
  ] as const) {
    const answer = await wire.send(to(url, 'POST', { withinMs: kind === 'deadline' ? 300 : 10_000 }))
    t.match(answer, { sent: false, status: undefined, broke: { kind } }, why)
  }
})

t.test('given a caller who leaves before there is a connection, the request is not sent after all', async (t) => {
  const seen: string[] = []
  const server = await rawServer(
    (socket) =>
      void socket.on('data', (data) => {
        seen.push(data.toString())
        socket.end('HTTP/1.1 202 Accepted\r\ncontent-length: 0\r\n\r\n')
      }),
  )
  const wire = createTransport()
  t.teardown(async () => {
    await wire.close()
    await server.close()
  })
  const leaving = new AbortController()
  const first = wire.send(to(`http://127.0.0.1:${server.port}/first`, 'POST', { signal: leaving.signal }))
  leaving.abort()
  t.match(await first, { sent: false, broke: { kind: 'aborted' } })
  t.match(await wire.send(to(`http://127.0.0.1:${server.port}/second`, 'POST')), { status: 202 })
  t.equal(seen.length, 1)
  t.match(seen[0], /^POST \/second /)
})

t.test('given transfers one after another, each has a connection of its own; what may be repeated shares a few', async (t) => {
  const at = await platform()
  const wire = createTransport()
  t.teardown(async () => {
    await wire.close()
    await at.close()
  })
  for (const method of [...Array<'GET'>(10).fill('GET'), 'POST', 'PATCH', 'POST', 'PATCH', 'POST'] as const)
    await wire.send(to(`${at.url}/api/v2/x`, method))
  const of = (command: boolean) => at.calls.filter(({ method }) => (method === 'POST') === command)
  t.ok(new Set(of(false).map(({ connection }) => connection)).size <= 2)
  t.equal(new Set(of(true).map(({ connection }) => connection)).size, 3)
  t.ok(of(true).every(({ headers }) => headers.connection === 'close'))
})

t.test('given a 202 whose body never comes, who needs only the headers does not wait', async (t) => {
  const server = await rawServer(
    (socket) =>
      void socket.once('data', () => socket.write('HTTP/1.1 202 OK\r\ncontent-length: 99\r\ninin-correlation-id: corr-1234\r\n\r\n')),
  )
  const wire = createTransport()
  t.teardown(async () => {
    await wire.close()
    await server.close()
  })
  const answer = await wire.send(to(`http://127.0.0.1:${server.port}/`, 'POST', { headersSuffice: true, withinMs: 60_000 }))
  t.match(answer, { sent: true, status: 202, headers: { 'inin-correlation-id': 'corr-1234' }, broke: undefined })
})

t.test('given a body without end, it is cut', async (t) => {
  const server = await rawServer(
    (socket) =>
      void socket.once('data', () => {
        socket.write('HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n')
        const more = () => {
          while (socket.writable && socket.write(`10000\r\n${'x'.repeat(65_536)}\r\n`));
        }
        socket.on('drain', more)
        more()
      }),
  )
  const wire = createTransport()
  t.teardown(async () => {
    await wire.close()
    await server.close()
  })
  t.match(await wire.send(to(`http://127.0.0.1:${server.port}/`, 'GET', { withinMs: 20_000 })), { broke: { kind: 'too_large' } })
})

t.test('given a request that may not leave any more when its turn comes, nothing is sent', async (t) => {
  let seen = 0
  const server = await rawServer((socket) =>
    socket.once('data', () => {
      seen++
      socket.end('HTTP/1.1 202 Accepted\r\ncontent-length: 0\r\n\r\n')
    }),
  )
  const wire = createTransport()
  t.teardown(async () => {
    await wire.close()
    await server.close()
  })
  const url = `http://127.0.0.1:${server.port}/`
  t.match(await wire.send(to(url, 'POST', { mayLeave: () => false })), { sent: false, broke: { kind: 'aborted' } })
  t.match(await wire.send(to(url, 'POST', { mayLeave: () => true })), { sent: true, status: 202 })
  t.equal(seen, 1)
})
