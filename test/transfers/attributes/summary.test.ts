/** Summary and reason of a request are on the customer's participant before the call moves, and those of an earlier transfer are not left. */
import t from 'tap'
import { waitFor } from '../../support/wait-for.ts'
import { attributesOperation, commandOperation, longSummary, startScene, type Scene } from './scene.ts'

t.setTimeout(240_000)

const none = { handoffSummary1: '', handoffSummary2: '', handoffSummary3: '', handoffSummary4: '', handoffReason: '' }
const fields = { summary: 'Wants a refund.', reason: 'billing.refund' }
const written = { ...none, handoffSummary1: 'Wants a refund.', handoffReason: 'billing.refund' }

/** The same request on each of the two routes. @returns the id of the transfer */
const routes: Readonly<Record<string, (scene: Scene, fields: object) => Promise<string>>> = {
  '/v1/transfers': async ({ postTransfer, conversationId, queueId }, fields) => {
    const { status, body } = await postTransfer({ conversationId, target: { type: 'queue', queueId }, ...fields })
    if (status !== 202) throw new Error(JSON.stringify(body))
    return body.id
  },
  '/v1/architect/transfers': async ({ request, conversationId, queueId }, fields) => {
    const flat = { conversationId, targetType: 'queue', targetId: queueId, ...fields }
    const { body } = await request<{ ok: boolean; transferId: string }>('POST', '/v1/architect/transfers', flat)
    if (!body.ok) throw new Error(JSON.stringify(body))
    return body.transferId
  },
}
const requestTransfer = routes['/v1/transfers'] as (scene: Scene, fields: object) => Promise<string>

for (const [route, send] of Object.entries(routes))
  for (const loopGuard of ['on', 'off'])
    t.test(`given summary and reason on ${route}, LOOP_GUARD_ATTRIBUTES=${loopGuard}, when the call is moved`, async (t) => {
      const scene = await startScene(t, { LOOP_GUARD_ATTRIBUTES: loopGuard })
      const { conversationId, control, userId, queueId, operationsOf, countWrites } = scene
      const id = await send(scene, fields)
      const operations = operationsOf(conversationId)
      t.ok(operations.indexOf(attributesOperation) >= 0, 'they are written')
      t.ok(operations.indexOf(attributesOperation) < operations.indexOf(commandOperation), 'before the call moves')
      t.strictSame(await scene.readAttributes(conversationId), written)
      await scene.waitUntilUpdated(id)
      t.equal(countWrites(conversationId), loopGuard === 'on' ? 2 : 1, 'by one request; the loop guard needs another one after the move')
      control.setAgent(userId, { routingStatus: 'IDLE' })
      const calls = await waitFor(() => control.agentCalls(userId).length > 0 && control.agentCalls(userId), 'the offer')
      t.match(calls, [{ conversationId, attributes: written }], 'the agent sees them')
      const { body } = await scene.request('GET', `/v1/transfers/${id}`)
      t.match(body, { ...fields, target: { queueId } }, 'the transfer has them')
    })

for (const [route, send] of Object.entries(routes))
  t.test(
    `given summary and reason on ${route} in decide mode, when it is answered, then they are on the call that the flow moves`,
    async (t) => {
      const scene = await startScene(t)
      const { conversationId, control, queueId, operationsOf } = scene
      const id = await send(scene, { ...fields, mode: 'decide' })
      t.strictSame(await scene.readAttributes(conversationId), written)
      t.strictSame(
        operationsOf(conversationId).filter((operation) => operation.startsWith('P')),
        [attributesOperation],
        'by one request',
      )
      control.transferByFlow(conversationId, { queueId })
      t.match(await scene.waitForState(id, 'initiated'), fields)
    },
  )

t.test('given a context in decide mode, when it is answered, then the context is on the call that the flow moves', async (t) => {
  const scene = await startScene(t)
  await requestTransfer(scene, { mode: 'decide', context: { invoice: 'May' } })
  t.strictSame(await scene.readAttributes(scene.conversationId), { ...none, invoice: 'May' })
})

t.test('given a summary and a context, when the call is moved, then one request writes both', async (t) => {
  const scene = await startScene(t, { LOOP_GUARD_ATTRIBUTES: 'off' })
  await requestTransfer(scene, { summary: longSummary, context: { invoice: 'May' } })
  const { invoice, handoffReason, ...parts } = await scene.readAttributes(scene.conversationId)
  t.strictSame([invoice, handoffReason, Object.values(parts).join('')], ['May', '', longSummary])
  t.ok(Object.values(parts).every((part) => part.length <= 250))
  t.strictSame(
    Object.values(parts).map((part) => part !== ''),
    [true, true, true, false],
  )
  t.equal(scene.countWrites(scene.conversationId), 1)
})

for (const mode of ['execute', 'decide'] as const)
  t.test(
    `given a call with a summary of an earlier transfer, when a transfer without one comes (${mode}), then nothing of it is left`,
    async (t) => {
      const scene = await startScene(t, { LOOP_GUARD_ATTRIBUTES: 'off' })
      const { conversationId, otherQueueId, countWrites } = scene
      const first = await requestTransfer(scene, { summary: longSummary, reason: 'billing' })
      await scene.waitUntilUpdated(first)
      await scene.postTransfer({ conversationId, target: { type: 'queue', queueId: otherQueueId }, mode })
      t.strictSame(await scene.readAttributes(conversationId), none)
      t.equal(countWrites(conversationId), 2)
    },
  )

