/** Clients that send many requests without waiting, that do not read what they asked for, and that send slowly; and how many connections and waiting requests are allowed. */
import { once } from 'node:events'
import type { ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { connect } from 'node:net'
import { setImmediate } from 'node:timers/promises'
import { test } from 'tap'
import type { AppOverrides } from '../../../src/app.ts'
import { maxConnections } from '../../../src/plugins/connections/connection-limit.ts'
import { createHttpServer } from '../../../src/plugins/connections/http-server.ts'
import type { TestContext } from '../../support/build.ts'
import { operationsKey } from '../../support/settings.ts'
import { startTestSystem } from '../../support/test-system.ts'
import { waitFor } from '../../support/wait-for.ts'

const get = (path: string): string => `GET ${path} HTTP/1.1\r\nhost: x\r\nauthorization: Bearer ${operationsKey}\r\n\r\n`
/** Requests whose responses are larger than the buffers of two sockets. The service keeps one copy of the document for all of them. */
const largeDocuments = get('/docs/static/swagger-ui-bundle.js').repeat(20)

async function start(t: TestContext, connections: AppOverrides['connections'] = {}) {
  const system = await startTestSystem(t, {}, {}, { connections })
  const { server } = system.app
  return {
    ...system,
    countConnections: () => new Promise<number>((resolve) => server.getConnections((_error, count) => resolve(count))),
    /** Opens a connection and writes to it. Responses are read into `received` unless the socket is paused. */
    open(bytes: string) {
      const socket = connect(Number(new URL(system.url).port), '127.0.0.1')
      const opened = { socket, received: '', closed: once(socket, 'close') }
      socket.on('error', () => {})
      socket.on('data', (chunk: Buffer) => (opened.received += chunk.toString('latin1')))
      socket.write(bytes)
      t.teardown(() => socket.destroy())
      return opened
    },
  }
}

test('given a client that sends 1,000 requests at once and reads, then it gets every response, in order', async (t) => {
  const { open } = await start(t)
  const paths = Array.from({ length: 1_000 }, (_, index) => (index % 3 === 0 ? '/health' : `/v1/unknown`))
  const client = open(paths.map(get).join(''))
  const statuses = () => [...client.received.matchAll(/HTTP\/1\.1 (\d+)/g)].map(([, status]) => Number(status))
  await waitFor(() => statuses().length === paths.length, 'every response')
  t.strictSame(
    statuses(),
    paths.map((path) => (path === '/health' ? 200 : 404)),
  )
})

test('given a client that does not wait for responses, then each request is handled only after the previous response was sent', async (t) => {
  const { app, open } = await start(t)
  const releases: Array<() => void> = []
  app.ledger.listTransfers = () => new Promise((resolve) => releases.push(() => resolve({ items: [], nextCursor: null })))
  const client = open(get('/v1/transfers').repeat(3))
  for (let handled = 1; handled <= 3; handled++) {
    await waitFor(() => releases.length === handled, `request ${handled}`)
    t.equal((client.received.match(/HTTP\/1\.1 200/g) ?? []).length, handled - 1)
    releases.at(-1)?.()
  }
  await waitFor(() => client.received.match(/HTTP\/1\.1 200/g)?.length === 3, 'the last response')
})

test('given a client that reads nothing, when the read timeout is over, then its connection is closed', async (t) => {
  const { open, countConnections } = await start(t, { readTimeoutMs: 100 })
  open(largeDocuments).socket.pause()
  await waitFor(async () => (await countConnections()) === 1, 'the connection')
  await waitFor(async () => (await countConnections()) === 0, 'the end of the connection')
  t.pass()
})

test('given a client that reads slowly, then it gets everything', async (t) => {
  const { open } = await start(t, { readTimeoutMs: 60_000 })
  // The last request, without the empty line at its end, also asks for the end of the connection.
  const client = open(`${largeDocuments.slice(0, -2)}connection: close\r\n\r\n`)
  const reading = setInterval(() => {
    client.socket.resume()
    setImmediate(() => client.socket.pause())
  }, 20)
  t.teardown(() => clearInterval(reading))
  await client.closed
  t.equal(client.received.match(/HTTP\/1\.1 200/g)?.length, 20)
})

test('given more unread response data than the limit, then the connection that has waited longest is closed', async (t) => {
  const { open, app, url, countConnections } = await start(t, { maxUnreadLength: 40_000_000 })
  const large = 'x'.repeat(30_000_000)
  app.metrics.scrape = () => Promise.resolve(large)
  const first = open(get('/metrics'))
  first.socket.pause()
  await waitFor(async () => (await countConnections()) === 1, 'the first connection')
  t.equal((await (await fetch(`${url}/metrics`)).text()).length, large.length, 'a client that reads is served')
  first.socket.resume()
  await first.closed
  t.ok(first.received.length < large.length, 'a client that does not read gets only a part')
})

test('given more waiting requests than the limit, then connections that send more are closed, and others are served', async (t) => {
  const { app, open, request } = await start(t, { maxWaiting: 20 })
  const { listTransfers } = app.ledger
  const { promise: emptyPage, resolve } = Promise.withResolvers<Awaited<ReturnType<typeof listTransfers>>>()
  app.ledger.listTransfers = () => emptyPage
  const clients = Array.from({ length: 10 }, () => open(get('/v1/transfers').repeat(20)))
  await Promise.race(clients.map(({ closed }) => closed))
  app.ledger.listTransfers = listTransfers
  t.equal((await request('GET', '/v1/transfers')).status, 200)
  resolve({ items: [], nextCursor: null })
  await waitFor(
    () => clients.some(({ received }) => received.match(/HTTP\/1\.1 200/g)?.length === 20),
    'the responses of a connection that was kept',
  )
  t.pass()
})

test('given thousands of requests in one read, when none is answered, then only a few are parsed; when they are answered, then the rest is parsed, too', async (t) => {
  let isAnswering = false
  const held: ServerResponse[] = []
  const createServer = createHttpServer({ requestTimeoutMs: 10_000, keepAliveTimeoutMs: 10_000, maxWaiting: 1_000 })
  const server = createServer((_request, response) => void (isAnswering ? response.end() : held.push(response)))
  let parsed = 0
  server.on('request', () => (parsed += 1))
  await once(server.listen(0, '127.0.0.1'), 'listening')
  const socket = connect((server.address() as AddressInfo).port, '127.0.0.1')
  t.teardown(() => {
    socket.destroy()
    server.close()
  })
  socket.resume().write('GET / HTTP/1.1\r\n\r\n'.repeat(3_000))
  await waitFor(() => held.length === 1, 'the first request')
  // Whatever else the read has brought would be parsed by now.
  for (let turn = 0; turn < 10; turn++) await setImmediate()
  t.ok(parsed < 100, `${parsed} of 3,000 requests are parsed`)
  isAnswering = true
  held[0]?.end()
  await waitFor(() => parsed === 3_000, 'the rest')
  t.pass()
})

test(
  'given a request body that does not arrive, when the request timeout is over, then the connection ends with 408',
  { timeout: 240_000 },
  async (t) => {
    const { open } = await start(t, { requestTimeoutMs: 200 })
    const client = open(
      `POST /v1/transfers HTTP/1.1\r\nhost: x\r\nauthorization: Bearer ${operationsKey}\r\ncontent-type: application/json\r\ncontent-length: 10\r\n\r\n{`,
    )
    await client.closed
    t.match(client.received, /^HTTP\/1\.1 408 [^]*application\/problem\+json[^]*did not arrive in time/)
  },
)

test('given no other setting, then a request may take 30 seconds to arrive, headers and body', async (t) => {
  const { app } = await start(t)
  t.strictSame([app.server.requestTimeout, app.server.headersTimeout], [30_000, 30_000])
})

test('given as many connections as are allowed, when one more comes, then it is closed, and idle ones make room for the next', async (t) => {
  const { app, open, countConnections } = await start(t)
  t.equal(app.server.maxConnections, maxConnections())
  app.server.maxConnections = 3
  const { listTransfers } = app.ledger
  const { promise: emptyPage, resolve } = Promise.withResolvers<Awaited<ReturnType<typeof listTransfers>>>()
  app.ledger.listTransfers = () => emptyPage
  const busy = open(get('/v1/transfers'))
  const idle = [open(get('/health')), open(get('/health'))]
  await waitFor(() => idle.every(({ received }) => received.includes('alive')), 'the responses')
  const refused = open(get('/health'))
  await refused.closed
  t.equal(refused.received, '')
  await Promise.all(idle.map(({ closed }) => closed))
  await waitFor(async () => (await countConnections()) === 1, 'room')
  const next = open(get('/health'))
  await waitFor(() => next.received.includes('alive'), 'the response to the next client')
  resolve({ items: [], nextCursor: null })
  await waitFor(() => busy.received.includes('HTTP/1.1 200'), 'the response on the connection that was busy')
  t.pass()
})

test('given a limit of open files, then connections may use 60 % of it, and at most 2,000 files', async (t) => {
  const limits = (files: string) =>
    `Limit                     Soft Limit           Hard Limit           Units\nMax open files            ${files} ${files} files\n`
  t.strictSame(
    ['1024', '256', '1048576', 'unlimited'].map((files) => maxConnections(limits(files))),
    [614, 153, 2_000, 2_000],
  )
  t.equal(maxConnections('unreadable'), 614)
})
