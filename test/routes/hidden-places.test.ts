/** A key that is limited to queues reads `elsewhere`, on every route, for places outside its queues at which a call was (docs/architecture.md#callers). */
import { randomUUID } from 'node:crypto'
import t from 'tap'
import { createApiKey, scopes, type NewApiKey } from '../../src/auth/api-key.ts'
import type { Ledger } from '../../src/ledger/contract/ledger.ts'
import { holdQueueCommands } from '../support/hold-queue-commands.ts'
import { startTestSystem } from '../support/test-system.ts'
import { waitFor } from '../support/wait-for.ts'

t.setTimeout(240_000)

const [billing, invoices, sales, support] = [randomUUID(), randomUUID(), randomUUID(), randomUUID()] as const
const unlimited = createApiKey({ scopes: [...scopes], label: 'unlimited', queues: null, now: Date.now() })
const limited = createApiKey({ scopes: [...scopes], label: 'limited', queues: [billing, invoices], now: Date.now() })
const asCaller = ({ text }: NewApiKey) => ({ authorization: `Bearer ${text}` })
/** Makes the ledger return these keys. */
const wrapLedger = (ledger: Ledger): Ledger =>
  Object.assign(ledger, { listApiKeys: async () => [unlimited, limited].map(({ stored }) => stored) })

const toQueue = (queueId: string) => ({ type: 'queue', queueId })
const flatToQueue = (queueId: string) => ({ targetType: 'queue', targetId: queueId })

