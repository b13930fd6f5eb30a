/** How every kind of error is answered: with problem details, the right status, and nothing from the inside of the service. */
import { randomUUID } from 'node:crypto'
import { test, type Test } from 'tap'
import { StoreUnavailable } from '../../src/ledger/contract/errors.ts'
import { readServedDocument } from '../routes/served-document.ts'
import { sendBytes, sendRaw, type RawResponse } from '../routes/raw-request.ts'
import { operationsKey, readerKey } from '../support/settings.ts'
import { startTestSystem } from '../support/test-system.ts'

const problemType = 'application/problem+json; charset=utf-8'
const bearer = (key: string) => ({ authorization: `Bearer ${key}` })

test('given a running service, when requests fail, then every response has the documented problem details', async (t) => {
  const system = await startTestSystem(t)
  const { operations, violations } = await readServedDocument(system.url)
  const send = (method: string, path: string, headers: Record<string, string> = bearer(operationsKey), body?: string) =>
    sendRaw(system.url, method, path, headers, body)
  const checkProblem = (t: Test, response: RawResponse, status: number, code: string): void => {
    t.strictSame(
      [response.status, response.headers['content-type'], response.body['status'], response.body['code']],
      [status, problemType, status, code],
      `${status} ${code} as problem details`,
    )
    t.strictSame(violations('Problem', response.body), [], 'as documented')
    t.equal(response.body['type'], `urn:handoff:problem:${code.toLowerCase().replaceAll('_', '-')}`, 'with the type for its code')
  }

  await t.test('given a request without a key, then 401 names the scheme', async (t) => {
    const response = await send('GET', '/v1/transfers', {})
    checkProblem(t, response, 401, 'UNAUTHENTICATED')
    t.equal(response.headers['www-authenticate'], 'Bearer')
  })

  await t.test('given a key without the scope, then 403 names the scope', async (t) => {
    const response = await send('POST', '/v1/transfers', bearer(readerKey))
    checkProblem(t, response, 403, 'FORBIDDEN')
    t.match(response.body['detail'], /transfers:write/)
  })

  await t.test('given an address or an id that does not exist, then 404 repeats nothing of the address', async (t) => {
    const number = '+4915112345678'
    for (const [method, path] of [
      ['GET', `/v1/nothing/${number}`],
      ['POST', '/v1/transfers/'],
      ['GET', `/v1/transfers/${randomUUID()}`],
      ['GET', `/v1/transfers/${randomUUID()}/audit`],
      ['POST', `/v1/webhook-deliveries/evt_${randomUUID()}/redeliver`],
      ['GET', `/docs/static/${number}.js`],
      ['GET', '/openapiXyaml'],
      ['POST', '/openapiXyaml'],
      ['PROPFIND', '/v1/nothing'],
    ] as const) {
      const response = await send(method, path)
      checkProblem(t, response, 404, 'NOT_FOUND')
      t.notMatch(response.text, '15112345678', `${method} ${path}`)
    }
  })

  await t.test('given an address without its id, or with one slash too many, then the detail says so', async (t) => {
    for (const [method, path, status, detail] of [
      ['GET', '/v1/transfers/', 400, /path\.id is missing/],
      ['GET', '/v1/transfers/?x=1', 400, /path\.id is missing/],
      ['GET', '/v1/architect/transfers/', 400, /path\.id is missing/],
      ['GET', '/v1/webhook-deliveries/', 400, /path\.id is missing/],
      ['POST', '/v1/transfers//settle', 404, /two slashes/],
      ['POST', '/v1/webhook-deliveries//redeliver', 404, /two slashes/],
      ['POST', '/v1/webhook-endpoints//test', 404, /two slashes/],
      ['POST', '/v1/transfers/', 404, /without the slash at its end/],
      ['POST', '/v1/architect/transfers/', 404, /without the slash at its end/],
      ['GET', '/v1/audit/', 404, /without the slash at its end/],
      ['POST', '/oauth/token/', 404, /without the slash at its end/],
      ['GET', '/health/', 404, /without the slash at its end/],
      ['GET', '/nothing/', 404, /^There is nothing at this address\.$/],
      ['DELETE', '/v1/transfers/', 404, /^There is nothing at this address\.$/],
      // A request target may be a whole address (RFC 9112 §3.2.2).
      ['POST', 'http://x//v1/transfers/', 404, /without the slash at its end/],
      ['GET', 'http://x/nothing', 404, /^There is nothing at this address\.$/],
      ['DELETE', 'http://x:3000/v1/transfers', 405, /^DELETE is not possible here; .*POST.* is\.$/],
    ] as const) {
      const response = await send(method, path, { ...bearer(operationsKey), 'content-type': 'application/json' })
      checkProblem(t, response, status, status === 404 ? 'NOT_FOUND' : 'INVALID_REQUEST')
      t.match(response.body['detail'], detail, `${method} ${path}`)
    }
    t.match((await send('GET', '/v1/transfers/x')).body['detail'], /path\.id must be an id/)
  })

  await t.test('given an invalid time, then the detail says how a time is written, in an address and in a body', async (t) => {
    for (const since of ['2026-11-20', '2026-11-20T00:00:00', '2026-11-20T01:00:00+01:00']) {
      const response = await send('GET', `/v1/transfers?since=${since}`)
      checkProblem(t, response, 400, 'INVALID_REQUEST')
      t.equal(
        response.body['detail'],
        'query.since must be a time with its offset, such as 2026-11-20T09:30:00Z. In an address, the + of an offset is written %2B.',
      )
    }
    const body = JSON.stringify({ since: '2026-11-20' })
    const headers = { ...bearer(operationsKey), 'content-type': 'application/json' }
    t.equal(
      (await send('POST', '/v1/webhook-redeliveries', headers, body)).body['detail'],
      'since must be a time with its offset, such as 2026-11-20T09:30:00Z.',
    )
  })

  await t.test('given bytes that are not valid HTTP, or too many, then the connection ends with a problem', async (t) => {
    for (const [description, bytes, status] of [
      ['text that is not HTTP', 'hello?\r\n\r\n', 400],
      ['an unknown method', 'FETCH /health HTTP/1.1\r\nhost: x\r\n\r\n', 400],
      ['a header without a colon', 'GET /health HTTP/1.1\r\nhost: x\r\nauthorization\r\n\r\n', 400],
      ['a header with a line feed', 'GET /health HTTP/1.1\r\nhost: x\r\nx-api-key: a\nb\r\n\r\n', 400],
      ['two content lengths', 'POST /v1/transfers HTTP/1.1\r\nhost: x\r\ncontent-length: 4\r\ncontent-length: 5\r\n\r\nbody', 400],
      [
        'a content length and chunks',
        'POST /v1/transfers HTTP/1.1\r\nhost: x\r\ncontent-length: 4\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\n',
        400,
      ],
      ['headers of 20 KB', `GET /health HTTP/1.1\r\nhost: x\r\nx-padding: ${'x'.repeat(20_000)}\r\n\r\n`, 431],
      ['an address of 20 KB', `GET /${'x'.repeat(20_000)} HTTP/1.1\r\nhost: x\r\n\r\n`, 431],
      ['no Host', 'GET /health HTTP/1.1\r\n\r\n', 400],
      ['two Hosts', 'GET /health HTTP/1.1\r\nhost: x\r\nhost: y\r\n\r\n', 400],
      ['the same Host twice', 'GET /health HTTP/1.1\r\nHost: x\r\nHOST: x\r\n\r\n', 400],
      ['two Hosts, and a key', `GET /v1/transfers HTTP/1.1\r\nhost: x\r\nx-api-key: ${operationsKey}\r\nhost: y\r\n\r\n`, 400],
      ['two Hosts in HTTP/1.0', 'GET /health HTTP/1.0\r\nhost: x\r\nhost: y\r\n\r\n', 400],
      ...['x, y', 'x y', 'x/y', 'user@x', 'x:y', 'http://x', '[::1', '"x"'].map(
        (host) => [`the Host ${host}`, `GET /health HTTP/1.1\r\nhost: ${host}\r\n\r\n`, 400] as const,
      ),
      ['an unknown expectation', 'GET /health HTTP/1.1\r\nhost: x\r\nexpect: x\r\nconnection: close\r\n\r\n', 417],
      ['a tunnel to another host', 'CONNECT example.com:443 HTTP/1.1\r\nhost: example.com\r\n\r\n', 405],
    ] as const) {
      await t.test(`given ${description}, then the response is ${status} and the connection is closed`, async (t) => {
        const response = await sendBytes(system.url, bytes)
        checkProblem(t, response, status, 'INVALID_REQUEST')
        t.match(response.headers, { connection: 'close' })
      })
    }
    t.equal((await send('GET', '/health')).status, 200, 'the service still works')
  })

  await t.test('given an address that does not have the method, then 405 names the methods that it has', async (t) => {
    const documented = [...operations, { method: 'GET', path: '/openapi.yaml' }]
    for (const path of new Set(documented.map((operation) => operation.path))) {
      // `PATCH /v1/transfers/{id}` also has the address /v1/transfers/summary, with an id that is not valid.
      const routes = documented.filter((operation) => new RegExp(`^${operation.path.replace('{id}', '[^/]+')}$`).test(path))
      const methods = [...new Set(routes.flatMap(({ method }) => (method === 'GET' ? ['GET', 'HEAD'] : [method])))]
      for (const method of ['GET', 'POST', 'PUT', 'PATCH', 'DELETE', 'HEAD', 'OPTIONS', 'TRACE', 'PROPFIND'].filter(
        (candidate) => !methods.includes(candidate),
      )) {
        const response = await send(method, path.replace('{id}', randomUUID()), {})
        t.strictSame(
          [response.status, response.headers['allow']?.split(', ').toSorted(), response.headers['content-type']],
          [405, methods.toSorted(), problemType],
          `${method} ${path}`,
        )
        if (method === 'HEAD') t.equal(response.text, '', 'HEAD has no body')
        else checkProblem(t, response, 405, 'INVALID_REQUEST')
      }
    }
  })

  await t.test('given a ledger that fails, then 503 says when to retry', async (t) => {
    const { listTransfers } = system.app.ledger
    t.teardown(() => (system.app.ledger.listTransfers = listTransfers))
    system.app.ledger.listTransfers = async () => Promise.reject(new StoreUnavailable('disk I/O error at /var/lib'))
    const response = await send('GET', '/v1/transfers')
    checkProblem(t, response, 503, 'STORE_UNAVAILABLE')
    t.match(response.headers, { 'retry-after': '5' })
    t.notMatch(response.text, /disk|\/var/)
  })

  await t.test('given an unexpected error, then 500 reveals nothing about it, and the log says what it was', async (t) => {
    const { listTransfers } = system.app.ledger
    t.teardown(() => (system.app.ledger.listTransfers = listTransfers))
    const canary = 'hk_inside_sssssssssssssssssssss'
    for (const [description, thrown] of [
      ['an error', new TypeError(`cannot read ${canary} of undefined`)],
      ['an error that claims to be the client’s fault', Object.assign(new Error(canary), { statusCode: 404, code: 'ENOENT' })],
      [
        'an error of a library, with the request on it',
        Object.assign(new Error('Request failed'), {
          config: { headers: { authorization: canary } },
          response: { data: canary },
          status: 401,
        }),
      ],
      ['a text', canary],
      ['an object', { message: canary, statusCode: 402 }],
      ['null', null],
    ] as const) {
      await t.test(`given ${description} that is thrown, then the response is 500 without details`, async (t) => {
        system.app.ledger.listTransfers = () => Promise.reject(thrown)
        const linesBefore = system.logLines.length
        const response = await send('GET', '/v1/transfers')
        checkProblem(t, response, 500, 'INTERNAL_ERROR')
        t.strictSame(
          [response.body['detail'], response.body['retryable'], response.headers['retry-after']],
          ['Something went wrong in Handoff itself.', true, undefined],
        )
        t.notMatch(response.text, /hk_inside|TypeError|ENOENT|\.ts|node_modules/)
        const lines = system.logLines.slice(linesBefore)
        t.match(
          lines.find((line) => line['log.level'] === 'error'),
          { message: 'an unexpected error', 'error.type': String, 'error.message': String },
        )
        t.notMatch(JSON.stringify(lines), canary, 'no key in the log')
      })
    }
  })
})

