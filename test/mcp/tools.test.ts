/** The tools, used by the official client as an agent's framework uses it: each does what the REST route does, with the same pipeline and audit trail. */
import t from 'tap'
import { createApiKey } from '../../src/auth/api-key.ts'
import type { Ledger } from '../../src/ledger/contract/ledger.ts'
import { setUpIvrCall } from '../support/calls.ts'
import { operationsKey, readerKey } from '../support/settings.ts'
import { startTestSystem } from '../support/test-system.ts'
import { connectMcpClient, protocols } from './mcp-client.ts'

t.setTimeout(240_000)

const commandOperation = 'POST /conversations/{id}/participants/{id}/replace/queue'

for (const [version, protocol] of Object.entries(protocols))
  t.test(`given an agent that speaks the ${version} version of the protocol, when it checks, transfers and reads`, async (t) => {
    const system = await startTestSystem(t, { MCP: 'on' })
    const { control, request } = system
    const { client, call } = await connectMcpClient(t, system.url, { protocol })
    const { conversationId, queueId, userId } = setUpIvrCall(control)
    const destination = { conversationId, targetType: 'queue', targetId: queueId }

    await t.test('then it finds three tools that describe themselves', async (t) => {
      const { tools } = await client.listTools()
      t.strictSame(
        tools.map(({ name }) => name),
        ['check_transfer', 'transfer_call', 'get_transfer'],
      )
      for (const { name, description, inputSchema, outputSchema, annotations } of tools) {
        t.ok(String(description).length > 50, name)
        t.match(outputSchema, { type: 'object', required: ['whatHappened', 'ok', 'retryable'] })
        t.match(inputSchema, { type: 'object', additionalProperties: false })
        // Many models accept no other keywords at the top of a schema.
        t.strictSame(Object.keys(inputSchema).toSorted(), ['additionalProperties', 'properties', 'required', 'type'])
        t.equal(annotations?.readOnlyHint, name !== 'transfer_call')
      }
      t.match(client.getInstructions(), /transfer_call moves the call/)
    })

    await t.test('then a check says where the call can go, and nothing is recorded or moved', async (t) => {
      const result = await call('check_transfer', destination)
      t.match(result, { isError: false, fields: { ok: true, targetType: 'queue', queueId } })
      t.match(result.text, /can be moved to the queue. Nothing was moved yet/)
      t.strictSame(Object.keys(result.fields).includes('transferId'), false)
      t.equal(control.requests().counts[commandOperation] ?? 0, 0)
      t.strictSame((await request('GET', `/v1/transfers?conversationId=${conversationId}`)).body['transfers'], [])
    })

    await t.test('then a check takes every argument of a transfer, so that the same ones serve both', async (t) => {
      const values = { ...destination, summary: 'Wants the invoice again.', reason: 'billing.copy', idempotencyKey: 'turn-1' }
      t.strictSame(await call('check_transfer', values), await call('check_transfer', destination))
      t.strictSame((await request('GET', `/v1/transfers?conversationId=${conversationId}`)).body['transfers'], [])
    })

    await t.test('then a transfer moves the call, and the agent who takes it sees summary and reason', async (t) => {
      const result = await call('transfer_call', { ...destination, summary: 'Wants the invoice again.', reason: 'billing.copy' })
      t.match(result, { isError: false, fields: { ok: true, state: 'initiated', targetType: 'queue', queueId } })
      t.match(result.text, /The call was moved to the queue.*Say to the caller: “I am putting you through now.”/)
      const { transferId } = result.fields as { transferId: string }
      t.match(result.text, transferId)
      await system.waitForState(transferId, 'picked_up')
      const { participants } = await system.getConversation(conversationId)
      t.ok(
        participants.some((participant) => participant.purpose === 'acd' && participant.queueId === queueId),
        'by way of the queue',
      )
      t.match(control.agentCalls(userId), [{ attributes: { handoffSummary1: 'Wants the invoice again.', handoffReason: 'billing.copy' } }])

      t.match(await call('get_transfer', { transferId: transferId.toUpperCase() }), {
        isError: false,
        text: /^Somebody has picked up the call at the queue/,
        fields: { ok: true, transferId, state: 'picked_up', userId },
      })
      t.match((await request('GET', `/v1/transfers/${transferId}`)).body, {
        requestedBy: 'ops',
        mode: 'execute',
        summary: 'Wants the invoice again.',
      })
      const { body } = await request<{ entries: Array<{ status: string; caller: string }> }>('GET', `/v1/transfers/${transferId}/audit`)
      t.match(body.entries[0], { status: 'accepted', caller: 'ops' })
    })
  })

