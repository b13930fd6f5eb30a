/** What a request to the platform proves when it goes through an outbound proxy: above all whether it was sent. */
import { createServer } from 'node:https'
import type { Duplex } from 'node:stream'
import t, { type Test } from 'tap'
import type { ExchangeRequest } from '../../src/genesys/http/exchange.ts'
import { createTransport } from '../../src/genesys/http/transport.ts'
import { createProxySelector } from '../../src/outbound/proxy-selector.ts'
import { listenOnLoopback, startRawServer } from '../genesys/support/raw-server.ts'
import { startFakePlatform } from '../genesys/support/fake-platform.ts'
import { startConnectProxy, type ConnectProxyOptions } from '../support/outbound/connect-proxy.ts'
import { loopbackCertificate, loopbackKey, trustLoopbackCertificate } from '../support/outbound/loopback-certificate.ts'
import { waitFor } from '../support/wait-for.ts'

trustLoopbackCertificate()

const createRequest = (url: string, changes: Partial<ExchangeRequest> = {}): ExchangeRequest => ({
  url: new URL(url),
  method: 'POST',
  headers: { authorization: 'Bearer canary' },
  body: '{}',
  timeoutMs: 10_000,
  ...changes,
})

function createProxiedTransport(t: Test, proxyUrl: URL, noProxy = '') {
  const transport = createTransport({
    selectProxy: createProxySelector({ HTTPS_PROXY: proxyUrl, HTTP_PROXY: proxyUrl, NO_PROXY: noProxy }),
  })
  t.teardown(() => transport.close())
  return transport
}

/** A platform at a name that only the proxy can resolve, and a transport through that proxy. */
async function startBehindProxy(t: Test, options: ConnectProxyOptions = {}) {
  const platform = await startFakePlatform()
  t.teardown(() => platform.close())
  const proxy = await startConnectProxy(t, { hosts: { 'gateway.test': '127.0.0.1' }, ...options })
  const { port } = new URL(platform.url)
  return { platform, proxy, url: `http://gateway.test:${port}/api/v2/x`, transport: createProxiedTransport(t, proxy.url) }
}

/** An https server with a certificate for gateway.test. */
async function startSecurePlatform(t: Test) {
  const received: string[] = []
  const server = createServer({ key: loopbackKey, cert: loopbackCertificate }, (request, response) => {
    received.push(`${request.method} ${request.url} ${request.headers.host}`)
    response.writeHead(202).end()
  })
  const connections: Duplex[] = []
  server.on('secureConnection', (socket) => connections.push(socket))
  const port = await listenOnLoopback(server)
  t.teardown(() => server.close())
  return { port, received, connections }
}

t.test('given a platform over TLS, then the proxy resolves its name and opens a tunnel, and the certificate is checked', async (t) => {
  const { port, received } = await startSecurePlatform(t)
  const proxy = await startConnectProxy(t, { hosts: { 'gateway.test': '127.0.0.1', 'gateway.wrong': '127.0.0.1' } })
  const transport = createProxiedTransport(t, proxy.url)
  for (const method of ['GET', 'POST', 'POST'] as const)
    t.match(
      await transport.send(createRequest(`https://gateway.test:${port}/a`, { method, ...(method === 'GET' && { body: undefined }) })),
      {
        isSent: true,
        status: 202,
      },
    )
  t.same(
    received,
    ['GET', 'POST', 'POST'].map((method) => `${method} /a gateway.test:${port}`),
  )
  t.same(proxy.authorities, Array(3).fill(`gateway.test:${port}`), 'each command has a tunnel of its own')
  const result = await transport.send(createRequest(`https://gateway.wrong:${port}/a`))
  t.match(result, { isSent: false, failure: { kind: 'network', code: 'ERR_TLS_CERT_ALTNAME_INVALID' } })
  t.equal(received.length, 3)
})

t.test('given a proxy that needs credentials, then the configured ones are sent to the proxy only', async (t) => {
  const { platform, proxy, url, transport } = await startBehindProxy(t, { credentials: 'user:p@ss' })
  t.match(await transport.send(createRequest(url)), { isSent: true, status: 200 })
  t.equal(platform.requests[0]?.headers['proxy-authorization'], undefined)
  const wrong = createProxiedTransport(t, new URL(`http://user:wrong@${proxy.url.host}`))
  t.match(await wrong.send(createRequest(url)), { isSent: false, status: undefined, failure: { kind: 'network', code: 'PROXY_407' } })
  t.equal(platform.requests.length, 1)
})

