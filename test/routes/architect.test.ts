/** The flat routes for Architect: which requests are answered with 200, and how soon. */
import { randomUUID } from 'node:crypto'
import { connect } from 'node:net'
import t from 'tap'
import { FlatAnswerSchema, type FlatAnswer } from '../../src/architect/flat-response.ts'
import { sendRaw } from './raw-request.ts'
import { readServedDocument } from './served-document.ts'
import { waitFor } from '../support/wait-for.ts'
import { holdQueueCommands } from '../support/hold-queue-commands.ts'
import { operationsKey, readerKey } from '../support/settings.ts'
import { startTestSystem } from '../support/test-system.ts'
import { setUpIvrCall } from '../support/calls.ts'

const path = '/v1/architect/transfers'
const organizationId = '0a9b0000-0000-4000-8000-00000000000a'
const fieldNames = Object.keys(FlatAnswerSchema.properties).toSorted()
const authorized = { authorization: `Bearer ${operationsKey}` }
const json = { ...authorized, 'content-type': 'application/json' }

t.test('given the flat routes', async (t) => {
  const system = await startTestSystem(t)
  const { control, request, url, logLines } = system
  const { responseViolations, violations } = await readServedDocument(url)
  /** A valid request for a new call, with changes. */
  const createRequest = (changes: object = {}) => {
    const { conversationId, queueId } = setUpIvrCall(control)
    return { conversationId, targetType: 'queue', targetId: queueId, ...changes }
  }

  t.test('when a request is accepted or refused, then the response is 200, has every field and matches the published schema', async (t) => {
    const repeated = createRequest({ idempotencyKey: 'once' })
    const cases: Array<[description: string, body: unknown, expected: object]> = [
      ['moved', repeated, { ok: true, state: 'initiated' }],
      ['replayed', repeated, { ok: true, state: 'initiated' }],
      ['a key that another request used', createRequest({ idempotencyKey: 'once' }), { ok: false, code: 'IDEMPOTENCY_KEY_REUSED' }],
      ['dry run', createRequest({ mode: 'dryRun' }), { ok: true, state: 'decided', transferId: '' }],
      [
        'an unknown conversation',
        createRequest({ conversationId: randomUUID() }),
        { ok: false, code: 'CONVERSATION_NOT_FOUND', state: 'rejected' },
      ],
      ['an unknown queue', createRequest({ targetId: randomUUID() }), { ok: false, code: 'TARGET_NOT_FOUND', state: 'rejected' }],
      ['a number', createRequest({ targetType: 'number', targetId: '+4930123456' }), { ok: false, code: 'TARGET_NOT_ALLOWED' }],
      ['an empty object', {}, { ok: false, code: 'INVALID_REQUEST', state: '' }],
      ['a list', [], { ok: false, code: 'INVALID_REQUEST', state: '' }],
    ]
    for (const [description, body, expected] of cases) {
      const { status, headers, body: answer } = await request<FlatAnswer>('POST', path, body)
      t.equal(status, 200, description)
      t.match(answer, expected, description)
      t.strictSame(Object.keys(answer).toSorted(), fieldNames, description)
      t.strictSame(responseViolations('requestArchitectTransfer', 200, headers.get('content-type') ?? '', answer), [], description)
      if (description === 'replayed') t.equal(headers.get('idempotent-replayed'), 'true')
      if (answer.transferId && answer.state) {
        const read = await request<FlatAnswer>('GET', `${path}/${answer.transferId}`)
        t.equal(read.status, 200)
        t.match(read.body, { transferId: answer.transferId, ok: answer.ok, code: answer.code }, `${description}: GET returns the same`)
        t.strictSame(responseViolations('getArchitectTransfer', 200, read.headers.get('content-type') ?? '', read.body), [])
      }
    }
    for (const id of [randomUUID(), 'none'])
      t.match(await request('GET', `${path}/${id}`), { status: 200, body: { ok: false, code: 'NOT_FOUND', transferId: '' } })
    // Only an address without an id is an invalid request.
    for (const id of ['', '%20', '/'])
      t.match(await request('GET', `${path}/${id}`), { status: 400, body: { code: 'INVALID_REQUEST', field: 'path.id' } }, `no id: "${id}"`)
  })

  t.test('when a body violates the published schema, then it is refused, and a valid body is accepted', async (t) => {
    const { conversationId, queueId } = setUpIvrCall(control)
    const valid = { conversationId, targetType: 'queue', targetId: queueId, mode: 'dryRun' }
    for (const changes of [
      {},
      { targetType: ' QUEUE ', mode: 'DRYRUN', priority: '10', idempotencyKey: null, skillId: '' },
      { targetId: null, queueId },
      { conversationId: null },
      { targetType: 'fax' },
      { targetId: 'Support' },
      { targetType: 'number' },
      { skillId: 7 },
      { priority: 1.5 },
      { priority: 25_000_001 },
      { mode: 'now' },
      { fallbackQueueId: [] },
      { idempotencyKey: 'two words' },
    ]) {
      const body = { ...valid, ...changes }
      const isValid = violations('ArchitectRequest', body).length === 0
      const response = await request<FlatAnswer>('POST', path, body)
      t.strictSame(
        [response.status, response.body.code === 'INVALID_REQUEST'],
        [200, !isValid],
        `${JSON.stringify(changes)} is ${isValid ? 'accepted' : 'refused'}`,
      )
    }
  })

  t.test(
    'when a request is refused for a value that the schema cannot judge, then the message names the input of the data action',
    async (t) => {
      const id = randomUUID()
      for (const [changes, message] of [
        [{ targetType: 'skill' }, /^queueId is missing/],
        [{ targetType: 'callback', targetId: '' }, /^targetId is missing/],
        [{ overflowAfterSeconds: 60 }, /^overflowAfterSeconds needs a later fallback/],
        [{ preferredUserId: id }, `The platform has no user ${id} (preferredUserId).`],
      ] as const) {
        const { body } = await request<FlatAnswer>('POST', path, createRequest(changes))
        t.match(body, { ok: false, message }, JSON.stringify(changes))
        if (body.transferId !== '')
          t.equal((await request<FlatAnswer>('GET', `${path}/${body.transferId}`)).body.message, message, 'also when read')
      }
    },
  )

  t.test('when the credentials are wrong, the JSON is malformed or the ledger fails, then the status is not 200', async (t) => {
    const body = JSON.stringify(createRequest())
    t.equal((await sendRaw(url, 'POST', path, { 'content-type': 'application/json' }, body)).status, 401)
    t.equal((await sendRaw(url, 'POST', path, { ...json, authorization: `Bearer ${readerKey}` }, body)).status, 403)
    t.equal((await sendRaw(url, 'POST', path, json, '{"conversationId":')).status, 400)
    t.equal((await sendRaw(url, 'POST', path, { ...json, 'content-type': 'text/html' }, body)).status, 415)
    const { openTransfer } = system.app.ledger
    system.app.ledger.openTransfer = () => Promise.reject(new Error('gone'))
    t.teardown(() => (system.app.ledger.openTransfer = openTransfer))
    const outage = await sendRaw(url, 'POST', path, json, body)
    t.ok(outage.status >= 500)
    t.match(outage.headers['content-type'], /problem\+json/)
  })

  t.test('when bodies come in chunks, with a charset and with an empty key, then they are accepted', async (t) => {
    for (const type of ['application/json', 'application/json;charset=UTF-8', 'application/json; charset=utf-8']) {
      const { status, body } = await sendRaw(
        url,
        'POST',
        path,
        { ...authorized, 'content-type': type, 'transfer-encoding': 'chunked', 'idempotency-key': '' },
        JSON.stringify(createRequest()),
      )
      t.match({ status, body }, { status: 200, body: { ok: true } }, type)
    }
  })

  t.test("when the platform's own headers are sent, then they are echoed, logged and audited, unless they are malformed", async (t) => {
    const correlationId = randomUUID()
    const valid = await request<FlatAnswer>('POST', path, createRequest(), {
      'inin-correlation-id': correlationId,
      'inin-organization-id': organizationId,
    })
    t.strictSame([valid.headers.get('inin-correlation-id'), valid.headers.get('inin-organization-id')], [correlationId, organizationId])
    await waitFor(
      () => logLines.some((line) => line['message'] === 'request answered' && line['correlationId'] === correlationId),
      'the log line',
    )
    const { body } = await request<{ entries: unknown[] }>('GET', `/v1/transfers/${valid.body.transferId}/audit`)
    t.match(body.entries[0], { status: 'accepted', detail: { correlationId, organizationId } })
    const refused = await request('GET', `${path}/${randomUUID()}`, undefined, { authorization: '', 'inin-correlation-id': correlationId })
    t.equal(refused.headers.get('inin-correlation-id'), correlationId, 'a refused caller gets its correlation id back too')

    const malformed = await request<FlatAnswer>('POST', path, createRequest(), {
      'inin-correlation-id': 'x y"+4930123456',
      'inin-organization-id': 'mine',
    })
    t.match(malformed.body, { ok: true })
    t.strictSame([malformed.headers.get('inin-correlation-id'), malformed.headers.get('inin-organization-id')], [null, null])
    t.notMatch(JSON.stringify(logLines), 'x y')
  })
})

