/** The log lines of requests and transfers: one for each request, each stage and each audit entry. */
import { randomUUID } from 'node:crypto'
import { test } from 'tap'
import { sendRaw } from '../routes/raw-request.ts'
import { setUpIvrCall } from '../support/calls.ts'
import { holdQueueCommands } from '../support/hold-queue-commands.ts'
import { operationsKey, readerKey } from '../support/settings.ts'
import { startTestSystem } from '../support/test-system.ts'
import { waitFor } from '../support/wait-for.ts'

type LogLine = Record<string, unknown>
const isRequestLine = (line: LogLine): boolean => line['message'] === 'request answered'

test('given a running service, when requests of every kind are sent, then the log says what happened', async (t) => {
  const system = await startTestSystem(t)
  const { conversationId, queueId, skillId, otherQueueId } = setUpIvrCall(system.control, [{ after: 20, with: 'pickup' }])
  /** Waits until all earlier requests are logged: a line is written after its response, but in the order of the responses. @returns the number of lines */
  async function waitForLines(): Promise<number> {
    const start = system.logLines.length
    await system.request('GET', '/openapi.yaml')
    await waitFor(() => system.logLines.slice(start).some(({ route }) => route === '/openapi.yaml'), 'the line of a request')
    return system.logLines.length
  }
  /** Runs the work and returns the lines that were logged meanwhile. */
  async function captureLines(work: () => Promise<unknown>): Promise<LogLine[]> {
    const start = await waitForLines()
    await work()
    const end = await waitForLines()
    return system.logLines.slice(start, end).filter((line) => line['route'] !== '/openapi.yaml')
  }

  await t.test('given requests of every kind, when they are answered, then each has one line that says what happened', async (t) => {
    const id = randomUUID()
    const transfers = '/v1/transfers'
    const cases: Array<[description: string, work: () => Promise<unknown>, expected: LogLine]> = [
      [
        'a list',
        () => system.request('GET', `${transfers}?limit=1`),
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
        () => system.request('GET', transfers, undefined, { authorization: `Bearer ${readerKey}` }),
        { 'http.response.status_code': 200, 'user.id': 'reader' },
      ],
      [
        'a body that is not valid',
        () => system.postTransfer({ conversationId: 1 }),
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
        () => system.request('GET', transfers, undefined, { authorization: '' }),
        { 'http.response.status_code': 401, code: 'UNAUTHENTICATED', 'user.id': null },
      ],
      [
        'a key without the scope',
        () => system.request('POST', transfers, {}, { authorization: `Bearer ${readerKey}` }),
        { 'http.response.status_code': 403, code: 'FORBIDDEN', 'user.id': 'reader' },
      ],
      [
        'an unknown transfer',
        () => system.request('GET', `${transfers}/${id}`),
        { route: `${transfers}/:id`, 'http.response.status_code': 404, code: 'NOT_FOUND', transferId: id },
      ],
      [
        'an unknown address',
        () => system.request('GET', '/v1/nothing/here'),
        { route: null, 'http.response.status_code': 404, code: 'NOT_FOUND', 'user.id': null },
      ],
      [
        'another method',
        () => system.request('DELETE', transfers),
        { 'http.request.method': 'DELETE', route: null, 'http.response.status_code': 405, code: 'INVALID_REQUEST' },
      ],
      [
        'a malformed address',
        () => sendRaw(system.url, 'GET', '/v1/transfers/%zz'),
        { 'http.request.method': 'GET', route: null, 'http.response.status_code': 400, code: 'INVALID_REQUEST' },
      ],
      [
        'an address that is too long',
        () => sendRaw(system.url, 'GET', `/v1/transfers/${'x'.repeat(300)}`),
        { route: null, 'http.response.status_code': 414, code: 'INVALID_REQUEST' },
      ],
      [
        'a refusal by the platform',
        () => system.postTransfer({ conversationId: randomUUID(), target: { type: 'queue', queueId } }),
        { 'http.response.status_code': 404, code: 'CONVERSATION_NOT_FOUND', transferId: /^[0-9a-f-]{36}$/ },
      ],
      [
        'the documentation',
        () => system.request('GET', '/docs/json', undefined, { authorization: '' }),
        { route: '/docs/json', 'http.response.status_code': 200, 'user.id': null },
      ],
    ]
    for (const [description, work, expected] of cases) {
      const [line, ...otherLines] = (await captureLines(work)).filter(isRequestLine)
      t.strictSame(otherLines, [], `${description}: one line`)
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
        description,
      )
    }
    t.strictSame(
      (await captureLines(async () => [await system.request('GET', '/health'), await system.request('GET', '/ready')])).filter(
        isRequestLine,
      ),
      [],
      'health checks are not logged',
    )
  })

  await t.test('given a transfer, when it is picked up, then the log has a line for each stage and for each audit entry', async (t) => {
    const start = system.logLines.length
    const traceId = '4bf92f3577b34da6a3ce929d0e0e4736'
    const {
      body: { id },
    } = await system.postTransfer(
      { conversationId, target: { type: 'skill', skillId, queueId } },
      { 'idempotency-key': 'once', traceparent: `00-${traceId}-00f067aa0ba902b7-01` },
    )
    await system.waitForState(id, 'picked_up')
    const {
      body: { entries },
    } = await system.request<{ entries: Array<LogLine & { status: string }> }>('GET', `/v1/transfers/${id}/audit`)
    const lines = await waitFor(() => {
      const found = system.logLines.slice(start).filter((line) => line['transferId'] === id || line['actionId'] === id)
      return found.filter((line) => line['audit'] === true).length >= entries.length && found
    }, 'a line for each entry')
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
    // Further entries may have been written since, such as the delivery of a webhook.
    const auditLines = lines.filter((line) => line['audit'] === true).slice(0, entries.length)
    t.strictSame(
      auditLines.map((line) => line['message']),
      entries.map(({ status }) => `audit ${status}`),
    )
    for (const [index, { hash, traceId: entryTraceId, caller, personal: _, ...entry }] of entries.entries()) {
      t.match(auditLines[index], { 'log.level': 'info', ...entry, 'user.id': caller, 'event.hash': hash }, `audit entry ${entry.status}`)
      t.strictSame(
        [entryTraceId, auditLines[index]?.['trace.id']],
        [traceId, traceId],
        'the entry and its line have the trace id of the request',
      )
    }
    t.match(
      await waitFor(() => system.crm.accepted.find(({ data }) => data.actionId === id), 'the webhook'),
      { headers: { traceparent: new RegExp(traceId) } },
      'the webhook has the same trace id',
    )

    const replayLines = await captureLines(() =>
      system.postTransfer({ conversationId, target: { type: 'skill', skillId, queueId } }, { 'idempotency-key': 'once' }),
    )
    const replayLine = replayLines.find(isRequestLine)
    t.match(replayLine, { 'http.response.status_code': 202, transferId: id, replayed: true, code: null })
    const unknownQueueId = randomUUID()
    const call = system.control.addConversation({ in: 'ivr' }).conversationId
    const requestRefused = () =>
      system.postTransfer({ conversationId: call, target: { type: 'queue', queueId: unknownQueueId } }, { 'idempotency-key': 'never' })
    const { body } = await requestRefused()
    const refusalLine = (await captureLines(requestRefused)).find(isRequestLine)
    t.match(
      refusalLine,
      { 'http.response.status_code': 422, code: 'TARGET_NOT_FOUND', transferId: body.transferId, replayed: true },
      'a replayed refusal is logged as a refusal',
    )
  })

  await t.test(
    'given a running transfer, when its caller disconnects, then the request has one line, and the transfer goes on',
    async (t) => {
      const call = system.control.addConversation({ in: 'ivr' }).conversationId
      const held = holdQueueCommands(t, system)
      const lines = await captureLines(async () => {
        const start = system.logLines.length
        const disconnect = new AbortController()
        const response = fetch(`${system.url}/v1/transfers`, {
          method: 'POST',
          signal: disconnect.signal,
          headers: { authorization: `Bearer ${operationsKey}`, 'content-type': 'application/json' },
          body: JSON.stringify({ conversationId: call, target: { type: 'queue', queueId: otherQueueId } }),
        })
        const currentState = async () => (await system.app.ledger.listTransfers({ conversationId: call, limit: 1 })).items[0]?.state
        await waitFor(async () => (await currentState()) === 'executing', 'the running transfer')
        disconnect.abort()
        await t.rejects(response)
        await waitFor(
          () => system.logLines.slice(start).some((line) => line['message'] === 'request abandoned by the caller'),
          'the line of the request',
        )
        held.release()
        await waitFor(async () => (await currentState()) === 'initiated', 'the end of the transfer')
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
      t.equal(system.control.transfers(call).length, 1)
    },
  )

  await t.test('given a stage that refuses a transfer, then its line says why', async (t) => {
    const lines = await captureLines(() =>
      system.postTransfer({ conversationId: randomUUID(), target: { type: 'queue', queueId: otherQueueId } }),
    )
    t.match(
      lines.filter((line) => line['stage'] === 'validation' && !line['audit']),
      [{ message: 'validation did not pass', outcome: 'CONVERSATION_NOT_FOUND' }],
    )
  })
})
