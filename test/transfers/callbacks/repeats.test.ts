/** Requests for a callback that are repeated: a conversation gets one callback, and a repeat gets the answer about it (docs/architecture.md#callback). */
import t from 'tap'
import { startTestSystem } from '../../support/test-system.ts'
import { waitFor } from '../../support/wait-for.ts'
import { asChief, assertOneCallback, callbackCommand, setUpClosedQueue, withChiefKey } from './scene.ts'

t.test('given a conversation with a callback', async (t) => {
  const system = await startTestSystem(t, withChiefKey)
  const { control, postTransfer, request } = system
  const flat = async (fields: object) => (await request('POST', '/v1/architect/transfers', fields)).body

  t.test('when the request is repeated without a key, then the answer is about the same transfer', async (t) => {
    for (const isFallback of [false, true]) {
      const { conversationId, callback, closed } = setUpClosedQueue(system)
      const body = { conversationId, ...(isFallback ? { target: closed, fallback: [callback] } : { target: callback }) }
      const first = await postTransfer(body)
      const repeated = await postTransfer(body)
      t.match(repeated, { status: 202, body: first.body })
      t.equal(repeated.headers.get('idempotent-replayed'), 'true')
      assertOneCallback(t, system, conversationId)
    }
  })

  t.test('when the request had a key, then a repeat without the key gets the answer about the same transfer', async (t) => {
    const { conversationId, callback } = setUpClosedQueue(system)
    const { body } = await postTransfer({ conversationId, target: callback }, { 'idempotency-key': `callback-${conversationId}` })
    t.match(await postTransfer({ conversationId, target: callback }), { status: 202, body })
    assertOneCallback(t, system, conversationId)
  })

  t.test('when a flow repeats its request without a key, then it is told again that the callback was created', async (t) => {
    for (const isFallback of [false, true]) {
      const { conversationId, queueId, otherQueueId, closed } = setUpClosedQueue(system)
      const { scheduleGroupId } = closed.openHours ?? {}
      const fields = isFallback
        ? { conversationId, targetType: 'queue', queueId, scheduleGroupId, callbackQueueId: otherQueueId }
        : { conversationId, targetType: 'callback', targetId: otherQueueId }
      const first = await flat(fields)
      t.match(first, { ok: true, callbackCreated: true })
      t.strictSame(await flat(fields), first)
      assertOneCallback(t, system, conversationId)
    }
  })

  t.test('when the platform was too slow for the first answer, then the repeat is told that the callback was created', async (t) => {
    const { conversationId, otherQueueId } = setUpClosedQueue(system)
    const slow = await startTestSystem(t, { GENESYS_GATEWAY_URL: system.simulator.url }, { deadlineMs: 4_000, notExecutedAfterMs: 150 })
    control.addFault({ operation: callbackCommand, conversationId, fault: { kind: 'reset-after' } })
    control.addFault({ operation: 'GET /conversations/{id}', skip: 1, times: 'always', fault: { kind: 'silence' } })
    const fields = { conversationId, targetType: 'callback', targetId: otherQueueId }
    const ask = async () => (await slow.request('POST', '/v1/architect/transfers', fields)).body
    const first = await ask()
    t.match(first, { ok: true, state: 'executing', callbackCreated: false })
    control.clearFaults()
    await slow.waitForState(String(first.transferId), 'callback_created')
    t.match(await ask(), { ok: true, transferId: first.transferId, state: 'callback_created', callbackCreated: true })
    assertOneCallback(t, system, conversationId)
  })

  t.test('when a callback by another queue, at another time or under another key is requested, then there is no second one', async (t) => {
    const { conversationId, callback, queueId } = setUpClosedQueue(system)
    await postTransfer({ conversationId, target: callback })
    const refusal = { status: 422, body: { code: 'LOOP_DETECTED', detail: /has a callback already/ } }
    for (const mode of ['execute', 'decide', 'dryRun'])
      t.match(await postTransfer({ conversationId, target: { type: 'callback', queueId }, mode }), refusal)
    t.match(await postTransfer({ conversationId, target: { ...callback, scheduledAt: '2030-01-02T09:00:00Z' } }), refusal)
    t.match(await postTransfer({ conversationId, target: callback }, { 'idempotency-key': `another-${conversationId}` }), refusal)
    assertOneCallback(t, system, conversationId)
  })

  t.test('when the flow has created the callback itself, then there is no second one, unless the loop check is skipped', async (t) => {
    const { conversationId, callback, closed, otherQueueId } = setUpClosedQueue(system)
    control.createCallback(conversationId, { queueId: otherQueueId })
    await waitFor(async () => JSON.stringify(await system.getConversation(conversationId)).includes('callbackNumbers'), 'the callback')
    const refusal = { status: 422, body: { code: 'LOOP_DETECTED', detail: /has a callback already/, stage: 'validation' } }
    for (const mode of ['execute', 'decide', 'dryRun']) t.match(await postTransfer({ conversationId, target: callback, mode }), refusal)
    t.match(await postTransfer({ conversationId, target: closed, fallback: [callback] }), {
      status: 422,
      body: { code: 'QUEUE_CLOSED', considered: [{ reason: 'closed' }, { reason: 'visited_before', message: /has a callback already/ }] },
    })
    assertOneCallback(t, system, conversationId)
    const forced = await postTransfer({ conversationId, target: callback, override: ['loop'] }, asChief)
    t.match(forced, { status: 202, body: { state: 'callback_created' } })
  })

  t.test('when another queue would call back as the last fallback, then that callback is passed over', async (t) => {
    const { conversationId, callback, closed, queueId } = setUpClosedQueue(system)
    await postTransfer({ conversationId, target: callback })
    const refused = await postTransfer({ conversationId, target: closed, fallback: [{ type: 'callback', queueId }] })
    t.match(refused, { status: 422, body: { considered: [{ reason: 'closed' }, { reason: 'visited_before' }] } })
    assertOneCallback(t, system, conversationId)
  })

  t.test('when the caller is to get through after all, then the call is moved', async (t) => {
    for (const withKey of [false, true]) {
      const { conversationId, queueId, callback, closed } = setUpClosedQueue(system)
      await postTransfer({ conversationId, target: closed, fallback: [callback] })
      const headers = withKey ? { 'idempotency-key': `again-${conversationId}` } : {}
      const fallback = withKey ? [callback] : []
      t.match(await postTransfer({ conversationId, target: { type: 'queue', queueId }, fallback }, headers), {
        status: 202,
        body: { state: 'initiated', resolvedTarget: { queueId } },
      })
    }
  })

  t.test('when the request skips the loop guard, then a second callback is created, once', async (t) => {
    for (const isSameQueue of [false, true]) {
      const { conversationId, callback, queueId } = setUpClosedQueue(system)
      await postTransfer({ conversationId, target: callback })
      const target = isSameQueue ? callback : { type: 'callback', queueId }
      const second = await postTransfer({ conversationId, target, override: ['loop'] }, asChief)
      t.match(second, { status: 202, body: { state: 'callback_created' } })
      t.match(await postTransfer({ conversationId, target, override: ['loop'] }, asChief), { status: 202, body: { id: second.body.id } })
      t.equal(control.callbacks(conversationId).length, 2)
    }
  })

  t.test('when the flow has created the decided callback, then a repeat of its request says so', async (t) => {
    const { conversationId, otherQueueId } = setUpClosedQueue(system)
    const fields = { conversationId, targetType: 'callback', targetId: otherQueueId, mode: 'decide' }
    const decided = await flat(fields)
    control.createCallback(conversationId, { queueId: otherQueueId })
    await system.waitForState(String(decided.transferId), 'callback_created')
    t.match(await flat(fields), { ok: true, transferId: decided.transferId, state: 'callback_created', callbackCreated: true })
  })
})

