/** Behind a reverse proxy: only a trusted proxy may say who the client is and which path prefix it removed. */
import { createServer, request } from 'node:http'
import type { AddressInfo } from 'node:net'
import { test } from 'tap'
import type { TestContext } from '../../support/build.ts'
import { sendRaw } from '../../routes/raw-request.ts'
import { setUpIvrCall } from '../../support/calls.ts'
import { startTestSystem } from '../../support/test-system.ts'

const forwarded = { 'x-forwarded-prefix': '/apps/handoff', 'x-forwarded-for': '192.0.2.7' }

test('given a trusted proxy that removes a path prefix, then every address that the service returns has the prefix', async (t) => {
  const system = await startTestSystem(t, { TRUST_PROXY: '10.0.0.0/8,127.0.0.1' })
  const get = (path: string, headers: Record<string, string | string[]> = forwarded) => sendRaw(system.url, 'GET', path, headers)
  const { conversationId, queueId } = setUpIvrCall(system.control)
  const { headers, body } = await system.postTransfer({ conversationId, target: { type: 'queue', queueId } }, forwarded)
  t.equal(headers.get('location'), `/apps/handoff/v1/transfers/${body.id}`)
  t.equal((await get('/')).headers['location'], '/apps/handoff/docs')
  t.match((await get('/docs/json')).body, {
    servers: [{ url: '/apps/handoff' }],
    components: { securitySchemes: { oauth2: { flows: { clientCredentials: { tokenUrl: '/apps/handoff/oauth/token' } } } } },
  })
  const { text: yaml } = await get('/openapi.yaml')
  t.match(yaml, /^servers:\n {2}- url: \/apps\/handoff\n/m)
  t.match(yaml, /^ +tokenUrl: \/apps\/handoff\/oauth\/token$/m)
  t.match((await get('/docs/json', {})).body, { servers: [{ url: '/' }] }, 'without the header nothing is added')
  for (const prefix of [
    '//evil.example',
    '//evil.example/',
    '//evil.example, /x',
    'https://evil.example',
    '/a"b',
    '/a//',
    '/a//b',
    '/..',
    '/../',
    '/',
    '',
    ', /x',
    `/${'a'.repeat(300)}`,
  ])
    t.equal((await get('/', { 'x-forwarded-prefix': prefix })).headers['location'], '/docs', `not a path: ${prefix.slice(0, 30)}`)
  for (const prefix of ['/x/', ' /x ', '/x, /y', '/x/,/y/', '/x,//evil.example', ['/x', '/y'], ['/x/', '/x/']])
    t.equal((await get('/', { 'x-forwarded-prefix': prefix })).headers['location'], '/x/docs', JSON.stringify(prefix))
  t.notMatch((await get('/docs')).text, /(href|src)="\//, 'the page has relative addresses only')
})

/** A reverse proxy that serves everything below /apps/handoff, and nothing else. */
async function startProxy(t: TestContext, target: string): Promise<string> {
  const server = createServer((incoming, response) => {
    const [, path] = /^\/apps\/handoff(\/.*)$/.exec(incoming.url ?? '') ?? []
    if (path === undefined) return void response.writeHead(404).end()
    const { hostname, port } = new URL(target)
    const headers = { ...incoming.headers, 'x-forwarded-prefix': '/apps/handoff' }
    const outgoing = request({ hostname, port, path, method: incoming.method, headers }, (answer) => {
      response.writeHead(answer.statusCode ?? 502, answer.headers)
      answer.pipe(response)
    })
    incoming.pipe(outgoing)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  t.teardown(() => server.close())
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`
}

test('given Swagger UI behind a proxy that removes a path prefix, then its parts load, and its requests and token requests reach the service', async (t) => {
  const system = await startTestSystem(t, { TRUST_PROXY: '127.0.0.1' })
  const proxy = await startProxy(t, system.url)
  for (const path of ['/apps/handoff/docs', '/apps/handoff/docs/']) {
    const page = await fetch(proxy + path)
    const links = [...(await page.text()).matchAll(/(?:href|src)="([^"]+)"/g)].map(([, link]) => new URL(String(link), page.url))
    t.ok(links.length >= 5, `${links.length} parts`)
    for (const link of links) t.equal((await fetch(link)).status, 200, link.pathname)
  }
  const documentUrl = `${proxy}/apps/handoff/docs/json`
  const document = (await (await fetch(documentUrl)).json()) as {
    servers: Array<{ url: string }>
    components: { securitySchemes: { oauth2: { flows: { clientCredentials: { tokenUrl: string } } } } }
  }
  const server = new URL(document.servers[0]?.url ?? '', documentUrl).href
  t.equal((await fetch(`${server}/health`)).status, 200)
  const { tokenUrl } = document.components.securitySchemes.oauth2.flows.clientCredentials
  t.equal((await fetch(new URL(tokenUrl, documentUrl), { method: 'POST', body: new URLSearchParams() })).status, 401)
})

test('given a client that is not a trusted proxy, then its forwarding headers are ignored', async (t) => {
  const system = await startTestSystem(t, { TRUST_PROXY: '10.0.0.0/8' })
  t.equal((await sendRaw(system.url, 'GET', '/', forwarded)).headers['location'], '/docs')
})

test('given refused callers behind one proxy, then each client has its own limit of refusals only if the proxy is trusted', async (t) => {
  async function statusAfterRefusals(settings: Record<string, string>): Promise<number> {
    const system = await startTestSystem(t, settings)
    const send = (client: string) =>
      sendRaw(system.url, 'GET', '/v1/transfers', { authorization: 'Bearer none', 'x-forwarded-for': client })
    // One more than the refusals of an address in a minute that are answered 401 and not 429.
    await Promise.all(Array.from({ length: 121 }, () => send('192.0.2.7')))
    return (await send('192.0.2.8')).status
  }
  t.strictSame([await statusAfterRefusals({ TRUST_PROXY: '127.0.0.1' }), await statusAfterRefusals({})], [401, 429])
})

test('given a TRUST_PROXY that is not a list of networks, then the service does not start', async (t) => {
  await t.rejects(startTestSystem(t, { TRUST_PROXY: 'everyone' }), { message: /^TRUST_PROXY: / })
})
