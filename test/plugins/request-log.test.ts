import { subscribe, unsubscribe } from 'node:diagnostics_channel'
import { test } from 'tap'
import { createLog } from '../../src/telemetry/log.ts'
import { bytes, raw } from '../routes/raw.ts'
import { crmSecret } from '../support/crm.ts'
import { keepCommands, newId, operationsKey, readerKey, startWorld, usualScene } from '../support/service.ts'
import { until } from '../support/until.ts'

type Line = Record<string, unknown>
const requestLine = (line: Line): boolean => line['message'] === 'request answered'

test('given requests of every kind, when they are answered', async (t) => {
  const world = await startWorld(t)
  const { conversationId, queueId, skillId, otherQueueId } = usualScene(world.scene, [{ after: 20, with: 'pickup' }])
  /** Answers come before their lines; once a later request has its line, those before it have theirs. */
  async function written(): Promise<number> {
    const from = world.lines.length
    await world.ask('GET', '/openapi.yaml')
    await until(() => world.lines.slice(from).some(({ route }) => route === '/openapi.yaml'), 'the line of a request')
    return world.lines.length
  }
  /** The lines that requests brought. */
  async function logged(work: () => Promise<unknown>): Promise<Line[]> {
    const from = await written()
    await work()
    const to = await written()
    return world.lines.slice(from, to).filter((line) => line['route'] !== '/openapi.yaml')
  }

  await t.test('then each has one line with what happened', async (t) => {
    const id = newId()
    const transfers = '/v1/transfers'
    const cases: Array<[string, () => Promise<unknown>, Line]> = [
      [
        'a list',
        () => world.ask('GET', `${transfers}?limit=1`),
        {
          'http.request.method': 'GET',
          route: transfers,
          'http.response.status_code': 200,
          code: null,
          field: null,
          'user.id': 'ops',
          transferId: null,
          replayed: false,
        },
      ],
      [
        'another caller',
        () => world.ask('GET', transfers, undefined, { authorization: `Bearer ${readerKey}` }),
        { 'http.response.status_code': 200, 'user.id': 'reader' },
      ],
      [
        'a body that does not fit',
        () => world.transfer({ conversationId: 1 }),
        {
          'http.request.method': 'POST',
          route: transfers,
          'http.response.status_code': 400,
          code: 'INVALID_REQUEST',
          field: 'target',
          'user.id': 'ops',
          transferId: null,
        },
      ],
      [
        'no key',
        () => world.ask('GET', transfers, undefined, { authorization: '' }),
        { 'http.response.status_code': 401, code: 'UNAUTHENTICATED', 'user.id': null },
      ],
      [
        'too little of a key',
        () => world.ask('POST', transfers, {}, { authorization: `Bearer ${readerKey}` }),
        { 'http.response.status_code': 403, code: 'FORBIDDEN', 'user.id': 'reader' },
      ],
      [
        'a transfer that is not there',
        () => world.ask('GET', `${transfers}/${id}`),
        { route: `${transfers}/:id`, 'http.response.status_code': 404, code: 'INVALID_REQUEST', transferId: id },
      ],
      [
        'no route',
        () => world.ask('GET', '/v1/nothing/here'),
        { route: null, 'http.response.status_code': 404, code: 'INVALID_REQUEST', 'user.id': null },
      ],
      [
        'another method',
        () => world.ask('DELETE', transfers),
        { 'http.request.method': 'DELETE', route: null, 'http.response.status_code': 405, code: 'INVALID_REQUEST' },
      ],
      [
        'an address that is none',
        () => raw(world.url, 'GET', '/v1/transfers/%zz'),
        { 'http.request.method': 'GET', route: null, 'http.response.status_code': 400, code: 'INVALID_REQUEST' },
      ],
      [
        'an address that is too long',
        () => raw(world.url, 'GET', `/v1/transfers/${'x'.repeat(300)}`),
        { route: null, 'http.response.status_code': 414, code: 'INVALID_REQUEST' },
      ],
      [
        'a refusal by the platform',
        () => world.transfer({ conversationId: newId(), target: { type: 'queue', queueId } }),
        { 'http.response.status_code': 404, code: 'CONVERSATION_NOT_FOUND', transferId: /^[0-9a-f-]{36}$/ },
      ],
      [
        'the pages',
        () => world.ask('GET', '/docs/json', undefined, { authorization: '' }),
        { route: '/docs/json', 'http.response.status_code': 200, 'user.id': null },
      ],
    ]
    for (const [what, work, expected] of cases) {
      const [line, ...more] = (await logged(work)).filter(requestLine)
      t.strictSame(more, [], `${what}: one line`)
      t.match(
        line,
        {
          'log.level': 'info',
          'ecs.version': String,
          'service.name': 'handoff',
          'http.request.id': /^[0-9a-f-]{36}$/,
          'trace.id': /^[0-9a-f]{32}$/,
          '@timestamp': /^\d{4}-.*Z$/,
          durationMs: Number,
          'event.duration': Number,
          'event.outcome': Number(expected['http.response.status_code']) < 400 ? 'success' : 'failure',
          ...expected,
        },
        what,
      )
    }
    t.strictSame(
      (await logged(async () => [await world.ask('GET', '/health'), await world.ask('GET', '/ready')])).filter(requestLine),
      [],
      'health checks are not logged',
    )
  })

  await t.test('then a transfer has a line for each stage, and one for each row of its audit trail', async (t) => {
    const from = world.lines.length
    const traceId = '4bf92f3577b34da6a3ce929d0e0e4736'
    const {
      body: { id },
    } = await world.transfer(
      { conversationId, target: { type: 'skill', skillId, queueId } },
      { 'idempotency-key': 'once', traceparent: `00-${traceId}-00f067aa0ba902b7-01` },
    )
    await world.reaches(id, 'picked_up')
    const {
      body: { entries },
    } = await world.ask<{ entries: Array<Line & { status: string }> }>('GET', `/v1/transfers/${id}/audit`)
    const lines = await until(() => {
      const written = world.lines.slice(from).filter((line) => line['transferId'] === id || line['actionId'] === id)
      return written.filter((line) => line['audit'] === true).length >= entries.length && written
    }, 'a line for each row')
    for (const stage of ['validation', 'verification', 'execution']) {
      t.match(
        lines.filter((line) => line['stage'] === stage && !line['audit']),
        [
          {
            'log.level': 'info',
            message: `${stage} passed`,
            outcome: 'passed',
            'event.outcome': 'success',
            'trace.id': traceId,
            conversationId,
            durationMs: Number,
            'event.duration': Number,
          },
        ],
        stage,
      )
    }
    // The CRM may have been told of more since.
    const audited = lines.filter((line) => line['audit'] === true).slice(0, entries.length)
    t.strictSame(
      audited.map((line) => line['message']),
      entries.map(({ status }) => `audit ${status}`),
    )
    for (const [at, { hash, traceId: traced, caller, personal: _, ...entry }] of entries.entries()) {
      t.match(audited[at], { 'log.level': 'info', ...entry, 'user.id': caller, 'event.hash': hash }, `audit row ${entry.status}`)
      t.strictSame([traced, audited[at]?.['trace.id']], [traceId, traceId], 'which everything about it has in common')
    }
    t.match(
      await until(() => world.crm.told.find(({ data }) => data.actionId === id), 'the CRM'),
      { headers: { traceparent: new RegExp(traceId) } },
      'the CRM is told as well',
    )

    const [again] = (
      await logged(() => world.transfer({ conversationId, target: { type: 'skill', skillId, queueId } }, { 'idempotency-key': 'once' }))
    ).filter(requestLine)
    t.match(again, { 'http.response.status_code': 202, transferId: id, replayed: true, code: null })
    const nowhere = newId()
    const call = world.scene.addConversation({ in: 'ivr' }).conversationId
    const refuse = () =>
      world.transfer({ conversationId: call, target: { type: 'queue', queueId: nowhere } }, { 'idempotency-key': 'never' })
    const { body } = await refuse()
    const [refused] = (await logged(refuse)).filter(requestLine)
    t.match(
      refused,
      { 'http.response.status_code': 422, code: 'TARGET_NOT_FOUND', transferId: body.transferId, replayed: true },
      'a refusal that is replayed is told as what it is',
    )
  })

  await t.test('then one whose caller goes away has one line too, and its transfer goes on', async (t) => {
    const call = world.scene.addConversation({ in: 'ivr' }).conversationId
    const kept = keepCommands(t, world)
    const lines = await logged(async () => {
      const from = world.lines.length
      const gone = new AbortController()
      const asked = fetch(`${world.url}/v1/transfers`, {
        method: 'POST',
        signal: gone.signal,
        headers: { authorization: `Bearer ${operationsKey}`, 'content-type': 'application/json' },
        body: JSON.stringify({ conversationId: call, target: { type: 'queue', queueId: otherQueueId } }),
      })
      const of = async () => (await world.app.ledger.transfers({ conversationId: call, limit: 1 })).items[0]?.state
      await until(async () => (await of()) === 'executing', 'the transfer under way')
      gone.abort()
      await t.rejects(asked)
      await until(() => world.lines.slice(from).some((line) => line['message'] === 'request abandoned by the caller'), 'his line')
      kept.letGo()
      await until(async () => (await of()) === 'initiated', 'the transfer')
    })
    t.match(
      lines.filter((line) => 'durationMs' in line && !('stage' in line)),
      [
        {
          message: 'request abandoned by the caller',
          'http.request.method': 'POST',
          route: '/v1/transfers',
          'http.response.status_code': null,
          'event.outcome': 'unknown',
          'user.id': 'ops',
        },
      ],
    )
    t.equal(world.scene.transfers(call).length, 1)
  })

  await t.test('then a refused stage says why', async (t) => {
    const lines = await logged(() => world.transfer({ conversationId: newId(), target: { type: 'queue', queueId: otherQueueId } }))
    t.match(
      lines.filter((line) => line['stage'] === 'validation' && !line['audit']),
      [{ message: 'validation did not pass', outcome: 'CONVERSATION_NOT_FOUND' }],
    )
  })
})