t.test('given a default queue, when its id or that of the queue before is spelled out, then the request is the same', async (t) => {
  const system = await startTestSystem(t)
  const { control } = system
  const defaultQueueId = control.addQueue({}).id
  const { postTransfer, request } = await startTestSystem(t, {
    GENESYS_GATEWAY_URL: system.simulator.url,
    DEFAULT_QUEUE_ID: defaultQueueId.toUpperCase(),
  })
  for (const key of [undefined, 'key']) {
    const alone = setUpClosedQueue(system)
    const headers = key === undefined ? {} : { 'idempotency-key': `${key}-${alone.conversationId}` }
    const first = await postTransfer({ conversationId: alone.conversationId, target: { type: 'callback' } }, headers)
    t.match(first, { status: 202, body: { state: 'callback_created', resolvedTarget: { queueId: defaultQueueId } } })
    const spelledOut = await postTransfer(
      { conversationId: alone.conversationId, target: { type: 'callback', queueId: defaultQueueId } },
      headers,
    )
    t.match(spelledOut, { status: 202, body: { id: first.body.id } })
    const flatTwin = { conversationId: alone.conversationId, targetType: 'callback', targetId: defaultQueueId }
    t.match((await request('POST', '/v1/architect/transfers', flatTwin, headers)).body, { ok: true, transferId: first.body.id })

    const { conversationId, queueId, closed } = setUpClosedQueue(system)
    const ofFallback = key === undefined ? {} : { 'idempotency-key': `${key}-${conversationId}` }
    const implied = await postTransfer({ conversationId, target: closed, fallback: [{ type: 'callback' }] }, ofFallback)
    t.match(implied, { status: 202, body: { resolvedTarget: { queueId } } })
    const named = await postTransfer({ conversationId, target: closed, fallback: [{ type: 'callback', queueId }] }, ofFallback)
    t.match(named, { status: 202, body: { id: implied.body.id } })
    const { scheduleGroupId } = closed.openHours ?? {}
    const twin = { conversationId, targetType: 'queue', targetId: queueId, scheduleGroupId, callbackQueueId: queueId }
    t.match((await request('POST', '/v1/architect/transfers', twin, ofFallback)).body, { ok: true, transferId: implied.body.id })
  }
})
