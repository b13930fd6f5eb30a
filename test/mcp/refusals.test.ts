/** What agents are told when a tool cannot do what they ask: a result that says why, what to say to the caller and what to do, never a bare error. */
import { randomUUID } from 'node:crypto'
import t from 'tap'
import { createApiKey } from '../../src/auth/api-key.ts'
import { StoreUnavailable } from '../../src/ledger/contract/errors.ts'
import type { Ledger } from '../../src/ledger/contract/ledger.ts'
import { setUpIvrCall, waitUntilQueued } from '../support/calls.ts'
import { readerKey } from '../support/settings.ts'
import { startTestSystem } from '../support/test-system.ts'
import { addClosedGroup } from '../transfers/conditions/opening-hours.ts'
import { connectMcpClient } from './mcp-client.ts'

t.setTimeout(240_000)

t.test(
  'given arguments that are wrong, when an agent calls a tool, then the result names the argument and the form that it must have',
  async (t) => {
    const system = await startTestSystem(t, { MCP: 'on' })
    const { call } = await connectMcpClient(t, system.url)
    const { conversationId, queueId } = setUpIvrCall(system.control)
    const valid = { conversationId, targetType: 'queue', targetId: queueId }
    for (const [tool, values, text] of [
      ['transfer_call', {}, /conversationId is required/],
      ['transfer_call', { conversationId }, /targetType is required/],
      ['transfer_call', { conversationId, targetType: 'queue' }, /targetId is required/],
      ['transfer_call', { ...valid, conversationId: 'the current call' }, /conversationId must be an id \(a UUID\)/],
      ['transfer_call', { ...valid, conversationId: 7 }, /conversationId must be text/],
      ['transfer_call', { ...valid, targetType: 'department' }, /targetType must be one of agent, queue, skill, number, callback/],
      ['transfer_call', { ...valid, targetId: 'Billing' }, /targetId must be an id \(a UUID\)/],
      ['transfer_call', { ...valid, fallbackQueueId: 'Sales' }, /fallbackQueueId must be an id/],
      ['transfer_call', { ...valid, summary: 'x'.repeat(1_001) }, /summary must have at most 1000 characters/],
      ['transfer_call', { ...valid, reason: 'Billing dispute' }, /reason must be 1 to 64 lower-case letters/],
      ['transfer_call', { ...valid, idempotencyKey: 'två' }, /idempotencyKey must be 1 to 255 visible ASCII/],
      ['transfer_call', { ...valid, priority: 100 }, /has no argument priority. It has conversationId, targetType/],
      ['transfer_call', { ...valid, mode: 'decide' }, /has no argument mode/],
      ['transfer_call', { ...valid, override: ['depth'] }, /has no argument override/],
      ['check_transfer', { ...valid, summary: 'x'.repeat(1_001) }, /summary must have at most 1000 characters/],
      ['check_transfer', { ...valid, priority: 100 }, /check_transfer has no argument priority/],
      ['transfer_call', { ...valid, targetType: 'skill' }, /: queueId is missing, and no DEFAULT_QUEUE_ID is configured\./],
      ['check_transfer', { conversationId, targetType: 'callback' }, /: targetId is missing, and no DEFAULT_QUEUE_ID is configured\./],
      ['transfer_call', { ...valid, targetType: 'agent', queueId }, /: queueId does not go with the targetType agent/],
      [
        'check_transfer',
        { ...valid, targetType: 'number', targetId: '+4930123456', queueId },
        /: queueId does not go with the targetType number/,
      ],
      ['check_transfer', { ...valid, targetType: 'skill', queueId: 'Billing' }, /targetId|queueId must be an id/],
      ['get_transfer', {}, /transferId must be an id/],
      ['get_transfer', { transferId: 'the last one' }, /transferId must be an id/],
    ] as const) {
      const result = await call(tool, values)
      t.match(
        result,
        { isError: true, text, fields: { ok: false, code: 'INVALID_REQUEST', retryable: false } },
        `${tool} ${JSON.stringify(values).slice(0, 90)}`,
      )
      t.match(result.text, /Correct the argument, and call the tool again/)
      t.notMatch(result.text, /target\.|not possible now/, 'it names arguments of the tool, and not the moment')
      t.equal(/Do not make up an id/.test(result.text), /: \w+Id (must|is|does) /.test(result.text), result.text)
    }
    t.strictSame((await system.request('GET', '/v1/transfers')).body['transfers'], [], 'nothing was recorded')
  },
)