t.test('given a call with a long summary, when a transfer with a short one comes, then no part of the long one is left', async (t) => {
  const scene = await startScene(t)
  const { conversationId, otherQueueId } = scene
  await scene.waitUntilUpdated(await requestTransfer(scene, { summary: longSummary, reason: 'billing' }))
  await scene.postTransfer({ conversationId, target: { type: 'queue', queueId: otherQueueId }, summary: 'Wants a manager.' })
  t.strictSame(await scene.readAttributes(conversationId), { ...none, handoffSummary1: 'Wants a manager.' })
})

t.test('given neither summary nor reason, or blank ones, when the call is moved, then nothing is written for them', async (t) => {
  const scene = await startScene(t, { LOOP_GUARD_ATTRIBUTES: 'off' })
  const { control, queueId, request, postTransfer, countWrites } = scene
  for (const blank of [{}, { summary: '' }, { summary: ' \n' }]) {
    const { conversationId } = control.addConversation({ in: 'ivr' })
    t.match(await postTransfer({ conversationId, target: { type: 'queue', queueId }, ...blank }), {
      status: 202,
      body: { summary: null, reason: null },
    })
    t.equal(countWrites(conversationId), 0)
  }
  for (const blank of [
    { summary: '', reason: '' },
    { summary: null, reason: null },
    { summary: '  ', reason: ' ' },
  ]) {
    const { conversationId } = control.addConversation({ in: 'ivr' })
    const flat = { conversationId, targetType: 'queue', targetId: queueId, ...blank }
    t.match((await request('POST', '/v1/architect/transfers', flat)).body, { ok: true })
    t.equal(countWrites(conversationId), 0)
  }
})

t.test('given a dry run with a summary, when it is answered, then the answer has it, and nothing is written', async (t) => {
  const scene = await startScene(t)
  const { conversationId, queueId, postTransfer, countWrites } = scene
  t.match(await postTransfer({ conversationId, target: { type: 'queue', queueId }, mode: 'dryRun', ...fields }), {
    status: 200,
    body: fields,
  })
  t.equal(countWrites(conversationId), 0)
})

t.test('given a summary, when the call moves on to another hop, then the summary stays on the call and is not written again', async (t) => {
  const scene = await startScene(t, { LOOP_GUARD_ATTRIBUTES: 'off' })
  const { control, conversationId, queueId, otherQueueId, postTransfer, countWrites } = scene
  const { body } = await postTransfer({
    conversationId,
    target: { type: 'queue', queueId, overflowAfterSeconds: 5 },
    fallback: [{ type: 'queue', queueId: otherQueueId }],
    ...fields,
  })
  await waitFor(() => control.transfers(conversationId).length === 2, 'the second hop')
  await scene.waitUntilUpdated(body.id)
  t.strictSame(await scene.readAttributes(conversationId), written)
  t.equal(countWrites(conversationId), 1)
})

t.test('given a callback, when it is created, then summary and reason are on the caller', async (t) => {
  const scene = await startScene(t)
  const { conversationId, queueId, postTransfer } = scene
  t.match(await postTransfer({ conversationId, target: { type: 'callback', queueId }, ...fields }), {
    status: 202,
    body: { state: 'callback_created' },
  })
  t.match(await scene.readAttributes(conversationId), written)
})

t.test(
  'given invalid summaries and reasons, then they are refused, and the refusal names the field and does not repeat the value',
  async (t) => {
    const scene = await startScene(t)
    const { conversationId, queueId, request, postTransfer, operationsOf } = scene
    const canary = 'CANARY'
    for (const [field, value] of [
      ['summary', canary.repeat(200)],
      ['reason', `${canary} with spaces`],
      ['reason', canary],
      ['reason', 'x'.repeat(65)],
      ['context.handoffSummary1', { handoffSummary1: canary }],
      ['context.handoffReason', { handoffReason: canary }],
    ] as const) {
      const name = field.split('.')[0] as string
      const { status, body } = await postTransfer({ conversationId, target: { type: 'queue', queueId }, [name]: value })
      t.match({ status, body }, { status: 400, body: { code: 'INVALID_REQUEST', field } })
      t.notMatch(JSON.stringify(body), canary)
      if (typeof value !== 'string') continue
      const flat = await request('POST', '/v1/architect/transfers', {
        conversationId,
        targetType: 'queue',
        targetId: queueId,
        [name]: value,
      })
      t.match(flat.body, { ok: false, code: 'INVALID_REQUEST', message: new RegExp(`^${name} must `) })
      t.notMatch(JSON.stringify(flat.body), canary)
    }
    t.equal((await postTransfer({ conversationId, target: { type: 'queue', queueId }, reason: '' })).status, 400)
    t.strictSame(operationsOf(conversationId), [])
  },
)

t.test('given the greatest summary, counted in characters and not in bytes, then it is accepted on both routes', async (t) => {
  const scene = await startScene(t)
  const summary = '👍'.repeat(1_000)
  const parts = ['👍'.repeat(250), '👍'.repeat(250), '👍'.repeat(250), '👍'.repeat(250)]
  for (const send of Object.values(routes)) {
    const { conversationId } = scene.control.addConversation({ in: 'ivr' })
    t.match(await scene.request('GET', `/v1/transfers/${await send({ ...scene, conversationId }, { summary })}`), { body: { summary } })
    const { handoffReason: _, ...attributes } = await scene.readAttributes(conversationId)
    t.strictSame(Object.values(attributes), parts)
  }
})