t.test('given a call that other keys have sent to a queue, an agent and a queue of the limited key', async (t) => {
  const settings = { MAX_TRANSFER_DEPTH: '20', ALLOWED_NUMBERS: '+4930*', FALLBACK_QUEUE_ID: support }
  const system = await startTestSystem(t, settings, {}, { wrapLedger })
  const { control, getConversation } = system
  const agentByQueue = Object.fromEntries(
    [billing, invoices, sales, support].map((id) => {
      control.addQueue({ id })
      return [id, control.addAgent({ queueIds: [id], answers: [{ after: 10, with: 'pickup' }] }).id]
    }),
  )
  const colleague = control.addAgent({ answers: [{ after: 10, with: 'pickup' }] }).id
  const skillId = control.addSkill({}).id
  const { conversationId } = control.addConversation({ in: { queueId: sales } })
  // The path starts with the queue and the agent from whom the call was first taken. After that it has only the targets: an agent who picks
  // up a call from a queue does not appear on it. So of the queues' agents, only the one of `sales` is a place to hide.
  const hidden = new RegExp([sales, support, colleague, agentByQueue[sales]].join('|'))

  const sendAs = (key: NewApiKey, method: string, path: string, body?: object, headers: Record<string, string> = {}) =>
    system.request(method, path, body, { ...asCaller(key), ...headers })
  /** Right after a pickup the last holder may still be on the call, so the request is repeated until then. */
  const transfer = (key: NewApiKey, body: object, headers: Record<string, string> = {}) =>
    waitFor(async () => {
      const response = await sendAs(key, 'POST', '/v1/transfers', { conversationId, ...body }, headers)
      return response.body.code !== 'CONVERSATION_NOT_TRANSFERABLE' && response
    }, 'a call that can be transferred')
  async function move(key: NewApiKey, target: object) {
    const response = await transfer(key, { target })
    t.equal(response.status, 202, JSON.stringify(response.body))
    await system.waitForState(response.body.id, 'picked_up')
    return response
  }
  await waitFor(
    async () =>
      (await getConversation(conversationId)).participants.some(
        ({ purpose, calls }) => purpose === 'agent' && calls[0]?.state === 'connected',
      ),
    'an agent of the first queue',
  )
  // After these the path is: queue sales, its agent, queue billing, the colleague, queue support.
  await move(unlimited, toQueue(billing))
  await move(unlimited, { type: 'agent', userId: colleague })
  await move(unlimited, toQueue(support))

  await t.test(
    'when the limited key names a place on the path that it may not use, then this is the only reason of the refusal',
    async (t) => {
      for (const [targetType, targetId, target] of [
        ['queue', support, toQueue(support)],
        ['queue', sales, toQueue(sales)],
        ['agent', colleague, { type: 'agent', userId: colleague }],
      ] as const) {
        for (const mode of ['execute', 'decide', 'dryRun'])
          t.match((await sendAs(limited, 'POST', '/v1/transfers', { conversationId, target, mode })).body, { code: 'TARGET_NOT_ALLOWED' })
        const flat = { conversationId, targetType, targetId }
        t.match((await sendAs(limited, 'POST', '/v1/architect/transfers', flat)).body, { code: 'TARGET_NOT_ALLOWED' })
      }
      const loop = { target: toQueue(billing), fallback: [toQueue(sales)] }
      t.match((await transfer(limited, loop)).body, { code: 'TARGET_NOT_ALLOWED' }, 'a fallback that it may not use, and a loop')
    },
  )

  await t.test('when the limited key would close a loop, then it reads its own queue, and "elsewhere" for other places', async (t) => {
    // The places hidden by "elsewhere" are queue sales and its agent before billing, and the colleague and queue support after it.
    const detail = `This conversation was at queue:${billing} before: elsewhere > elsewhere > queue:${billing} > elsewhere > elsewhere.`
    const { body: loop } = await transfer(limited, { target: toQueue(billing) })
    t.match(loop, { code: 'LOOP_DETECTED', detail })
    const { body: flat } = await sendAs(limited, 'POST', '/v1/architect/transfers', { conversationId, ...flatToQueue(billing) })
    t.match(flat, { ok: false, code: 'LOOP_DETECTED', message: detail })
    t.match((await sendAs(limited, 'POST', '/v1/transfers', { conversationId, target: toQueue(billing), mode: 'dryRun' })).body, { detail })
    for (const path of [`/v1/transfers/${loop.transferId}`, `/v1/architect/transfers/${loop.transferId}`])
      t.match((await sendAs(limited, 'GET', path)).body, { message: detail }, path)
    t.match((await sendAs(unlimited, 'GET', `/v1/transfers/${loop.transferId}`)).body, { message: new RegExp(`${sales}.*${support}`) })
  })

  await t.test(
    'when another key would close a loop that the limited key could have closed, then the limited key reads no other place',
    async (t) => {
      const idempotency = { 'idempotency-key': randomUUID() }
      const { body: loop } = await transfer(unlimited, { target: toQueue(billing) }, idempotency)
      t.match(loop.detail, new RegExp(`${sales}.*${support}`), 'the key without a limit reads where the call was')
      t.equal(
        (await transfer(unlimited, { target: toQueue(billing) }, idempotency)).body.detail,
        loop.detail,
        'and a repeat gets the same answer',
      )
      const { status, body } = await sendAs(limited, 'GET', `/v1/transfers/${loop.transferId}`)
      t.strictSame([status, hidden.test(JSON.stringify(body))], [200, false])
    },
  )

  await t.test('when the configured fallback queue is on the path, then the limited key does not learn its id', async (t) => {
    const target = { type: 'skill', skillId, queueId: invoices }
    const { body: refused } = await transfer(unlimited, { target })
    t.match(refused, { code: 'NO_AGENT_AVAILABLE', detail: new RegExp(support) })
    t.match((await sendAs(limited, 'GET', `/v1/transfers/${refused.transferId}`)).body, { message: /elsewhere was visited before/ })
  })

  await t.test('when the limited key sends the call on, then no answer about its transfer names the places of other keys', async (t) => {
    const idempotency = { 'idempotency-key': randomUUID() }
    const { body: dryRun } = await transfer(limited, { target: toQueue(invoices), mode: 'dryRun' })
    // The same path as in the message about a loop, with the new target at its end.
    const path = ['elsewhere', 'elsewhere', `queue:${billing}`, 'elsewhere', 'elsewhere', `queue:${invoices}`]
    t.strictSame(dryRun.transferPath, path)
    const { status, body: sent } = await transfer(limited, { target: toQueue(invoices) }, idempotency)
    t.strictSame([status, sent.transferPath], [202, path])
    t.strictSame((await transfer(limited, { target: toQueue(invoices) }, idempotency)).body.transferPath, path, 'the repeat')
    await system.waitForState(sent.id, 'picked_up')
    const { body: deliveries } = await sendAs(limited, 'GET', `/v1/webhook-deliveries?transferId=${sent.id}`)
    const [delivery] = deliveries['deliveries'] as Array<{ id: string }>
    for (const url of [
      `/v1/transfers/${sent.id}`,
      `/v1/transfers/${sent.id}/audit`,
      `/v1/architect/transfers/${sent.id}`,
      '/v1/webhook-deliveries?limit=200',
      `/v1/webhook-deliveries/${delivery?.id}`,
    ]) {
      const response = await sendAs(limited, 'GET', url)
      t.equal(response.status, 200, url)
      t.notMatch(JSON.stringify(response.body), hidden, url)
    }
    const { body: list } = await sendAs(limited, 'GET', `/v1/transfers?conversationId=${conversationId}`)
    // A refusal with TARGET_NOT_ALLOWED repeats a hidden place, but only one that the key itself has named.
    const withoutForbiddenTargets = (list['transfers'] as Array<{ code: string | null }>).filter(
      ({ code }) => code !== 'TARGET_NOT_ALLOWED',
    )
    // Among them are the transfers to `billing` and `invoices`, and the loop of each key.
    t.ok(withoutForbiddenTargets.length >= 4, `${withoutForbiddenTargets.length} in the list`)
    t.notMatch(JSON.stringify(withoutForbiddenTargets), hidden)
    t.match(JSON.stringify((await sendAs(unlimited, 'GET', `/v1/transfers/${sent.id}`)).body.transferPath), new RegExp(support))
    t.match((await sendAs(unlimited, 'GET', `/v1/webhook-deliveries/${delivery?.id}`)).body, { body: hidden }, 'the CRM is told all places')
  })
})

t.test(
  'given a running transfer of another key, when the limited key names a queue that it may not use, then this is the reason of the refusal',
  async (t) => {
    const system = await startTestSystem(t, {}, {}, { wrapLedger })
    const { control, request } = system
    for (const id of [billing, sales]) control.addQueue({ id })
    const held = holdQueueCommands(t, system)
    const { conversationId } = control.addConversation({ in: 'ivr' })
    const running = request('POST', '/v1/transfers', { conversationId, target: toQueue(sales) }, asCaller(unlimited))
    await waitFor(() => held.heldCount === 1, 'the command')
    for (const mode of ['execute', 'decide', 'dryRun'])
      for (const [code, targets] of [
        ['TARGET_NOT_ALLOWED', { target: toQueue(sales) }],
        ['TARGET_NOT_ALLOWED', { target: toQueue(billing), fallback: [toQueue(sales)] }],
        ['TRANSFER_IN_PROGRESS', { target: toQueue(billing) }],
      ] as const)
        t.match((await request('POST', '/v1/transfers', { conversationId, mode, ...targets }, asCaller(limited))).body, { code }, mode)
    held.release()
    t.equal((await running).status, 202)
  },
)