t.test(
  'given a key without the scope of a tool, when it is called, then the result says so, and the refusal is in the audit trail',
  async (t) => {
    const writer = createApiKey({ scopes: ['transfers:write'], label: 'writer', queues: null, now: Date.now() })
    const wrapLedger = (ledger: Ledger): Ledger => Object.assign(ledger, { listApiKeys: async () => [writer.stored] })
    const system = await startTestSystem(t, { MCP: 'on' }, {}, { wrapLedger })
    const { conversationId, queueId } = setUpIvrCall(system.control)
    const destination = { conversationId, targetType: 'queue', targetId: queueId }
    const asReader = await connectMcpClient(t, system.url, { key: readerKey })
    const asWriter = await connectMcpClient(t, system.url, { key: writer.text })
    for (const tool of ['check_transfer', 'transfer_call'])
      t.match(await asReader.call(tool, destination), {
        isError: true,
        text: /The key lacks the scope transfers:write.*Do not try again/,
        fields: { code: 'FORBIDDEN', retryable: false },
      })
    t.match(await asWriter.call('get_transfer', { transferId: randomUUID() }), {
      isError: true,
      fields: { code: 'FORBIDDEN' },
      text: /scope transfers:read/,
    })
    const { body } = await system.request<string>('GET', '/v1/audit')
    const refused = body
      .trim()
      .split('\n')
      .filter((line) => line.includes('caller_refused'))
    t.equal(refused.length, 3)
    for (const line of refused) t.match(line, /"route":"\/mcp"/)
    t.match(
      system.logLines.filter((line) => line['route'] === '/mcp' && line['code'] === 'FORBIDDEN'),
      [{ 'user.id': 'reader' }, { 'user.id': 'reader' }, { 'user.id': writer.stored.id }],
    )
  },
)

t.test('given calls that cannot be transferred as asked, then each result says why, and what the agent can do instead', async (t) => {
  const system = await startTestSystem(t, { MCP: 'on', MAX_TRANSFER_DEPTH: '2' })
  const { control } = system
  const { call } = await connectMcpClient(t, system.url)
  const { conversationId, queueId, otherQueueId, userId } = setUpIvrCall(control)
  const addCall = () => control.addConversation({ in: 'ivr' }).conversationId
  const toQueue = (id: string, values: object = {}) => ({ conversationId, targetType: 'queue', targetId: id, ...values })
  const expectRefusal = async (values: object, code: string, text: RegExp) => {
    for (const tool of ['check_transfer', 'transfer_call'])
      t.match(await call(tool, values), { isError: true, text, fields: { ok: false, code } }, `${tool}: ${code}`)
  }

  await expectRefusal(
    toQueue(queueId, { scheduleGroupId: addClosedGroup(control) }),
    'QUEUE_CLOSED',
    /All places are closed now.*we are closed.*It opens at 20/,
  )
  await expectRefusal(toQueue(randomUUID()), 'TARGET_NOT_FOUND', /The target does not exist/)
  await expectRefusal(
    { ...toQueue(queueId), conversationId: randomUUID() },
    'CONVERSATION_NOT_FOUND',
    /conversation id that belongs to this call/,
  )
  await expectRefusal(
    { conversationId, targetType: 'number', targetId: '+4930123456' },
    'TARGET_NOT_ALLOWED',
    /may not use that target, whoever asks for it/,
  )
  control.setAgent(userId, { presence: 'Offline' })
  await expectRefusal(
    { conversationId, targetType: 'agent', targetId: userId },
    'NO_AGENT_AVAILABLE',
    /nobody is available.*again with the same arguments after 10 s/,
  )

  const ended = addCall()
  control.hangUp(ended)
  await expectRefusal({ ...toQueue(queueId), conversationId: ended }, 'CONVERSATION_ENDED', /caller is no longer there/)

  for (const id of [control.addQueue().id, otherQueueId]) {
    t.match(await call('transfer_call', toQueue(id)), { isError: false })
    await waitUntilQueued(system, conversationId, id)
  }
  await expectRefusal(toQueue(queueId), 'DEPTH_LIMIT_REACHED', /transferred 2 times already.*Do not transfer this call again/)
})

