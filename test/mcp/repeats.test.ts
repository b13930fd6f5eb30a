/** An agent, or the library below it, calls a tool again when no answer came. However late that is, no call moves twice, and the answer is true. */
import t from 'tap'
import { createApiKey } from '../../src/auth/api-key.ts'
import type { Ledger } from '../../src/ledger/contract/ledger.ts'
import { setUpIvrCall, waitUntilQueued } from '../support/calls.ts'
import { holdQueueCommands } from '../support/hold-queue-commands.ts'
import { operationsKey } from '../support/settings.ts'
import { startTestSystem, type TestSystem } from '../support/test-system.ts'
import { waitFor } from '../support/wait-for.ts'
import { connectMcpClient } from './mcp-client.ts'

t.setTimeout(240_000)

const countCommands = ({ control }: TestSystem): number =>
  control.requests().counts['POST /conversations/{id}/participants/{id}/replace/queue'] ?? 0

t.test(
  'given a message that is sent twice, when the first is still being answered, then one command is sent and both get the same transfer',
  async (t) => {
    const system = await startTestSystem(t, { MCP: 'on' })
    const { conversationId, queueId } = setUpIvrCall(system.control, ['never'])
    const held = holdQueueCommands(t, system)
    let received = 0
    system.app.server.on('request', () => (received += 1))
    const values = { conversationId, targetType: 'queue', targetId: queueId }
    const message = { jsonrpc: '2.0', id: 1, method: 'tools/call', params: { name: 'transfer_call', arguments: values } }
    const send = async () => {
      const { body } = await system.request<{ result: { structuredContent: object } }>('POST', '/mcp', message, {
        accept: 'application/json, text/event-stream',
      })
      return body.result.structuredContent
    }
    const first = send()
    await waitFor(() => held.heldCount === 1, 'the command')
    const second = send()
    await waitFor(() => received === 2, 'the second request')
    held.release()
    const [one, two] = await Promise.all([first, second])
    t.match(one, { ok: true, state: 'initiated' })
    t.strictSame(two, one)
    t.equal(countCommands(system), 1)
  },
)

for (const [description, depth] of [
  ['', '3'],
  [' and no further transfer is allowed', '1'],
])
  t.test(
    `given a call that was moved${description}, when the tool is called again before and after somebody picks up, then the answer is the transfer as it is`,
    async (t) => {
      const system = await startTestSystem(t, { MCP: 'on', MAX_TRANSFER_DEPTH: String(depth) })
      const { control } = system
      const { conversationId, queueId: withAgent, otherQueueId: queueId } = setUpIvrCall(control)
      const { call } = await connectMcpClient(t, system.url)
      const transfer = (values: object = {}) => call('transfer_call', { conversationId, targetType: 'queue', targetId: queueId, ...values })
      const { fields } = await transfer()
      const { transferId } = fields as { transferId: string }
      t.match(await transfer(), { isError: false, fields: { transferId, state: 'initiated' } })
      const check = (values: object = {}) => call('check_transfer', { conversationId, targetType: 'queue', targetId: queueId, ...values })
      t.strictSame(await check(), await transfer(), 'a check says the same')

      await waitUntilQueued(system, conversationId, queueId)
      const userId = control.addAgent({ queueIds: [queueId] }).id
      await system.waitForState(transferId, 'picked_up')
      t.match(await transfer(), {
        isError: false,
        text: /^Somebody has picked up the call at the queue. There is nothing left to do for this call/,
        fields: { transferId, state: 'picked_up', userId },
      })
      t.strictSame(await check(), await transfer(), 'a check says the same')
      t.equal(countCommands(system), 1)
      const { body } = await system.request<{ transfers: unknown[] }>('GET', `/v1/transfers?conversationId=${conversationId}`)
      t.equal(body.transfers.length, 1, 'the repeats have left no refused transfer')
      const line = system.logLines.findLast((each) => each['route'] === '/mcp')
      t.match(line, { transferId, replayed: true })
      if (depth === '1')
        t.match(
          await transfer({ targetId: withAgent }),
          { isError: true, fields: { code: 'DEPTH_LIMIT_REACHED' } },
          'another target is no repeat',
        )
      else
        t.match(await check({ targetId: withAgent }), { isError: false, text: /can be moved to the queue/ }, 'another target is no repeat')
    },
  )

t.test(
  'given a call that went to a fallback, when the tool is called again after the pickup and its first target is free, then the call stays',
  async (t) => {
    const system = await startTestSystem(t, { MCP: 'on' })
    const { control } = system
    const { conversationId, userId, otherQueueId: fallbackQueueId } = setUpIvrCall(control)
    control.setAgent(userId, { presence: 'Away' })
    control.addAgent({ queueIds: [fallbackQueueId] })
    const { call } = await connectMcpClient(t, system.url)
    const transfer = () => call('transfer_call', { conversationId, targetType: 'agent', targetId: userId, fallbackQueueId })
    const { fields } = await transfer()
    await system.waitForState(String(fields['transferId']), 'picked_up')
    const repeated = { isError: false, fields: { transferId: fields['transferId'], state: 'picked_up', usedFallback: true } }
    t.match(await transfer(), repeated, 'the agent is still away')
    control.setAgent(userId, { presence: 'Available', routingStatus: 'IDLE' })
    t.match(await transfer(), repeated)
    t.equal(control.transfers(conversationId).length, 1)
  },
)