t.test(
  'given a setting that accepts only one organization, when a request comes from another one, then it is refused and audited',
  async (t) => {
    const system = await startTestSystem(t, { GENESYS_ORGANIZATION_ID: organizationId.toUpperCase() })
    const { conversationId, queueId } = setUpIvrCall(system.control)
    const requestWith = (headers: Record<string, string>) =>
      system.request('POST', path, { conversationId, targetType: 'queue', targetId: queueId }, headers)
    for (const headers of [{ 'inin-organization-id': randomUUID() }, { 'inin-organization-id': 'none' }, {}])
      t.match(await requestWith(headers), { status: 403, body: { code: 'FORBIDDEN' } })
    t.equal(system.control.transfers(conversationId).length, 0)
    t.match(await requestWith({ 'inin-organization-id': organizationId }), { status: 200, body: { ok: true } })
    // An id that looks like a phone number is masked in the log and the audit trail, but compared unmasked.
    const numericId = '6f1e0a2b-1234-1234-1234-012345678901'
    const otherSystem = await startTestSystem(t, { GENESYS_ORGANIZATION_ID: numericId })
    const ids = setUpIvrCall(otherSystem.control)
    const body = { conversationId: ids.conversationId, targetType: 'queue', targetId: ids.queueId }
    t.match(await otherSystem.request('POST', path, body, { 'inin-organization-id': numericId.toUpperCase() }), {
      status: 200,
      body: { ok: true },
    })
    t.match(await otherSystem.request('POST', path, body, { 'inin-organization-id': '6f1e0a2b-1234-1234-1234-012345678902' }), {
      status: 403,
    })
    const auditTrail = (await system.request<string>('GET', '/v1/audit')).body
    t.equal(auditTrail.match(/"status":"caller_refused"/g)?.length, 3)
    t.equal((await system.request('GET', '/v1/transfers')).status, 200, 'the other routes do not check the organization')
  },
)

