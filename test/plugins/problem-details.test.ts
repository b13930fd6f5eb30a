import { test, type Test } from 'tap'
import { StoreUnavailable } from '../../src/ledger/ledger.ts'
import { servedDocument } from '../routes/document.ts'
import { bytes, raw, type RawAnswer } from '../routes/raw.ts'
import { newId, operationsKey, readerKey, startWorld } from '../support/service.ts'

const problemType = 'application/problem+json; charset=utf-8'
const bearer = (key: string) => ({ authorization: `Bearer ${key}` })

test('given the running service', async (t) => {
  const world = await startWorld(t)
  const { operations, misfits } = await servedDocument(world.url)
  const ask = (method: string, path: string, headers: Record<string, string> = bearer(operationsKey), body?: string) =>
    raw(world.url, method, path, headers, body)
  const isProblem = (t: Test, answer: RawAnswer, status: number, code: string): void => {
    t.strictSame(
      [answer.status, answer.headers['content-type'], answer.body['status'], answer.body['code']],
      [status, problemType, status, code],
      `${status} ${code} as problem details`,
    )
    t.strictSame(misfits('Problem', answer.body), [], 'as documented')
    t.equal(answer.body['type'], `urn:handoff:problem:${code.toLowerCase().replaceAll('_', '-')}`, 'with the type of its code')
  }

  await t.test('when there is no key, then 401 says which scheme it wants', async (t) => {
    const answer = await ask('GET', '/v1/transfers', {})
    isProblem(t, answer, 401, 'UNAUTHENTICATED')
    t.equal(answer.headers['www-authenticate'], 'Bearer')
  })

  await t.test('when the key lacks the scope, then 403 names it', async (t) => {
    const answer = await ask('POST', '/v1/transfers', bearer(readerKey))
    isProblem(t, answer, 403, 'FORBIDDEN')
    t.match(answer.body['detail'], /transfers:write/)
  })

  await t.test('when something is not there, then 404 and not a word of what was asked for', async (t) => {
    const number = '+4915112345678'
    for (const [method, path] of [
      ['GET', `/v1/nothing/${number}`],
      ['GET', '/'],
      ['POST', '/v1/transfers/'],
      ['GET', `/v1/transfers/${newId()}`],
      ['GET', `/v1/transfers/${newId()}/audit`],
      ['POST', `/v1/webhook-deliveries/evt_${newId()}/redeliver`],
      ['GET', `/docs/static/${number}.js`],
      ['GET', '/openapiXyaml'],
      ['POST', '/openapiXyaml'],
      ['PROPFIND', '/v1/nothing'],
      ['GET', '//v1/transfers'],
    ] as const) {
      const answer = await ask(method, path)
      isProblem(t, answer, 404, 'INVALID_REQUEST')
      t.notMatch(answer.text, '15112345678', `${method} ${path}`)
    }
  })

  await t.test('when a route does not know the method, then 405 names those it knows, whoever asks', async (t) => {
    const paths = Map.groupBy([...operations, { method: 'GET', path: '/openapi.yaml' }], ({ path }) => path)
    for (const [path, known] of paths) {
      const methods = known.map(({ method }) => method)
      for (const method of ['GET', 'POST', 'PUT', 'PATCH', 'DELETE', 'HEAD', 'OPTIONS', 'TRACE', 'PROPFIND'].filter(
        (one) => !methods.includes(one),
      )) {
        const answer = await ask(method, path.replace('{id}', newId()), {})
        t.strictSame(
          [answer.status, answer.headers['allow']?.split(', ').toSorted(), answer.headers['content-type']],
          [405, methods.toSorted(), problemType],
          `${method} ${path}`,
        )
        if (method === 'HEAD') t.equal(answer.text, '', 'HEAD has no body')
        else isProblem(t, answer, 405, 'INVALID_REQUEST')
      }
    }
  })

  await t.test('when it is no HTTP, or too much of it, then the connection ends with a problem', async (t) => {
    for (const [what, sent, status] of [
      ['no HTTP at all', 'hello?\r\n\r\n', 400],
      ['a method that is none', 'FETCH /health HTTP/1.1\r\nhost: x\r\n\r\n', 400],
      ['a header without a colon', 'GET /health HTTP/1.1\r\nhost: x\r\nauthorization\r\n\r\n', 400],
      ['a header with a line feed', 'GET /health HTTP/1.1\r\nhost: x\r\nx-api-key: a\nb\r\n\r\n', 400],
      ['two lengths', 'POST /v1/transfers HTTP/1.1\r\nhost: x\r\ncontent-length: 4\r\ncontent-length: 5\r\n\r\nbody', 400],
      [
        'a length and chunks',
        'POST /v1/transfers HTTP/1.1\r\nhost: x\r\ncontent-length: 4\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\n',
        400,
      ],
      ['headers of 20 KB', `GET /health HTTP/1.1\r\nhost: x\r\nx-padding: ${'x'.repeat(20_000)}\r\n\r\n`, 431],
      ['an address of 20 KB', `GET /${'x'.repeat(20_000)} HTTP/1.1\r\nhost: x\r\n\r\n`, 431],
    ] as const) {
      await t.test(what, async (t) => {
        const answer = await bytes(world.url, sent)
        isProblem(t, answer, status, 'INVALID_REQUEST')
        t.match(answer.headers, { connection: 'close' })
      })
    }
    t.match(
      world.lines.findLast(({ message }) => message === 'request could not be read'),
      { 'log.level': 'info', 'http.response.status_code': 431, code: 'INVALID_REQUEST', reason: 'HPE_HEADER_OVERFLOW' },
      'it is logged',
    )
    t.equal((await ask('GET', '/health')).status, 200, 'the service goes on')
  })

  await t.test('when the store fails, then 503 says when to come again', async (t) => {
    const { transfers } = world.app.ledger
    t.teardown(() => (world.app.ledger.transfers = transfers))
    world.app.ledger.transfers = async () => Promise.reject(new StoreUnavailable('disk I/O error at /var/lib'))
    const answer = await ask('GET', '/v1/transfers')
    isProblem(t, answer, 503, 'STORE_UNAVAILABLE')
    t.match(answer.headers, { 'retry-after': '5' })
    t.notMatch(answer.text, /disk|\/var/)
  })

  await t.test('when something unexpected happens inside, then 500 tells nothing of it, and the log tells what it was', async (t) => {
    const { transfers } = world.app.ledger
    t.teardown(() => (world.app.ledger.transfers = transfers))
    const canary = 'hk_inside_sssssssssssssssssssss'
    for (const [what, thrown] of [
      ['an error', new TypeError(`cannot read ${canary} of undefined`)],
      ['an error that says it is the client’s fault', Object.assign(new Error(canary), { statusCode: 404, code: 'ENOENT' })],
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
      await t.test(what, async (t) => {
        world.app.ledger.transfers = () => Promise.reject(thrown as Error)
        const logged = world.lines.length
        const answer = await ask('GET', '/v1/transfers')
        isProblem(t, answer, 500, 'OUTCOME_UNKNOWN')
        t.strictSame(
          [answer.body['detail'], answer.body['retryable'], answer.headers['retry-after']],
          ['Something went wrong in Handoff itself.', false, undefined],
        )
        t.notMatch(answer.text, /hk_inside|TypeError|ENOENT|\.ts|node_modules/)
        const lines = world.lines.slice(logged)
        t.match(
          lines.find((line) => line['log.level'] === 'error'),
          { message: 'an unexpected error', 'error.type': String, 'error.message': String },
        )
        t.notMatch(JSON.stringify(lines), canary, 'no key in the log')
      })
    }
  })
})

test('given a caller with a limit, when it asks more often, then 429 says when to come again, and others are served', async (t) => {
  const world = await startWorld(t, { CALLER_REQUESTS_PER_MINUTE: '3' })
  const { misfits } = await servedDocument(world.url)
  for (let at = 0; at < 3; at++) t.equal((await world.ask('GET', '/v1/transfers')).status, 200)
  const refused = await world.ask('POST', '/v1/transfers', { not: 'valid' })
  t.strictSame(
    [refused.status, refused.body.code, refused.body.retryable, refused.headers.get('content-type')],
    [429, 'TOO_MANY_REQUESTS', true, problemType],
  )
  t.strictSame(misfits('Problem', refused.body), [])
  const seconds = Number(refused.headers.get('retry-after'))
  t.ok(Number.isInteger(seconds) && seconds >= 1 && seconds <= 60, 'Retry-After in seconds')
  t.equal(refused.body['retryAfterSeconds'], seconds, 'and in the body')
  t.equal((await world.ask('GET', '/v1/transfers', undefined, bearer(readerKey))).status, 200, 'another caller')
  t.equal((await world.ask('GET', '/health')).status, 200, 'and who needs no key')
})

test('given somebody without a key, when they try again and again, then their attempts are no longer even written down', async (t) => {
  const world = await startWorld(t)
  const answers = await Promise.all(
    Array.from({ length: 130 }, () => world.ask('GET', '/v1/transfers', undefined, { authorization: 'Bearer none' })),
  )
  t.strictSame(
    [401, 429].map((status) => answers.filter((answer) => answer.status === status).length),
    [120, 10],
  )
  t.ok(answers.every(({ status, headers }) => status === 401 || Number(headers.get('retry-after')) > 0))
  let noted = 0
  for await (const page of world.app.ledger.audit({ since: 0, until: Number.MAX_SAFE_INTEGER }))
    noted += page.filter(({ status }) => status === 'caller_refused').length
  t.equal(noted, 120)
  t.equal((await world.ask('GET', '/v1/transfers')).status, 200, 'callers with a key are served')
  t.equal((await world.ask('POST', '/v1/transfers', {}, bearer(readerKey))).status, 403, 'and a caller without the scope is still told so')
})