test('given a caller with a rate limit, when it exceeds the limit, then 429 says when to retry, and other callers are served', async (t) => {
  const system = await startTestSystem(t, { CALLER_REQUESTS_PER_MINUTE: '3' })
  const { violations } = await readServedDocument(system.url)
  for (let count = 0; count < 3; count++) t.equal((await system.request('GET', '/v1/transfers')).status, 200)
  const refused = await system.request('POST', '/v1/transfers', { not: 'valid' })
  t.strictSame(
    [refused.status, refused.body.code, refused.body.retryable, refused.headers.get('content-type')],
    [429, 'TOO_MANY_REQUESTS', true, problemType],
  )
  t.strictSame(violations('Problem', refused.body), [])
  const seconds = Number(refused.headers.get('retry-after'))
  t.ok(Number.isInteger(seconds) && seconds >= 1 && seconds <= 60, 'Retry-After in seconds')
  t.equal(refused.body['retryAfterSeconds'], seconds, 'the body has the same number')
  t.equal((await system.request('GET', '/v1/transfers', undefined, bearer(readerKey))).status, 200, 'another caller is served')
  t.equal((await system.request('GET', '/health')).status, 200, 'a route that needs no key is served')
})

test('given a caller without a valid key, when it keeps trying, then its further attempts are refused with 429, and all of them are counted in the audit trail', async (t) => {
  const system = await startTestSystem(t)
  const responses = await Promise.all(
    Array.from({ length: 130 }, () => system.request('GET', '/v1/transfers', undefined, { authorization: 'Bearer none' })),
  )
  // The first 120 refusals of an address in a minute name their reason; after that the reason is always 429.
  t.strictSame(
    [401, 429].map((status) => responses.filter((response) => response.status === status).length),
    [120, 10],
  )
  t.ok(responses.every(({ status, headers }) => status === 401 || Number(headers.get('retry-after')) > 0))
  t.equal((await system.request('GET', '/v1/transfers')).status, 200, 'a caller with a valid key is served')
  t.equal((await system.request('POST', '/v1/transfers', {}, bearer(readerKey))).status, 403, 'a caller without the scope still gets 403')
  await system.stop()
  const rows = system.logLines.filter((line) => line['message'] === 'audit caller_refused' && line['code'] === 'UNAUTHENTICATED')
  t.equal(
    rows.reduce((sum, { detail }) => sum + (detail as { count: number }).count, 0),
    130,
  )
})