t.test('given a caller that exceeds its rate limit, when it uses the flat route, then the answer is a refusal with 200', async (t) => {
  const system = await startTestSystem(t, { CALLER_REQUESTS_PER_MINUTE: '1' })
  await system.request('GET', `${path}/${randomUUID()}`)
  t.match(await system.request('GET', `${path}/${randomUUID()}`), {
    status: 200,
    body: { ok: false, code: 'TOO_MANY_REQUESTS', retryable: true, retryAfterSeconds: Number },
  })
})

t.test(
  'given a deadline that is longer than the timeout of a flow, when transfers take longer than that timeout, then the flow still gets a response in time',
  async (t) => {
    const system = await startTestSystem(t, { TRANSFER_DEADLINE_MS: '60000' })
    const { control } = system
    const [slowCall, silentCall] = [setUpIvrCall(control), setUpIvrCall(control)]
    const requestFlat = ({ conversationId, queueId }: typeof slowCall) =>
      system.request<FlatAnswer>('POST', path, { conversationId, targetType: 'queue', targetId: queueId })
    const held = holdQueueCommands(t, system)
    const earlierTransfer = system.postTransfer({
      conversationId: slowCall.conversationId,
      target: { type: 'queue', queueId: slowCall.queueId },
    })
    await waitFor(() => held.heldCount > 0, 'the held command')
    control.addFault({
      operation: 'GET /conversations/{id}',
      conversationId: silentCall.conversationId,
      times: 'always',
      fault: { kind: 'silence' },
    })
    const [joinedResponse, silentResponse] = await Promise.all([requestFlat(slowCall), requestFlat(silentCall)])
    held.release()
    control.clearFaults()

    t.match(
      silentResponse,
      { status: 200, body: { ok: false, retryable: true } },
      'when the platform does not return the conversation, the answer is a refusal',
    )
    t.match(
      joinedResponse,
      { status: 200, body: { ok: true, state: 'executing' } },
      'when another request for the same transfer is slow, the answer is that the transfer is being executed',
    )
    const earlier = await earlierTransfer
    t.equal(joinedResponse.body.transferId, earlier.body.id, 'the response names the earlier transfer')
    t.match(earlier, { status: 202, body: { state: 'initiated' } }, 'the earlier transfer still completes')
    t.equal(control.transfers(slowCall.conversationId).length, 1)
  },
)

t.test(
  'given a connection, when two requests are sent on it, then it is still open, and would be for more than a minute without a request',
  async (t) => {
    const system = await startTestSystem(t)
    t.ok(system.app.server.keepAliveTimeout > 60_000)
    const { hostname, port } = new URL(system.url)
    const socket = connect(Number(port), hostname)
    t.teardown(() => socket.destroy())
    const sendRequest = () =>
      new Promise<string>((resolve) => {
        socket.once('data', (data) => resolve(String(data)))
        socket.write(`GET ${path}/${randomUUID()} HTTP/1.1\r\nhost: x\r\nauthorization: ${authorized.authorization}\r\n\r\n`)
      })
    for (let count = 0; count < 2; count++) t.match(await sendRequest(), /^HTTP\/1\.1 200[^]*keep-alive: timeout=72/i)
  },
)