t.test(
  'given a call that was at a queue before, when it is sent there again, then the result names the loop and asks for another target',
  async (t) => {
    const system = await startTestSystem(t, { MCP: 'on' })
    const { call } = await connectMcpClient(t, system.url)
    const { conversationId, queueId, otherQueueId, userId } = setUpIvrCall(system.control)
    system.control.setAgent(userId, { presence: 'Offline' })
    for (const targetId of [queueId, otherQueueId]) {
      t.match(await call('transfer_call', { conversationId, targetType: 'queue', targetId }), { isError: false })
      await waitUntilQueued(system, conversationId, targetId)
    }
    for (const tool of ['check_transfer', 'transfer_call'])
      t.match(await call(tool, { conversationId, targetType: 'queue', targetId: queueId }), {
        isError: true,
        text: /This conversation was at queue:[^ ]+ before: queue:[^ ]+ > queue:.* Choose another target/,
        fields: { code: 'LOOP_DETECTED', retryable: false },
      })
  },
)

t.test('given a transfer that the caller may not see, or none at all, when it is read, then there is no such transfer', async (t) => {
  const limited = createApiKey({ scopes: ['transfers:read'], label: 'limited', queues: [randomUUID()], now: Date.now() })
  const wrapLedger = (ledger: Ledger): Ledger => Object.assign(ledger, { listApiKeys: async () => [limited.stored] })
  const system = await startTestSystem(t, { MCP: 'on' }, {}, { wrapLedger })
  const { conversationId, queueId } = setUpIvrCall(system.control)
  const { call } = await connectMcpClient(t, system.url)
  const { fields } = await call('transfer_call', { conversationId, targetType: 'queue', targetId: queueId })
  const asLimited = await connectMcpClient(t, system.url, { key: limited.text })
  const expected = { isError: true, text: /There is no such transfer/, fields: { code: 'NOT_FOUND' } }
  t.match(await call('get_transfer', { transferId: randomUUID() }), expected)
  t.match(await asLimited.call('get_transfer', { transferId: fields['transferId'] }), expected)
})

t.test(
  'given a ledger that cannot be used, or an error that nobody expected, then the result says what is known, and nothing of the cause',
  async (t) => {
    let failure: Error | undefined
    const wrapLedger = (ledger: Ledger): Ledger => {
      const { findTransfer, openTransfer } = ledger
      return Object.assign(ledger, {
        findTransfer: async (id: string) => (failure ? Promise.reject(failure) : findTransfer(id)),
        openTransfer: async (...parameters: Parameters<typeof openTransfer>) =>
          failure ? Promise.reject(failure) : openTransfer(...parameters),
      })
    }
    const system = await startTestSystem(t, { MCP: 'on' }, {}, { wrapLedger })
    const { conversationId, queueId } = setUpIvrCall(system.control)
    const { call } = await connectMcpClient(t, system.url)
    const transfer = () => call('transfer_call', { conversationId, targetType: 'queue', targetId: queueId })
    const read = () => call('get_transfer', { transferId: randomUUID() })

    failure = new StoreUnavailable('disk full at SECRET')
    t.match(await transfer(), {
      isError: true,
      text: /There is no answer yet.*again with the same arguments after 5 s/,
      fields: { code: 'STORE_UNAVAILABLE', retryable: true },
    })
    t.match(await read(), { isError: true, fields: { code: 'STORE_UNAVAILABLE', retryable: true } })

    failure = new TypeError('SECRET is not a function')
    const unexpected = await transfer()
    t.match(unexpected, {
      isError: true,
      text: /There is no answer yet.*Do not move this call elsewhere meanwhile/,
      fields: { code: 'OUTCOME_UNKNOWN' },
    })
    t.notMatch(unexpected.text, /SECRET/)
    t.match(await read(), {
      isError: true,
      text: /could not be read: Something went wrong/,
      fields: { code: 'INTERNAL_ERROR', retryable: true },
    })
    t.equal(system.logLines.filter((line) => line['message'] === 'an unexpected error in a tool').length, 2)

    failure = undefined
    t.match(await transfer(), { isError: false, fields: { state: 'initiated' } }, 'and the same call of the tool succeeds later')
  },
)
