/** How requests with an unusual method, address, header or body are served or refused, and which headers every response has. */
import { randomUUID } from 'node:crypto'
import { gzipSync } from 'node:zlib'
import { test, type Test } from 'tap'
import { sendBytes, sendRaw, type RawResponse } from '../../routes/raw-request.ts'
import { operationsKey } from '../../support/settings.ts'
import { startTestSystem } from '../../support/test-system.ts'

const authorization = `Bearer ${operationsKey}`
const pages = [
  '/health',
  '/ready',
  '/metrics',
  '/docs',
  '/docs/json',
  '/openapi.yaml',
  '/docs/static/swagger-ui.css',
  '/v1/transfers',
  '/v1/audit',
]

function expectHeaders(t: Test, { headers }: RawResponse, description: string): void {
  t.match(headers, { 'x-content-type-options': 'nosniff', 'cache-control': 'no-store' }, description)
}

test('given a running service, then unusual requests are served or refused with a reason, and responses have the right headers', async (t) => {
  const system = await startTestSystem(t)
  const send = (method: string, path: string, headers: Record<string, string> = {}, body?: string | Buffer) =>
    sendRaw(system.url, method, path, { authorization, ...headers }, body)

  await t.test('given any page, when it is requested with HEAD, then the headers are those of GET, without a body', async (t) => {
    for (const path of pages) {
      const [get, head] = [await send('GET', path), await send('HEAD', path)]
      t.strictSame([head.status, head.headers['content-type'], head.text], [200, get.headers['content-type'], ''], path)
    }
  })

  await t.test('given any response, then browsers may not guess its type, and caches may not keep what can change', async (t) => {
    for (const path of [...pages, '/nothing', '/v1/webhook-endpoints']) {
      const { headers } = await send('GET', path)
      t.equal(headers['x-content-type-options'], 'nosniff', path)
      t.equal(headers['cache-control'], path.includes('static') ? 'public, max-age=3600' : 'no-store', path)
    }
    t.match((await send('POST', '/oauth/token', { authorization: '' })).headers, {
      'x-content-type-options': 'nosniff',
      'cache-control': 'no-store',
    })
    for (const path of ['/v1/transfers/%zz', '/docs/%zz', '/docs/static/%', '/%', `/v1/transfers/${'x'.repeat(200)}`, '/?%zz'])
      for (const method of ['GET', 'HEAD', 'POST', 'OPTIONS'])
        for (const headers of [{}, { authorization: '' }])
          expectHeaders(t, await send(method, path, headers), `${method} ${path.slice(0, 40)}`)
    for (const bytes of [
      'This is not HTTP\r\n\r\n',
      'CONNECT example.com:443 HTTP/1.1\r\nhost: example.com\r\n\r\n',
      `GET / HTTP/1.1\r\nhost: x\r\nx-padding: ${'x'.repeat(20_000)}\r\n\r\n`,
      'OPTIONS * HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n',
      'GET http://x/%zz HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n',
    ])
      expectHeaders(t, await sendBytes(system.url, bytes), bytes.slice(0, 40))
  })

  await t.test('given an address that cannot be decoded, then Host and Expect are checked, and the connection is closed', async (t) => {
    for (const path of ['/v1/transfers/%zz', '/docs/%zz', `/v1/transfers/${'x'.repeat(200)}`])
      for (const [fields, status, detail] of [
        ['host: x', path.includes('%') ? 400 : 414, /address/],
        ['accept: */*', 400, /Host is missing/],
        ['host: x\r\nhost: y', 400, /Host was sent twice/],
        ['host: x/y', 400, /does not name a host/],
        ['host: x\r\nexpect: 200-ok', 417, /only 100-continue/],
      ] as const) {
        const response = await sendBytes(system.url, `GET ${path} HTTP/1.1\r\n${fields}\r\n\r\n`)
        t.match(response, { status, body: { code: 'INVALID_REQUEST', detail }, headers: { connection: 'close' } }, `${path} ${fields}`)
      }
  })

  await t.test('given a client whose base address ends in a slash, then the doubled slash does not matter', async (t) => {
    t.equal((await send('POST', '//v1/architect/transfers', { 'content-type': 'application/json' }, '{}')).status, 200)
    t.equal((await send('GET', '//v1//transfers')).status, 200)
    t.match(await send('DELETE', '//v1/transfers'), { status: 405, headers: { allow: /GET/ } })
    t.equal((await send('GET', '//v1/transfers', { authorization: '' })).status, 401, 'a key is still needed')
  })

  await t.test('given a POST that needs no body, when it has a Content-Type, then it is served', async (t) => {
    const [endpoint] = (await system.request<{ endpoints: Array<{ id: string }> }>('GET', '/v1/webhook-endpoints')).body.endpoints
    for (const headers of [
      { 'content-type': 'application/json' },
      { 'content-type': 'application/json', 'content-length': '0' },
      { 'content-type': 'application/json', 'transfer-encoding': 'chunked' },
      { 'content-type': 'application/x-www-form-urlencoded', 'content-length': '0' },
    ]) {
      t.equal((await send('POST', `/v1/webhook-endpoints/${endpoint?.id}/test`, headers)).status, 200, JSON.stringify(headers))
      t.equal((await send('POST', `/v1/webhook-deliveries/evt_${randomUUID()}/redeliver`, headers)).body['code'], 'NOT_FOUND')
    }
    t.match((await send('POST', '/v1/transfers', { 'content-type': 'application/json' })).body, {
      status: 400,
      detail: 'The body is empty.',
    })
  })

  await t.test('given a body that is compressed or not in UTF-8, then 415 says so', async (t) => {
    const compressed = await send(
      'POST',
      '/v1/transfers',
      { 'content-type': 'application/json', 'content-encoding': 'gzip' },
      gzipSync('{}'),
    )
    t.match(compressed, {
      status: 415,
      headers: { 'accept-encoding': 'identity' },
      body: { code: 'INVALID_REQUEST', detail: /compressed/ },
    })
    for (const coding of ['gzip, chunked', 'deflate, chunked']) {
      const response = await sendBytes(
        system.url,
        `POST /v1/transfers HTTP/1.1\r\nhost: x\r\nconnection: close\r\nauthorization: ${authorization}\r\ncontent-type: application/json\r\ntransfer-encoding: ${coding}\r\n\r\n2\r\n{}\r\n0\r\n\r\n`,
      )
      t.match(response, { status: 415, body: { code: 'INVALID_REQUEST', detail: /compressed/ } }, coding)
    }
    for (const path of ['/v1/transfers', '/v1/architect/transfers', '/v1/webhook-redeliveries']) {
      const response = await send('POST', path, { 'content-type': 'application/json; charset=utf-16' }, Buffer.from('{}', 'utf16le'))
      t.match(response, { status: 415, body: { code: 'INVALID_REQUEST', detail: /UTF-8/ } }, path)
    }
    t.match(await send('POST', '/oauth/token', { 'content-type': 'application/json; charset=utf-16' }, '{}'), {
      status: 415,
      body: { error: 'invalid_request', error_description: /UTF-8/ },
    })
    t.equal(
      (
        await send(
          'POST',
          '/v1/architect/transfers',
          { 'content-type': 'application/json; charset="UTF-8"', 'content-encoding': 'identity' },
          '{}',
        )
      ).status,
      200,
    )
  })

  await t.test('given a browser, when it requests the root, then it is redirected to the documentation', async (t) => {
    t.match(await send('GET', '/'), { status: 302, headers: { location: '/docs' } })
  })
})

test('given DOCS=off, then there is no documentation, and requests are still validated', async (t) => {
  const system = await startTestSystem(t, { DOCS: 'off' })
  for (const path of ['/', '/docs', '/docs/json', '/docs/static/swagger-ui-bundle.js', '/openapi.yaml'])
    t.match((await sendRaw(system.url, 'GET', path)).body, { status: 404, code: 'NOT_FOUND' }, path)
  t.match((await system.request('POST', '/v1/transfers', { priority: 'high' })).body, { code: 'INVALID_REQUEST', field: String })
})
