/** What the result of an exchange says about each way in which the connection can fail. */
import t from 'tap'
import type { ExchangeRequest } from '../../../src/genesys/http/exchange.ts'
import { createTransport } from '../../../src/genesys/http/transport.ts'
import { startFakePlatform } from '../support/fake-platform.ts'
import { startRawServer } from '../support/raw-server.ts'

const createRequest = (url: string, method: ExchangeRequest['method'], changes: Partial<ExchangeRequest> = {}): ExchangeRequest => ({
  url: new URL(url),
  method,
  headers: {},
  timeoutMs: 20_000,
  ...(method !== 'GET' && { body: '{}' }),
  ...changes,
})

const acceptedResponse = 'HTTP/1.1 202 Accepted\r\ncontent-length: 0\r\n\r\n'
const startOfResponse = 'HTTP/1.1 202 OK\r\ncontent-length: 99\r\n\r\n{'

interface FaultCase {
  name: string
  onSocket: Parameters<typeof startRawServer>[0]
  status?: number
  kind: string
}
/** What the platform may do with the connection after the request was sent (docs/reliability.md#failure-modes-of-an-exchange). */
const faultCases: FaultCase[] = [
  {
    name: 'resets the connection after reading',
    onSocket: (socket) => socket.once('data', () => socket.resetAndDestroy()),
    kind: 'network',
  },
  { name: 'closes the connection without a response', onSocket: (socket) => socket.once('data', () => socket.end()), kind: 'network' },
  { name: 'does not respond', onSocket: () => {}, kind: 'deadline' },
  {
    name: 'sends half a status line and resets the connection',
    onSocket: (socket) => socket.once('data', () => socket.write('HTTP/1.1 20', () => socket.resetAndDestroy())),
    kind: 'network',
  },
  {
    name: 'sends 202 and half a body and resets the connection',
    onSocket: (socket) => socket.once('data', () => socket.write(startOfResponse, () => socket.resetAndDestroy())),
    status: 202,
    kind: 'network',
  },
  {
    name: 'sends 202 and half a body and stalls',
    onSocket: (socket) => socket.once('data', () => socket.write(startOfResponse)),
    status: 202,
    kind: 'deadline',
  },
  {
    name: 'sends a response that is not HTTP',
    onSocket: (socket) => socket.once('data', () => socket.end('\0\0garbage')),
    kind: 'network',
  },
  {
    name: 'never ends the headers',
    onSocket: (socket) => socket.once('data', () => socket.write('HTTP/1.1 200 OK\r\nx-a: b\r\n')),
    kind: 'deadline',
  },
]

for (const { name, onSocket, status, kind } of faultCases) {
  t.test(`given a server that ${name}, then the result has the status and the kind of failure, and nothing is thrown`, async (t) => {
    const server = await startRawServer(onSocket)
    const transport = createTransport()
    t.teardown(async () => {
      await transport.close()
      await server.close()
    })
    const timeoutMs = kind === 'deadline' ? 4000 : 20_000
    const send = (method: 'GET' | 'POST') => transport.send(createRequest(`http://127.0.0.1:${server.port}/`, method, { timeoutMs }))
    for (const result of await Promise.all([send('GET'), send('POST')])) {
      t.equal(result.isSent, true)
      t.equal(result.status, status)
      t.equal(result.failure?.kind, kind)
    }
  })
}

t.test('given no connection, then the result proves that nothing was sent', async (t) => {
  const closed = await startRawServer(() => {})
  await closed.close()
  const silent = await startRawServer(() => {})
  const withoutTls = await startRawServer((socket) => void socket.end('HTTP/1.1 400 Bad Request\r\n\r\n'))
  const transport = createTransport()
  t.teardown(async () => {
    await transport.close()
    await silent.close()
    await withoutTls.close()
  })
  for (const [name, url, kind] of [
    ['a refused connection', `http://127.0.0.1:${closed.port}/`, 'network'],
    ['a host name that does not exist', 'http://genesys.invalid/', 'network'],
    ['TLS to a server without it', `https://127.0.0.1:${withoutTls.port}/`, 'network'],
    ['a TLS handshake that never ends', `https://127.0.0.1:${silent.port}/`, 'deadline'],
  ] as const) {
    const result = await transport.send(createRequest(url, 'POST', { timeoutMs: kind === 'deadline' ? 300 : 10_000 }))
    t.match(result, { isSent: false, status: undefined, failure: { kind } }, name)
  }
})