for (const status of [403, 407, 502, 503])
  t.test(`given a proxy that refuses with ${status}, then the result proves that nothing was sent, also over TLS`, async (t) => {
    const { platform, url, transport } = await startBehindProxy(t, { answer: () => status })
    for (const address of [url, url.replace('http:', 'https:')])
      t.match(await transport.send(createRequest(address)), {
        isSent: false,
        status: undefined,
        failure: { kind: 'network', code: `PROXY_${status}` },
      })
    t.equal(platform.requests.length, 0)
  })

t.test('given a proxy that is down, silent, or closes the connection, then the result proves that nothing was sent', async (t) => {
  const { platform, proxy, url, transport } = await startBehindProxy(t, { answer: () => 'silence' })
  // The first request's own deadline comes before the timeout of the tunnel, which ends the second one.
  t.match(await transport.send(createRequest(url, { timeoutMs: 300 })), { isSent: false, failure: { kind: 'deadline' } })
  t.match(await transport.send(createRequest(url)), { isSent: false, failure: { kind: 'network', code: 'PROXY_TIMEOUT' } })
  await proxy.stop()
  t.match(await transport.send(createRequest(url)), { isSent: false, failure: { kind: 'network', code: 'PROXY_ECONNREFUSED' } })
  const closing = await startRawServer((socket) => socket.once('data', () => socket.end()))
  t.teardown(() => closing.close())
  const throughClosing = createProxiedTransport(t, new URL(`http://127.0.0.1:${closing.port}`))
  t.match(await throughClosing.send(createRequest(url)), { isSent: false, failure: { kind: 'network', code: 'PROXY_ECONNRESET' } })
  t.equal(platform.requests.length, 0)
})

t.test('given a tunnel that breaks after the command was written, then it counts as sent, and is not sent again', async (t) => {
  let received = 0
  const server = await startRawServer((socket) =>
    socket.once('data', () => {
      received++
      socket.resetAndDestroy()
    }),
  )
  t.teardown(() => server.close())
  const proxy = await startConnectProxy(t)
  const transport = createProxiedTransport(t, proxy.url)
  const result = await transport.send(createRequest(`http://127.0.0.1:${server.port}/`))
  t.match(result, { isSent: true, status: undefined, failure: { kind: 'network' } })
  t.equal(received, 1)
})

t.test('given a command that may not be sent any more when its tunnel is open, then nothing is sent', async (t) => {
  const { platform, proxy, url, transport } = await startBehindProxy(t)
  t.match(await transport.send(createRequest(url, { canSend: () => false })), { isSent: false, failure: { kind: 'aborted' } })
  t.equal(proxy.authorities.length, 1)
  t.equal(platform.requests.length, 0)
})

t.test('given a connection that was prepared, then it is a complete tunnel with TLS, and the next command uses it', async (t) => {
  const { port, received, connections } = await startSecurePlatform(t)
  const proxy = await startConnectProxy(t, { hosts: { 'gateway.test': '127.0.0.1' } })
  const transport = createProxiedTransport(t, proxy.url)
  const url = `https://gateway.test:${port}/a`
  transport.prepare(new URL(url))
  await waitFor(() => connections.length === 1, 'the TLS handshake')
  t.same(received, [], 'nothing was sent on it')
  t.match(await transport.send(createRequest(url)), { isSent: true, status: 202 })
  t.equal(proxy.authorities.length, 1)
  await transport.close()
  await waitFor(() => connections.every(({ destroyed }) => destroyed), 'the end of the tunnel')
})

t.test('given a loopback host, then it is connected to directly only if NO_PROXY names it', async (t) => {
  const { platform, proxy } = await startBehindProxy(t)
  t.match(await createProxiedTransport(t, proxy.url, 'localhost,127.0.0.1').send(createRequest(platform.url)), { status: 200 })
  t.same(proxy.authorities, [])
  t.match(await createProxiedTransport(t, proxy.url).send(createRequest(platform.url)), { status: 200 })
  t.same(proxy.authorities, [new URL(platform.url).host])
})
