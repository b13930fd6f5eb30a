/** Repeats of a request, with and without an idempotency key, move the call once and get the response of the first. */
import t from 'tap'
import { holdQueueCommands } from '../../support/hold-queue-commands.ts'
import { startTestSystem } from '../../support/test-system.ts'
import { setUpIvrCall, waitUntilQueued } from '../../support/calls.ts'
import { waitFor } from '../../support/wait-for.ts'

t.test('given repeated requests', async (t) => {
  const system = await startTestSystem(t)
  const { control, postTransfer, waitForState, getConversation } = system
  const countByStatus = (responses: Array<{ status: number }>) =>
    Object.fromEntries([...Map.groupBy(responses, ({ status }) => status)].map(([status, { length }]) => [status, length]))

  t.test('when the key has a stored response, then the repeat gets it and the call does not move again', async (t) => {
    const { conversationId, queueId } = setUpIvrCall(control)
    const body = { conversationId, target: { type: 'queue', queueId } }
    const first = await postTransfer(body, { 'idempotency-key': 'one' })
    await waitForState(first.body.id, 'picked_up')
    const second = await postTransfer({ target: { queueId, type: 'queue' }, conversationId }, { 'idempotency-key': 'one' })
    t.strictSame(second.body, first.body, 'whatever the order of the fields, and whatever has happened since')
    t.equal(second.status, 202)
    t.equal(second.headers.get('idempotent-replayed'), 'true')
    t.equal(second.headers.get('location'), first.headers.get('location'))
    t.equal(first.headers.get('idempotent-replayed'), null)
    const inBody = await postTransfer({ ...body, idempotencyKey: 'one' })
    t.equal(inBody.body.id, first.body.id, 'the field has the same meaning as the header')
    t.equal(control.transfers(conversationId).length, 1)
  })

  t.test('when the repeat is the same request in another notation, then it gets the stored response', async (t) => {
    const { conversationId, queueId, skillId } = setUpIvrCall(control)
    const target = { type: 'skill', skillId, queueId }
    const first = await postTransfer({ conversationId, target }, { 'idempotency-key': 'written' })
    t.equal(first.status, 202)
    for (const body of [
      { conversationId: conversationId.toUpperCase(), target },
      { mode: 'execute', priority: 0, fallback: [], context: {}, target, conversationId },
      { conversationId, target: { queueId: queueId.toUpperCase(), skillIds: [skillId.toUpperCase()], type: 'skill' } },
    ]) {
      const repeat = await postTransfer(body, { 'idempotency-key': 'written' })
      t.match(repeat, { status: 202, body: { id: first.body.id } }, JSON.stringify(body))
      t.equal(repeat.headers.get('idempotent-replayed'), 'true')
    }
    const flat = { conversationId, targetType: 'Skill', skillId, queueId, mode: '', priority: null, idempotencyKey: 'written' }
    t.match(await system.request('POST', '/v1/architect/transfers', flat), { status: 200, body: { ok: true, transferId: first.body.id } })
    t.equal(control.transfers(conversationId).length, 1)
    const other = await postTransfer({ conversationId, target, priority: 1 }, { 'idempotency-key': 'written' })
    t.match(other, { status: 422, body: { code: 'IDEMPOTENCY_KEY_REUSED' } }, 'another request is still refused')
  })

  t.test('when the key comes with another request, then that request is refused', async (t) => {
    const { conversationId, queueId, otherQueueId } = setUpIvrCall(control)
    await postTransfer({ conversationId, target: { type: 'queue', queueId } }, { 'idempotency-key': 'two' })
    t.match(await postTransfer({ conversationId, target: { type: 'queue', queueId: otherQueueId } }, { 'idempotency-key': 'two' }), {
      status: 422,
      body: { code: 'IDEMPOTENCY_KEY_REUSED', retryable: false },
    })
    t.match(await postTransfer({ conversationId, target: { type: 'queue', queueId }, priority: 1 }, { 'idempotency-key': 'two' }), {
      status: 422,
    })
  })

  t.test('when the first request with a key is still running, then the others are told to retry', async (t) => {
    const { conversationId, queueId } = setUpIvrCall(control)
    const held = holdQueueCommands(t, system)
    let answered = 0
    const requests = Array.from({ length: 8 }, async () => {
      const response = await postTransfer({ conversationId, target: { type: 'queue', queueId } }, { 'idempotency-key': 'three' })
      answered++
      return response
    })
    await waitFor(() => answered === 7, 'all answers but one')
    held.release()
    const responses = await Promise.all(requests)
    t.strictSame(countByStatus(responses), { 202: 1, 409: 7 })
    const waiting = responses.find(({ status }) => status === 409)
    t.match(waiting, { body: { code: 'IDEMPOTENCY_KEY_IN_USE', retryable: true } })
    t.equal(waiting?.headers.get('retry-after'), '1')
    t.equal(control.transfers(conversationId).length, 1)
  })

  t.test('when the same request comes many times at once without a key, then all get the same transfer', async (t) => {
    const { conversationId, queueId, userId } = setUpIvrCall(control)
    // After a pickup the transfer would be over, and the next request would start another one.
    control.setAgent(userId, { routingStatus: 'OFF_QUEUE' })
    const responses = await Promise.all(
      Array.from({ length: 20 }, () => postTransfer({ conversationId, target: { type: 'queue', queueId } })),
    )
    t.strictSame(countByStatus(responses), { 202: 20 })
    t.equal(new Set(responses.map(({ body }) => body.id)).size, 1)
    t.equal(responses.filter(({ headers }) => headers.get('idempotent-replayed') === 'true').length, 19)
    t.equal(control.transfers(conversationId).length, 1)
  })

  t.test('when another target is requested during a transfer, then the refusal names the transfer in progress', async (t) => {
    const { conversationId, queueId, otherQueueId } = setUpIvrCall(control)
    const held = holdQueueCommands(t, system)
    const requests = [queueId, otherQueueId].map((target) => postTransfer({ conversationId, target: { type: 'queue', queueId: target } }))
    // The first to be answered is the refused one, because the command of the other is held.
    await Promise.race(requests)
    held.release()
    const responses = await Promise.all(requests)
    const refused = responses.find(({ status }) => status === 409)
    const accepted = responses.find(({ status }) => status === 202)
    t.match(refused?.body, { code: 'TRANSFER_IN_PROGRESS', transferId: accepted?.body.id, retryable: true })
    t.equal(control.transfers(conversationId).length, 1)
  })

  t.test('when a refusal is retryable, then the same key starts another transfer; a refusal that is not is repeated', async (t) => {
    const { conversationId, skillId, queueId, userId } = setUpIvrCall(control)
    const body = { conversationId, target: { type: 'skill', skillId, queueId } }
    control.setAgent(userId, { routingStatus: 'OFF_QUEUE' })
    const first = await postTransfer(body, { 'idempotency-key': 'four' })
    t.equal(first.body.code, 'NO_AGENT_AVAILABLE')
    control.setAgent(userId, { routingStatus: 'IDLE' })
    // The directory remembers which agents are idle for up to a second.
    const again = await waitFor(async () => {
      const response = await postTransfer(body, { 'idempotency-key': 'four' })
      return response.status === 202 && response
    })
    t.not(again.body.id, first.body.transferId)

    const other = setUpIvrCall(control)
    // No number is allowed, so the refusal is TARGET_NOT_ALLOWED, which is not retryable.
    const wrong = { conversationId: other.conversationId, target: { type: 'number', address: '+49301234567' } }
    const refused = await postTransfer(wrong, { 'idempotency-key': 'five' })
    const replayed = await postTransfer(wrong, { 'idempotency-key': 'five' })
    t.strictSame(replayed.body, refused.body)
    t.equal(replayed.headers.get('idempotent-replayed'), 'true')
    t.match(replayed.headers.get('content-type'), /problem\+json/)
  })

  t.test('when a newer transfer moves a waiting call on, then the older one is superseded', async (t) => {
    const { conversationId, queueId, otherQueueId, userId } = setUpIvrCall(control)
    control.setAgent(userId, { routingStatus: 'OFF_QUEUE' })
    const older = await postTransfer({ conversationId, target: { type: 'queue', queueId } })
    await waitUntilQueued({ getConversation }, conversationId, queueId)
    const newer = await postTransfer({ conversationId, target: { type: 'queue', queueId: otherQueueId } })
    t.equal(newer.status, 202)
    t.match(await waitForState(older.body.id, 'superseded'), { code: 'SUPERSEDED' })
    t.equal(newer.body.transferDepth, 2)
  })
})