t.test('given a caller that aborts before there is a connection, then the request is not sent later', async (t) => {
  const received: string[] = []
  const server = await startRawServer(
    (socket) =>
      void socket.on('data', (data) => {
        received.push(data.toString())
        socket.end(acceptedResponse)
      }),
  )
  const transport = createTransport()
  t.teardown(async () => {
    await transport.close()
    await server.close()
  })
  const aborting = new AbortController()
  const first = transport.send(createRequest(`http://127.0.0.1:${server.port}/first`, 'POST', { signal: aborting.signal }))
  aborting.abort()
  t.match(await first, { isSent: false, failure: { kind: 'aborted' } })
  t.match(await transport.send(createRequest(`http://127.0.0.1:${server.port}/second`, 'POST')), { status: 202 })
  t.equal(received.length, 1)
  t.match(received[0], /^POST \/second /)
})

t.test(
  'given repeatable requests and commands in turn, then each command has its own connection, and the others share a few',
  async (t) => {
    const platform = await startFakePlatform()
    const transport = createTransport()
    t.teardown(async () => {
      await transport.close()
      await platform.close()
    })
    for (const method of [...Array<'GET'>(10).fill('GET'), 'POST', 'PATCH', 'POST', 'PATCH', 'POST'] as const)
      await transport.send(createRequest(`${platform.url}/api/v2/x`, method))
    const commands = platform.requests.filter(({ method }) => method === 'POST')
    const repeatable = platform.requests.filter(({ method }) => method !== 'POST')
    t.ok(new Set(repeatable.map(({ connection }) => connection)).size <= 2)
    t.equal(new Set(commands.map(({ connection }) => connection)).size, 3)
    t.ok(commands.every(({ headers }) => headers.connection === 'close'))
  },
)

t.test('given a 202 whose body never comes, when only the headers are needed, then the exchange does not wait for it', async (t) => {
  const server = await startRawServer(
    (socket) =>
      void socket.once('data', () => socket.write('HTTP/1.1 202 OK\r\ncontent-length: 99\r\ninin-correlation-id: corr-1234\r\n\r\n')),
  )
  const transport = createTransport()
  t.teardown(async () => {
    await transport.close()
    await server.close()
  })
  const result = await transport.send(
    createRequest(`http://127.0.0.1:${server.port}/`, 'POST', { shouldResolveOnHeaders: true, timeoutMs: 60_000 }),
  )
  t.match(result, { isSent: true, status: 202, headers: { 'inin-correlation-id': 'corr-1234' }, failure: undefined })
})

t.test('given a body without end, then reading stops at the size limit', async (t) => {
  const server = await startRawServer(
    (socket) =>
      void socket.once('data', () => {
        socket.write('HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n')
        const writeMore = () => {
          while (socket.writable && socket.write(`10000\r\n${'x'.repeat(65_536)}\r\n`));
        }
        socket.on('drain', writeMore)
        writeMore()
      }),
  )
  const transport = createTransport()
  t.teardown(async () => {
    await transport.close()
    await server.close()
  })
  const result = await transport.send(createRequest(`http://127.0.0.1:${server.port}/`, 'GET', { timeoutMs: 20_000 }))
  t.match(result, { failure: { kind: 'too_large' } })
})

t.test('given a request that may not be sent any more when its connection is ready, then nothing is sent', async (t) => {
  let received = 0
  const server = await startRawServer((socket) =>
    socket.once('data', () => {
      received++
      socket.end(acceptedResponse)
    }),
  )
  const transport = createTransport()
  t.teardown(async () => {
    await transport.close()
    await server.close()
  })
  const url = `http://127.0.0.1:${server.port}/`
  t.match(await transport.send(createRequest(url, 'POST', { canSend: () => false })), { isSent: false, failure: { kind: 'aborted' } })
  t.match(await transport.send(createRequest(url, 'POST', { canSend: () => true })), { isSent: true, status: 202 })
  t.equal(received, 1)
})
