/** Phone numbers, keys, tokens and context values must not appear in the log, in errors, in the audit trail or in webhooks. */
import { randomUUID } from 'node:crypto'
import { subscribe, unsubscribe } from 'node:diagnostics_channel'
import { test } from 'tap'
import { sendBytes, sendRaw } from '../routes/raw-request.ts'
import { setUpIvrCall } from '../support/calls.ts'
import { operationsKey } from '../support/settings.ts'
import { crmSecret } from '../support/test-crm.ts'
import { startTestSystem } from '../support/test-system.ts'
import { waitFor } from '../support/wait-for.ts'

const isRequestLine = (line: Record<string, unknown>): boolean => line['message'] === 'request answered'

test('given phone numbers, keys and tokens in every place where they can be, when requests succeed and fail, then none of them is in a log line, an error, the audit trail or a webhook', async (t) => {
  /** The bearer credentials in all requests of this process, those to the platform included. */
  const sentTokens = new Set<string>()
  const recordTokens = (message: unknown): void => {
    const { headers } = (message as { request: { headers: unknown } }).request
    for (const [, token] of String(headers).matchAll(/bearer[ ,]([^\s,]{8,})/gi)) sentTokens.add(String(token))
  }
  subscribe('undici:request:create', recordTokens)
  t.teardown(() => unsubscribe('undici:request:create', recordTokens))

  const number = '+4915199887766'
  const digits = '15199887766'
  /** The next two values are sensitive, but no pattern could recognize that. */
  const contextValue = 'CANARY-of-the-context'
  const idempotencyKey = 'CANARY-of-a-key'
  const system = await startTestSystem(t, { ALLOWED_NUMBERS: '+4915*', CALLER_REQUESTS_PER_MINUTE: '1000', LOG_LEVEL: 'trace' })
  // The response of the CRM must not appear anywhere either.
  system.crm.respondWith((response, _, attempt) =>
    response.writeHead(attempt % 2 ? 500 : 200, { 'x-why': contextValue }).end(`${contextValue} ${number} ${operationsKey}`),
  )
  const { control } = system
  const { queueId, skillId } = setUpIvrCall(control)
  const addCall = () => control.addConversation({ in: 'ivr', ani: '+4915199887799' }).conversationId
  const errors: string[] = []
  const send = async (method: string, path: string, body?: unknown, headers: Record<string, string | string[]> = {}) => {
    const response = await sendRaw(
      system.url,
      method,
      path,
      { authorization: `Bearer ${operationsKey}`, ...(body !== undefined && { 'content-type': 'application/json' }), ...headers },
      body === undefined ? undefined : typeof body === 'string' ? body : JSON.stringify(body),
    )
    if (response.status >= 400) errors.push(response.text)
    return response
  }
  const requestTransfer = (body: object, headers?: Record<string, string>) => send('POST', '/v1/transfers', body, headers)
  const queue = { type: 'queue', queueId }
  const toNumber = { type: 'number', address: number }
  const echoingError = {
    message: `The number ${number} is not good`,
    code: 'bad.request',
    messageWithParams: `{number} ${digits}`,
    messageParams: { number, token: operationsKey },
  }

  await t.test('given sensitive data in valid requests, then the requests succeed', async (t) => {
    for (const body of [
      { conversationId: addCall(), target: toNumber },
      {
        conversationId: addCall(),
        target: queue,
        context: { callback: number, ['4915199887766']: number, [operationsKey]: number, reason: contextValue },
      },
      { conversationId: addCall(), target: { type: 'skill', skillId, queueId }, fallback: [toNumber], mode: 'decide' },
      { conversationId: addCall(), target: toNumber, mode: 'dryRun' },
    ]) {
      const {
        status,
        body: { state, code },
      } = await requestTransfer(body, { 'idempotency-key': `${idempotencyKey}-${number}-${randomUUID()}` })
      t.ok(status < 300, `${body.mode ?? 'execute'} ${body.target.type}: ${status} ${String(state ?? code)}`)
    }
  })
  await t.test('given sensitive data in invalid requests, then the requests fail', async (t) => {
    for (const body of [
      { conversationId: addCall(), target: { type: 'number', address: '+49301519988776600000' } },
      { conversationId: number, target: toNumber },
      { conversationId: addCall(), target: { type: 'number', address: '+4315199887766' } },
      { conversationId: addCall(), target: queue, context: { [digits]: digits.repeat(40) } },
      { conversationId: addCall(), target: queue, context: { [number]: 'x' } },
      { conversationId: addCall(), target: queue, context: { reason: contextValue.repeat(20) } },
      { conversationId: addCall(), target: queue, context: { transferDepth: contextValue } },
      { conversationId: addCall(), target: queue, idempotencyKey: `${idempotencyKey} with spaces` },
      { conversationId: addCall(), target: queue, context: contextValue },
      { conversationId: addCall(), target: queue, [number]: number },
      { conversationId: addCall(), target: { ...queue, [digits]: 1 } },
      { conversationId: addCall(), target: { type: number } },
      { conversationId: addCall(), target: queue, mode: number },
      { conversationId: randomUUID(), target: toNumber },
    ])
      t.ok((await requestTransfer(body)).status >= 400)
    for (const path of [
      `/v1/transfers/${number}`,
      `/v1/transfers?conversationId=%2B${digits}`,
      `/v1/transfers?${digits}=1`,
      `/v1/transfers?cursor=${digits}`,
      `/tel:${number}`,
      `/v1/transfers/%zz${number}`,
      `/v1/transfers/${number.repeat(20)}`,
      `/v1/webhook-deliveries?type=${number}`,
      `/v1/webhook-deliveries/${number}`,
      `/v1/webhook-endpoints?${digits}=${contextValue}`,
      `/v1/audit?conversationId=%2B${digits}`,
      `/v1/transfers/summary?since=${number}`,
    ]) {
      t.ok((await send('GET', path)).status >= 400, path)
    }
    t.equal((await send('POST', `/v1/webhook-deliveries/${digits}/redeliver`)).status, 400)
    t.equal((await send('POST', '/v1/transfers', `{"conversationId":"${number}"`)).status, 400)
    t.equal((await send('POST', `/v1/webhook-endpoints/${digits}/test`)).status, 400)
    t.equal((await send('POST', '/v1/webhook-redeliveries', { since: number, [digits]: contextValue })).status, 400)
    t.equal((await send('POST', `/v1/transfers/${randomUUID()}/settle`, { state: number, reason: contextValue })).status, 403)
    t.equal((await send('GET', '/v1/transfers', undefined, { authorization: `Bearer hk_${digits}_${'x'.repeat(20)}` })).status, 401)
    t.equal((await send('GET', `/v1/transfers?api_key=${operationsKey}`, undefined, { authorization: '' })).status, 401)
    t.equal((await sendBytes(system.url, `GET /${number} HTTP/9\r\nx: ${operationsKey}\r\n\r\n`)).status, 400)
  })
  await t.test('given sensitive data in error responses of the platform, then the requests fail', async (t) => {
    const conversation = 'GET /conversations/{id}'
    for (const [operation, fault] of [
      [conversation, { kind: 'status', status: 400, body: echoingError }],
      [conversation, { kind: 'status', status: 403, body: { ...echoingError, code: 'missing.permissions' } }],
      [conversation, { kind: 'status', status: 500, body: echoingError }],
      [conversation, { kind: 'html', status: 502 }],
      [conversation, { kind: 'wrong-shape' }],
      [conversation, { kind: 'reset-before' }],
    ] as const) {
      control.addFault({ operation, times: 'always', fault })
      t.ok((await requestTransfer({ conversationId: addCall(), target: toNumber })).status >= 400, fault.kind)
      control.clearFaults()
    }
    control.revokeTokens()
    await requestTransfer({ conversationId: addCall(), target: toNumber })
    control.addFault({
      operation: 'POST /oauth/token',
      times: 'always',
      fault: { kind: 'status', status: 401, body: { error: 'invalid_client', description: 'handoff-demo-secret' } },
    })
    control.revokeTokens()
    t.ok((await requestTransfer({ conversationId: addCall(), target: toNumber })).status >= 400, 'a login that fails')
    control.clearFaults()
  })
  await t.test('given sensitive data in an unexpected error, then the response is 500', async (t) => {
    const { listTransfers } = system.app.ledger
    system.app.ledger.listTransfers = () =>
      Promise.reject(
        Object.assign(new Error(`connect to ${number} with Bearer ${[...sentTokens][0]} and ${operationsKey} failed`), {
          request: { headers: { authorization: operationsKey } },
          number,
        }),
      )
    t.equal((await send('GET', '/v1/transfers')).status, 500)
    system.app.ledger.listTransfers = listTransfers
  })

  await waitFor(() => system.logLines.findLast(isRequestLine)?.['http.response.status_code'] === 500, 'the line of the last request')
  const { body: audit } = await system.request<string>('GET', '/v1/audit')
  const [endpoint] = system.app.crmWebhooks.endpoints
  const testResult = await send('POST', `/v1/webhook-endpoints/${endpoint?.id}/test`)
  await waitFor(
    async () => (await system.app.ledger.listDeliveries({ limit: 200 })).items.some(({ attempts }) => attempts.length > 0),
    'attempts',
  )
  const { body: deliveries } = await system.request('GET', '/v1/webhook-deliveries')
  const platformTokens = [...sentTokens].filter((token) => !token.startsWith('hk_'))
  t.ok(
    platformTokens.length > 0 && errors.length > 25 && system.logLines.length > 60 && audit.split('\n').length > 15,
    'there is enough to search',
  )
  const secrets: Record<string, string> = {
    'a number': '151998877',
    'a number in base64': Buffer.from(number).toString('base64').slice(2, -4),
    'an API key': operationsKey.slice(8),
    'a context value': contextValue,
    'an idempotency key': idempotencyKey,
    'a webhook secret': crmSecret.slice(6),
    'the client secret': 'handoff-demo-secret',
    'the loop secret': 'loop token secret',
    'the audit key': 'audit key of',
  }
  for (const [index, token] of platformTokens.entries()) secrets[`token ${index + 1} of the platform`] = token
  for (const [place, texts] of Object.entries({
    log: system.logLines.map((line) => JSON.stringify(line)),
    errors,
    audit: audit.split('\n'),
    deliveries: [JSON.stringify(deliveries), testResult.text],
    webhooks: system.crm.attempts.map(({ body }) => body),
  })) {
    for (const [description, secret] of Object.entries(secrets))
      t.strictSame(
        texts.filter((text) => text.includes(secret)),
        [],
        `${description} is not in the ${place}`,
      )
  }
})