t.test('given a caller who has hung up while the call waited, when the tool is called again, then it says so', async (t) => {
  const system = await startTestSystem(t, { MCP: 'on' })
  const { conversationId, otherQueueId: queueId } = setUpIvrCall(system.control)
  const { call } = await connectMcpClient(t, system.url)
  const transfer = () => call('transfer_call', { conversationId, targetType: 'queue', targetId: queueId })
  const { fields } = await transfer()
  await waitUntilQueued(system, conversationId, queueId)
  system.control.hangUp(conversationId)
  await system.waitForState(String(fields['transferId']), 'abandoned')
  const abandoned = { text: /nothing left to do/, fields: { transferId: fields['transferId'], state: 'abandoned' } }
  t.match(await transfer(), abandoned)
  t.match(await call('check_transfer', { conversationId, targetType: 'queue', targetId: queueId }), abandoned, 'a check says the same')
})

t.test('given a callback that was created, when the tools are called again, then both say so, and nothing twice', async (t) => {
  const system = await startTestSystem(t, { MCP: 'on' })
  const { otherQueueId: targetId } = setUpIvrCall(system.control)
  const { conversationId } = system.control.addConversation({ in: 'ivr', ani: '+4915112345678' })
  const { call } = await connectMcpClient(t, system.url)
  const values = { conversationId, targetType: 'callback', targetId }
  const first = await call('transfer_call', values)
  t.match(first, { isError: false, fields: { whatHappened: /^A callback was created: [^.]+\.$/, state: 'callback_created' } })
  t.strictSame(await call('transfer_call', values), first)
  t.strictSame(await call('check_transfer', values), first)
})

t.test(
  'given a transfer that is under way, when the tool is called again with another summary, then it is told that the first one stays',
  async (t) => {
    const system = await startTestSystem(t, { MCP: 'on' })
    const { conversationId, otherQueueId: queueId } = setUpIvrCall(system.control)
    const { call } = await connectMcpClient(t, system.url)
    const values = { conversationId, targetType: 'queue', targetId: queueId }
    const transfer = (more: object = {}) => call('transfer_call', { ...values, ...more })
    t.notMatch((await transfer({ summary: 'The first.', reason: 'billing' })).text, /stay/)
    const hasOthers = /The transfer was requested before: its summary and reason stay as they were\./
    t.match((await transfer({ summary: 'Another.', reason: 'billing' })).text, hasOthers)
    t.match((await transfer({ reason: 'sales' })).text, hasOthers)
    t.notMatch((await transfer({ summary: ' The first.', reason: 'billing' })).text, hasOthers, 'the same once more')
    t.notMatch((await transfer()).text, hasOthers, 'none')
    t.notMatch((await call('check_transfer', { ...values, summary: 'Another.' })).text, hasOthers, 'a check gives no summary to anybody')

    await waitUntilQueued(system, conversationId, queueId)
    system.control.addAgent({ queueIds: [queueId] })
    await waitFor(async () => (await transfer()).fields['state'] === 'picked_up', 'the pickup')
    t.match((await transfer({ summary: 'Another.' })).text, hasOthers, 'also after the pickup')
  },
)

t.test(
  'given a call that somebody else has moved on since, when the tool is called again, then it is told that the call was there',
  async (t) => {
    const system = await startTestSystem(t, { MCP: 'on' })
    const { conversationId, otherQueueId: queueId } = setUpIvrCall(system.control)
    const { call } = await connectMcpClient(t, system.url)
    const transfer = () => call('transfer_call', { conversationId, targetType: 'queue', targetId: queueId })
    await transfer()
    await waitUntilQueued(system, conversationId, queueId)
    t.equal((await system.postTransfer({ conversationId, target: { type: 'queue', queueId: system.control.addQueue().id } })).status, 202)
    t.match(await transfer(), { isError: true, fields: { code: 'LOOP_DETECTED' } })
  },
)

t.test(
  'given an idempotency key, when it is used again, then the same request gets the same transfer, and another request is refused',
  async (t) => {
    const system = await startTestSystem(t, { MCP: 'on' })
    const { conversationId, queueId, otherQueueId } = setUpIvrCall(system.control)
    const { call } = await connectMcpClient(t, system.url)
    const values = { conversationId, targetType: 'queue', targetId: queueId, idempotencyKey: 'turn-17' }
    const first = await call('transfer_call', values)
    const { transferId } = first.fields as { transferId: string }
    await system.waitForState(transferId, 'picked_up')
    t.match(await call('transfer_call', values), { isError: false, fields: { transferId, state: 'picked_up' } }, 'with what became of it')
    t.match(await call('transfer_call', { ...values, targetId: otherQueueId }), {
      isError: true,
      text: /Call the tool again without idempotencyKey/,
      fields: { code: 'IDEMPOTENCY_KEY_REUSED' },
    })
    t.equal(countCommands(system), 1)
  },
)

t.test(
  'given a key that may not read transfers, when it asks for what another key has done, then it is not told about that transfer',
  async (t) => {
    const writer = createApiKey({ scopes: ['transfers:write'], label: 'writer', queues: null, now: Date.now() })
    const wrapLedger = (ledger: Ledger): Ledger => Object.assign(ledger, { listApiKeys: async () => [writer.stored] })
    const system = await startTestSystem(t, { MCP: 'on' }, {}, { wrapLedger })
    const { conversationId, queueId } = setUpIvrCall(system.control)
    const values = { conversationId, targetType: 'queue', targetId: queueId }
    const [own, other] = [
      await connectMcpClient(t, system.url, { key: operationsKey }),
      await connectMcpClient(t, system.url, { key: writer.text }),
    ]
    const { fields } = await own.call('transfer_call', values)
    await system.waitForState(String(fields['transferId']), 'picked_up')
    t.match(await other.call('transfer_call', values), { isError: true, fields: { code: 'LOOP_DETECTED' } })
    t.match(await own.call('transfer_call', values), { isError: false, fields: { state: 'picked_up' } })
  },
)