test('given numbers, keys and tokens wherever they can stand, when requests succeed and fail, then none of them is in a log line, an error or the audit trail', async (t) => {
  const tokens = new Set<string>()
  const overheard = (message: unknown): void => {
    const { headers } = (message as { request: { headers: unknown } }).request
    for (const [, token] of String(headers).matchAll(/bearer[ ,]([^\s,]{8,})/gi)) tokens.add(String(token))
  }
  subscribe('undici:request:create', overheard)
  t.teardown(() => unsubscribe('undici:request:create', overheard))

  const number = '+4915199887766'
  const digits = '15199887766'
  /** What a caller says of himself: nothing in it has a form that a scrubber could know. */
  const said = 'CANARY-of-the-context'
  const asked = 'CANARY-of-a-key'
  const world = await startWorld(t, { ALLOWED_NUMBERS: '+4915*', CALLER_REQUESTS_PER_MINUTE: '1000', LOG_LEVEL: 'trace' })
  // The CRM's own words reach nobody.
  world.crm.answer((response, _, attempt) =>
    response.writeHead(attempt % 2 ? 500 : 200, { 'x-why': said }).end(`${said} ${number} ${operationsKey}`),
  )
  const { scene } = world
  const { queueId, skillId } = usualScene(scene)
  const call = () => scene.addConversation({ in: 'ivr', ani: '+4915199887799' }).conversationId
  const errors: string[] = []
  const send = async (method: string, path: string, body?: unknown, headers: Record<string, string | string[]> = {}) => {
    const answer = await raw(
      world.url,
      method,
      path,
      { authorization: `Bearer ${operationsKey}`, ...(body !== undefined && { 'content-type': 'application/json' }), ...headers },
      body === undefined ? undefined : typeof body === 'string' ? body : JSON.stringify(body),
    )
    if (answer.status >= 400) errors.push(answer.text)
    return answer
  }
  const transfer = (body: object, headers?: Record<string, string>) => send('POST', '/v1/transfers', body, headers)
  const queue = { type: 'queue', queueId }
  const toNumber = { type: 'number', address: number }
  const echoing = {
    message: `The number ${number} is not good`,
    code: 'bad.request',
    messageWithParams: `{number} ${digits}`,
    messageParams: { number, token: operationsKey },
  }

  await t.test('requests that succeed', async (t) => {
    for (const body of [
      { conversationId: call(), target: toNumber },
      {
        conversationId: call(),
        target: queue,
        context: { callback: number, ['4915199887766']: number, [operationsKey]: number, reason: said },
      },
      { conversationId: call(), target: { type: 'skill', skillId, queueId }, fallback: [toNumber], mode: 'decide' },
      { conversationId: call(), target: toNumber, mode: 'dryRun' },
    ]) {
      const {
        status,
        body: { state, code },
      } = await transfer(body, { 'idempotency-key': `${asked}-${number}-${newId()}` })
      t.ok(status < 300, `${body.mode ?? 'execute'} ${body.target.type}: ${status} ${String(state ?? code)}`)
    }
  })
  await t.test('requests that fail', async (t) => {
    for (const body of [
      { conversationId: call(), target: { type: 'number', address: '+49301519988776600000' } },
      { conversationId: number, target: toNumber },
      { conversationId: call(), target: { type: 'number', address: '+4315199887766' } },
      { conversationId: call(), target: queue, context: { [digits]: digits.repeat(40) } },
      { conversationId: call(), target: queue, context: { [number]: 'x' } },
      { conversationId: call(), target: queue, context: { reason: said.repeat(20) } },
      { conversationId: call(), target: queue, context: { transferDepth: said } },
      { conversationId: call(), target: queue, idempotencyKey: `${asked} with spaces` },
      { conversationId: call(), target: queue, context: said },
      { conversationId: call(), target: queue, [number]: number },
      { conversationId: call(), target: { ...queue, [digits]: 1 } },
      { conversationId: call(), target: { type: number } },
      { conversationId: call(), target: queue, mode: number },
      { conversationId: newId(), target: toNumber },
    ])
      t.ok((await transfer(body)).status >= 400)
    for (const path of [
      `/v1/transfers/${number}`,
      `/v1/transfers?conversationId=%2B${digits}`,
      `/v1/transfers?${digits}=1`,
      `/v1/transfers?cursor=${digits}`,
      `/tel:${number}`,
      `/v1/transfers/%zz${number}`,
      `/v1/transfers/${`${number}`.repeat(20)}`,
      `/v1/webhook-deliveries?type=${number}`,
      `/v1/webhook-deliveries/${number}`,
      `/v1/webhook-endpoints?${digits}=${said}`,
      `/v1/audit?conversationId=%2B${digits}`,
      `/v1/transfers/summary?since=${number}`,
    ]) {
      t.ok((await send('GET', path)).status >= 400, path)
    }
    t.equal((await send('POST', `/v1/webhook-deliveries/${digits}/redeliver`)).status, 400)
    t.equal((await send('POST', '/v1/transfers', `{"conversationId":"${number}"`)).status, 400)
    t.equal((await send('POST', `/v1/webhook-endpoints/${digits}/test`)).status, 400)
    t.equal((await send('POST', '/v1/webhook-redeliveries', { since: number, [digits]: said })).status, 400)
    t.equal((await send('POST', `/v1/transfers/${newId()}/settle`, { state: number, reason: said })).status, 403)
    t.equal((await send('GET', '/v1/transfers', undefined, { authorization: `Bearer hk_${digits}_${'x'.repeat(20)}` })).status, 401)
    t.equal((await send('GET', `/v1/transfers?api_key=${operationsKey}`, undefined, { authorization: '' })).status, 401)
    t.equal((await bytes(world.url, `GET /${number} HTTP/9\r\nx: ${operationsKey}\r\n\r\n`)).status, 400)
  })
  await t.test('requests that the platform lets down', async (t) => {
    const conversation = 'GET /conversations/{id}'
    for (const [operation, fault] of [
      [conversation, { kind: 'status', status: 400, body: echoing }],
      [conversation, { kind: 'status', status: 403, body: { ...echoing, code: 'missing.permissions' } }],
      [conversation, { kind: 'status', status: 500, body: echoing }],
      [conversation, { kind: 'html', status: 502 }],
      [conversation, { kind: 'wrong-shape' }],
      [conversation, { kind: 'reset-before' }],
    ] as const) {
      scene.addFault({ operation, times: 'always', fault })
      t.ok((await transfer({ conversationId: call(), target: toNumber })).status >= 400, `${fault.kind}`)
      scene.clearFaults()
    }
    scene.revokeTokens()
    await transfer({ conversationId: call(), target: toNumber })
    scene.addFault({
      operation: 'POST /oauth/token',
      times: 'always',
      fault: { kind: 'status', status: 401, body: { error: 'invalid_client', description: 'handoff-demo-secret' } },
    })
    scene.revokeTokens()
    t.ok((await transfer({ conversationId: call(), target: toNumber })).status >= 400, 'a login that fails')
    scene.clearFaults()
  })
  await t.test('and something unexpected', async (t) => {
    const { transfers } = world.app.ledger
    world.app.ledger.transfers = () =>
      Promise.reject(
        Object.assign(new Error(`connect to ${number} with Bearer ${[...tokens][0]} and ${operationsKey} failed`), {
          request: { headers: { authorization: operationsKey } },
          number,
        }),
      )
    t.equal((await send('GET', '/v1/transfers')).status, 500)
    world.app.ledger.transfers = transfers
  })

  await until(() => world.lines.findLast(requestLine)?.['http.response.status_code'] === 500, 'the line of the last request')
  const { body: audit } = await world.ask<string>('GET', '/v1/audit')
  const [endpoint] = world.app.crmWebhooks.endpoints
  const tested = await send('POST', `/v1/webhook-endpoints/${endpoint?.id}/test`)
  await until(async () => (await world.app.ledger.deliveries({ limit: 200 })).items.some(({ attempts }) => attempts.length > 0), 'attempts')
  const { body: deliveries } = await world.ask('GET', '/v1/webhook-deliveries')
  const keyed = [...tokens].filter((token) => !token.startsWith('hk_'))
  t.ok(
    keyed.length > 0 && errors.length > 25 && world.lines.length > 60 && audit.split('\n').length > 15,
    'there was something to look through',
  )
  const secrets: Record<string, string> = {
    'a number': '151998877',
    'a number in base64': Buffer.from(number).toString('base64').slice(2, -4),
    'an API key': operationsKey.slice(8),
    'a context value': said,
    'an idempotency key': asked,
    'a webhook secret': crmSecret.slice(6),
    'the client secret': 'handoff-demo-secret',
    'the loop secret': 'loop token secret',
    'the audit key': 'audit key of',
  }
  for (const [at, token] of keyed.entries()) secrets[`token ${at + 1} of the platform`] = token
  for (const [where, text] of Object.entries({
    log: world.lines.map((line) => JSON.stringify(line)),
    errors,
    audit: audit.split('\n'),
    deliveries: [JSON.stringify(deliveries), tested.text],
    'the CRM’s events': world.crm.attempts.map(({ body }) => body),
  })) {
    for (const [what, secret] of Object.entries(secrets))
      t.strictSame(
        text.filter((one) => one.includes(secret)),
        [],
        `${what} is not in the ${where}`,
      )
  }
})