t.test('given calls, when an agent sends them to each kind of target, then they go there', async (t) => {
  const system = await startTestSystem(t, { MCP: 'on', ALLOWED_NUMBERS: '+4930*' })
  const { control } = system
  const { call } = await connectMcpClient(t, system.url)
  const { queueId, skillId, otherQueueId } = setUpIvrCall(control)
  // Not the agent who takes the call for the skill.
  const userId = control.addAgent({ queueIds: [otherQueueId] }).id
  const addCall = () => control.addConversation({ in: 'ivr', ani: '+4915112345678' }).conversationId
  for (const [target, expected] of [
    [
      { targetType: 'skill', targetId: skillId, queueId },
      { targetType: 'skill', queueId, text: /queue for that skill/ },
    ],
    [
      { targetType: 'number', targetId: '+49 30 123456' },
      { targetType: 'number', text: /moved to the number/ },
    ],
    [
      { targetType: 'callback', targetId: otherQueueId },
      { targetType: 'callback', queueId: otherQueueId, state: 'callback_created', text: /We will call you back/ },
    ],
    [
      { targetType: 'agent', targetId: userId },
      { targetType: 'agent', userId, text: /moved to the agent/ },
    ],
  ] as const) {
    const { text, ...fields } = expected
    t.match(await call('transfer_call', { conversationId: addCall(), ...target }), { isError: false, text, fields }, target.targetType)
  }
})

t.test('given an agent who cannot take the call, when a fallback is named, then the result says that the fallback is used', async (t) => {
  const system = await startTestSystem(t, { MCP: 'on' })
  const { conversationId, userId, otherQueueId } = setUpIvrCall(system.control)
  system.control.setAgent(userId, { presence: 'Offline' })
  const { call } = await connectMcpClient(t, system.url)
  const values = { conversationId, targetType: 'agent', targetId: userId }
  t.match(await call('check_transfer', values), { isError: true, fields: { ok: false, code: 'NO_AGENT_AVAILABLE', retryable: true } })
  t.match(await call('transfer_call', { ...values, fallbackQueueId: otherQueueId }), {
    isError: false,
    text: /moved to the queue that is the fallback/,
    fields: { usedFallback: true, queueId: otherQueueId },
  })
})

t.test('given keys that may use different targets, when each lists the tools, then only its own targets are offered', async (t) => {
  const queue = '9e0e0000-0000-4000-8000-000000000001'
  const limited = createApiKey({ scopes: ['transfers:write'], label: 'limited', queues: [queue], now: Date.now() })
  const wrapLedger = (ledger: Ledger): Ledger => Object.assign(ledger, { listApiKeys: async () => [limited.stored] })
  const offered = async (url: string, key: string) => {
    const { client } = await connectMcpClient(t, url, { key })
    const { tools } = await client.listTools()
    const { properties } = tools[1]!.inputSchema as unknown as { properties: { targetType: { enum: string[] } } }
    return properties.targetType.enum.toSorted()
  }
  const withoutNumbers = await startTestSystem(t, { MCP: 'on' }, {}, { wrapLedger })
  const withNumbers = await startTestSystem(t, { MCP: 'on', ALLOWED_NUMBERS: '+4930*' }, {}, { wrapLedger })
  t.strictSame(await offered(withoutNumbers.url, operationsKey), ['agent', 'callback', 'queue', 'skill'])
  t.strictSame(await offered(withNumbers.url, operationsKey), ['agent', 'callback', 'number', 'queue', 'skill'])
  t.strictSame(await offered(withNumbers.url, limited.text), ['callback', 'queue', 'skill'])
})

t.test('given two agents with different keys at the same time, then each gets the answers to its own requests', async (t) => {
  const system = await startTestSystem(t, { MCP: 'on' })
  const { control } = system
  const [writer, reader] = [
    await connectMcpClient(t, system.url),
    await connectMcpClient(t, system.url, { key: readerKey, protocol: protocols.earlier }),
  ]
  const scenes = Array.from({ length: 10 }, () => setUpIvrCall(control))
  const results = await Promise.all(
    scenes.flatMap(({ conversationId, queueId }) => [
      writer.call('transfer_call', { conversationId, targetType: 'queue', targetId: queueId }),
      reader.call('transfer_call', { conversationId, targetType: 'queue', targetId: queueId }),
    ]),
  )
  for (const [index, { queueId }] of scenes.entries()) {
    t.match(results[2 * index], { isError: false, fields: { state: 'initiated', queueId } })
    t.match(results[2 * index + 1], { isError: true, fields: { code: 'FORBIDDEN' } })
  }
  t.equal(control.requests().counts[commandOperation], scenes.length)
  const { transferId } = results[0]!.fields as { transferId: string }
  t.match(await reader.call('get_transfer', { transferId }), { isError: false, fields: { transferId } })
})

t.test('given a token instead of a key, then it works in the same way', async (t) => {
  const system = await startTestSystem(t, { MCP: 'on' })
  const response = await fetch(`${system.url}/oauth/token`, {
    method: 'POST',
    headers: { 'content-type': 'application/x-www-form-urlencoded' },
    body: new URLSearchParams({ grant_type: 'client_credentials', client_id: 'ops', client_secret: operationsKey }),
  })
  const { access_token: token } = (await response.json()) as { access_token: string }
  const { call } = await connectMcpClient(t, system.url, { key: token })
  const { conversationId, queueId } = setUpIvrCall(system.control)
  t.match(await call('transfer_call', { conversationId, targetType: 'queue', targetId: queueId }), {
    isError: false,
    fields: { state: 'initiated' },
  })
})
