/** The nginx configuration in ops/, tried with a real nginx in front of the service. */
import type { IncomingHttpHeaders } from 'node:http'
import { createServer, type AddressInfo } from 'node:net'
import t from 'tap'
import { setUpIvrCall } from '../support/calls.ts'
import { trustLoopbackCertificate } from '../support/outbound/loopback-certificate.ts'
import { operationsKey } from '../support/settings.ts'
import { startTestSystem, type TestSystem } from '../support/test-system.ts'
import { missingNginx, startNginx } from './nginx-process.ts'

t.setTimeout(240_000)
trustLoopbackCertificate()
const authorization = `Bearer ${operationsKey}`
const prefix = '/handoff'

function postTransfer(url: string, { conversationId, queueId }: { conversationId: string; queueId: string }): Promise<Response> {
  return fetch(`${url}${prefix}/v1/transfers`, {
    method: 'POST',
    headers: { authorization, 'content-type': 'application/json', 'x-forwarded-for': '192.0.2.1' },
    body: JSON.stringify({ conversationId, target: { type: 'queue', queueId } }),
  })
}

/** Collects the headers of every request that reaches the service. */
function watchHeaders({ app }: TestSystem): IncomingHttpHeaders[] {
  const headers: IncomingHttpHeaders[] = []
  app.server.on('request', (request: { headers: IncomingHttpHeaders }) => void headers.push(request.headers))
  return headers
}

t.test('given a node that is up and one that is down, when clients use the prefix over TLS', { skip: missingNginx }, async (t) => {
  const system = await startTestSystem(t, { TRUST_PROXY: '127.0.0.1/32' })
  const headers = watchHeaders(system)
  const { httpUrl, httpsUrl } = await startNginx(t, [system.url, 'http://127.0.0.1:9'])
  const get = (path: string) => fetch(httpsUrl + prefix + path, { headers: { authorization } })

  await t.test('then plain http leads to https, and the prefix to its folder', async (t) => {
    const { status, headers } = await fetch(`${httpUrl}${prefix}/ready`, { redirect: 'manual' })
    t.strictSame([status, headers.get('location')], [308, `https://localhost${prefix}/ready`])
    const folder = await fetch(httpsUrl + prefix, { redirect: 'manual' })
    t.strictSame([folder.status, new URL(String(folder.headers.get('location'))).pathname], [308, `${prefix}/`])
  })

  await t.test('then every page knows the prefix, and the metrics are not shown', async (t) => {
    t.equal((await get('/ready')).status, 200)
    t.match(await (await get('/openapi.yaml')).text(), `url: ${prefix}`)
    t.equal((await get('/console')).status, 200)
    t.equal((await get('/docs')).status, 200)
    t.equal((await get('/metrics')).status, 404)
  })

  await t.test('then every transfer is accepted, and the service sees the address of the client', async (t) => {
    for (let call = 0; call < 6; call++) {
      const response = await postTransfer(httpsUrl, setUpIvrCall(system.control))
      t.equal(response.status, 202)
      t.match(response.headers.get('location'), new RegExp(`^${prefix}/v1/transfers/[\\da-f-]{36}$`))
    }
    t.match(headers.at(-1), { 'x-forwarded-for': '127.0.0.1', 'x-forwarded-prefix': prefix, 'x-forwarded-proto': 'https' })
  })

  await t.test('then events of the stream arrive while it is open', { timeout: 240_000 }, async (t) => {
    const stop = new AbortController()
    const stream = await fetch(`${httpsUrl}${prefix}/v1/transfers/stream`, { headers: { authorization }, signal: stop.signal })
    t.equal(stream.status, 200)
    const reader = (stream.body as ReadableStream<Uint8Array>).getReader()
    const { id } = (await (await postTransfer(httpsUrl, setUpIvrCall(system.control))).json()) as { id: string }
    let text = ''
    while (!text.includes(id)) {
      const { done, value } = await reader.read()
      if (done) break
      text += new TextDecoder().decode(value)
    }
    t.match(text, id)
    stop.abort()
  })
})

t.test(
  'given a node that breaks off after it has received a request, then a transfer is not sent to the other node',
  { skip: missingNginx },
  async (t) => {
    const system = await startTestSystem(t, { TRUST_PROXY: '127.0.0.1/32' })
    let brokenOff = 0
    const breaking = createServer((socket) => {
      socket
        .on('error', () => {})
        .once('data', () => {
          brokenOff++
          socket.destroy()
        })
    }).listen(0, '127.0.0.1')
    await new Promise((resolve) => breaking.once('listening', resolve))
    t.teardown(() => breaking.close())
    const { httpsUrl } = await startNginx(t, [`http://127.0.0.1:${(breaking.address() as AddressInfo).port}`, system.url])
    const headers = watchHeaders(system)
    const statuses: number[] = []
    for (let call = 0; call < 4; call++) statuses.push((await postTransfer(httpsUrl, setUpIvrCall(system.control))).status)
    t.ok(brokenOff > 0)
    t.equal(statuses.filter((status) => status === 502).length, brokenOff)
    t.equal(headers.length, statuses.length - brokenOff, 'the service got the others only')
  },
)
