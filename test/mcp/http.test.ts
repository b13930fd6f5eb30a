/** The HTTP side of /mcp: who gets in, what is refused before there is a message, and in which form. */
import t from 'tap'
import { setUpIvrCall } from '../support/calls.ts'
import { operationsKey } from '../support/settings.ts'
import { startTestSystem } from '../support/test-system.ts'
import { connectMcpClient } from './mcp-client.ts'

t.setTimeout(240_000)

const accept = { accept: 'application/json, text/event-stream' }
const listTools = { jsonrpc: '2.0', id: 7, method: 'tools/list', params: {} }

t.test('given MCP=off, then there is nothing at /mcp', async (t) => {
  const { request } = await startTestSystem(t)
  for (const method of ['POST', 'GET', 'DELETE'])
    t.match(await request(method, '/mcp', method === 'POST' ? listTools : undefined, accept), { status: 404, body: { code: 'NOT_FOUND' } })
})

t.test('given MCP=on', async (t) => {
  const system = await startTestSystem(t, { MCP: 'on' })
  const { request, url, logLines } = system
  const send = (body: unknown, headers: Record<string, string> = {}) => request('POST', '/mcp', body, { ...accept, ...headers })

  await t.test('when a request is not a POST, then the answer is 405, because the server keeps no sessions and no streams', async (t) => {
    for (const method of ['GET', 'DELETE', 'PUT', 'PATCH', 'OPTIONS']) {
      const { status, headers } = await request(method, '/mcp', undefined, accept)
      t.strictSame({ status, allow: headers.get('allow') }, { status: 405, allow: 'POST' }, method)
    }
  })

  await t.test('when there is no valid key, then the answer is 401, as an error of the protocol', async (t) => {
    for (const authorization of ['', `Bearer hk_ops_${'x'.repeat(43)}`]) {
      const { status, headers, body } = await send(listTools, { authorization })
      t.match(
        { status, challenge: headers.get('www-authenticate'), type: headers.get('content-type') },
        { status: 401, challenge: 'Bearer', type: /^application\/json/ },
      )
      t.match(body, {
        jsonrpc: '2.0',
        id: null,
        error: { code: -32_000, message: /^No valid key: /, data: { code: 'UNAUTHENTICATED', status: 401 } },
      })
    }
    await t.rejects(connectMcpClient(t, url, { key: `hk_ops_${'x'.repeat(43)}` }))
  })

  await t.test('when Origin names a web page, then only those of this machine are accepted, and the others are audited', async (t) => {
    for (const origin of [
      'https://evil.example',
      'http://handoff.evil.example:3000',
      'null',
      'http://127.0.0.1.evil.example',
      'not an origin',
    ])
      t.match(
        await send(listTools, { origin }),
        {
          status: 403,
          body: { error: { code: -32_000, message: /^This is not allowed: The header Origin/, data: { code: 'FORBIDDEN' } } },
        },
        origin,
      )
    for (const origin of ['http://localhost:6274', 'http://127.0.0.1', 'http://[::1]:3000'])
      t.match(await send(listTools, { origin }), { status: 200 }, origin)
    const { body } = await request<string>('GET', '/v1/audit')
    t.equal(
      body
        .trim()
        .split('\n')
        .filter((line) => line.includes('"FORBIDDEN"')).length,
      5,
    )
    t.notMatch(JSON.stringify(logLines), /evil\.example/)
  })

  await t.test('when the body is no message, then it is refused with the status and the code for it', async (t) => {
    const headers = { 'content-type': 'application/json' }
    for (const [description, body, expected] of [
      ['no JSON', '{"jsonrpc":', { status: 400, body: { id: null, error: { code: -32_700 } } }],
      ['an empty body', '', { status: 400, body: { error: { code: -32_700 } } }],
      ['a list of messages', [listTools, listTools], { status: 400, body: { id: null, error: { code: -32_600, message: /no batches/ } } }],
      ['null', 'null', { status: 400, body: { error: { code: -32_600 } } }],
      ['no message', { hello: 1 }, { status: 400, body: { error: { code: -32_600 } } }],
      ['another version of JSON-RPC', { ...listTools, jsonrpc: '1.0' }, { status: 400, body: { error: {} } }],
      [
        'a key that changes prototypes',
        '{"jsonrpc":"2.0","id":1,"method":"tools/list","__proto__":{}}',
        { status: 400, body: { error: { code: -32_700 } } },
      ],
      ['too long', { ...listTools, params: { text: 'x'.repeat(70_000) } }, { status: 413, body: { error: { message: /64 KiB/ } } }],
    ] as const)
      t.match(await send(body, headers), { ...expected, body: { jsonrpc: '2.0', ...expected.body } }, description)
    t.match(await send(JSON.stringify(listTools), { 'content-type': 'text/plain' }), {
      status: 415,
      body: { error: { data: { status: 415 } } },
    })
    t.match(await send(listTools, { accept: 'application/json' }), { status: 406, body: { error: {} } })
  })

  await t.test(
    'when a message is a notification, or of a method that does not exist, then it is answered as the protocol says',
    async (t) => {
      t.match(await send({ jsonrpc: '2.0', method: 'notifications/initialized' }), { status: 202, body: '' })
      t.match(await send({ ...listTools, method: 'tools/destroy' }), { body: { id: 7, error: { code: -32_601 } } })
      t.match(await send({ ...listTools, method: 'resources/list' }), { body: { id: 7, error: { code: -32_601 } } })
      t.match(await send({ ...listTools, method: 'tools/call', params: { name: 'drop_call' } }), {
        body: { id: 7, error: { code: -32_602, message: /drop_call/ } },
      })
      for (const values of ['text', 7, null, []])
        t.match(
          await send({ ...listTools, method: 'tools/call', params: { name: 'get_transfer', arguments: values } }),
          { status: 400, body: { id: 7, error: { code: -32_600, message: 'The request is not valid: arguments must be an object.' } } },
          JSON.stringify(values),
        )
    },
  )

  await t.test(
    'when a client asks for a subscription, then none is opened, because it would stay open for as long as the client does',
    async (t) => {
      const { client } = await connectMcpClient(t, url)
      await t.rejects(client.listen({ toolsListChanged: true }), /limit/)
    },
  )

  await t.test('when messages are answered, then each has one line in the log, without anything of the message', async (t) => {
    const { conversationId, queueId } = setUpIvrCall(system.control)
    const before = logLines.length
    const { call } = await connectMcpClient(t, url)
    await call('check_transfer', { conversationId, targetType: 'queue', targetId: queueId })
    const lines = logLines.slice(before).filter((line) => line['message'] === 'request answered')
    t.match(lines, [{ route: '/mcp' }, { route: '/mcp' }])
    t.notMatch(JSON.stringify(lines), new RegExp(queueId))
  })
})

t.test('given a limit of requests, when an agent sends more messages, then they are refused with 429 and the time to wait', async (t) => {
  const { request } = await startTestSystem(t, { MCP: 'on', CALLER_REQUESTS_PER_MINUTE: '3' })
  const send = () => request('POST', '/mcp', listTools, accept)
  for (let count = 0; count < 3; count++) t.match(await send(), { status: 200 })
  const { status, headers, body } = await send()
  t.equal(status, 429)
  t.ok(Number(headers.get('retry-after')) > 0)
  t.match(body, { jsonrpc: '2.0', error: { message: /Too many requests/, data: { code: 'TOO_MANY_REQUESTS', retryable: true } } })
  t.match(
    await request('GET', '/v1/transfers', undefined, { authorization: `Bearer ${operationsKey}` }),
    { status: 429 },
    'one limit for all routes',
  )
})