test('given an error of a library, when it is logged, then only what is its own is told', async (t) => {
  const lines: string[] = []
  const log = createLog('info', { destination: { write: (line: string) => void lines.push(line) } })
  const told = (facts: object, message = 'm'): Line => {
    lines.length = 0
    log.info(facts, message)
    t.equal(lines.length, 1)
    return JSON.parse(lines[0] ?? '') as Line
  }
  const axios = Object.assign(new TypeError('Request failed with status code 401'), {
    code: 'ERR_BAD_REQUEST',
    config: { headers: { authorization: 'Bearer abcdefghijkl' }, data: 'client_secret=s3cr3t' },
    request: { _header: 's3cr3t' },
    response: { data: 's3cr3t' },
    cause: new Error('s3cr3t'),
  })
  const ofError = (line: Line): string[] => Object.keys(line).filter((name) => name.startsWith('err'))
  t.strictSame(ofError(told({ err: axios })), ['error.type', 'error.message', 'error.code', 'error.stack_trace'])
  t.notMatch(lines[0], /s3cr3t|abcdefghijkl/)
  for (const thrown of [{ token: 's3cr3t' }, 's3cr3t', ['s3cr3t'], null, undefined, 7]) {
    told({ err: thrown })
    t.notMatch(lines[0], 's3cr3t')
  }
  t.strictSame(
    ofError(told({ err: Object.assign(new Error('m'), { code: { secret: 's3cr3t' } }) })),
    ['error.type', 'error.message', 'error.stack_trace'],
    'a code that is no word is not told',
  )

  t.match(
    told(
      { err: new Error('call to +49 failed, +4915112345678 is busy'), number: '+4915112345678', url: '/x?to=%2B4915112345678' },
      'tel:+4915112345678',
    ),
    { number: '+[number]', url: '/x?to=+[number]', message: '[address]', 'error.message': 'call to +49 failed, +[number] is busy' },
    'numbers are masked wherever they stand',
  )
  t.match(
    told({ key: `k=${operationsKey}.`, header: 'Bearer eyJhbGciOi.J9-_x"', secret: 'whsec_MfKQ9r8GKYqrTwjU' }),
    { key: 'k=[secret]', header: '[secret]"', secret: '[secret]' },
    'and secrets, without breaking the line',
  )
  const harmless = { id: newId(), at: '2026-03-01T00:00:00.000Z', sum: '1+1', offset: '+02:00', ms: 1234567890, words: 'bearer of news' }
  t.match(told(harmless), harmless, 'other things stay')
  t.match(told({}), { 'log.level': 'info', 'service.name': 'handoff', '@timestamp': /Z$/ })
})
