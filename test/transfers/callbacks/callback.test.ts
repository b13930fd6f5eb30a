/** Callers who get a callback, because the request asks for one or no other target can take the call. */
import t from 'tap'
import type { Target } from '../../../src/model/target-schema.ts'
import { setUpIvrCall, waitUntilQueued } from '../../support/calls.ts'
import { startTestSystem } from '../../support/test-system.ts'
import { waitFor } from '../../support/wait-for.ts'
import { addHolidayGroup, addOpenGroup, midnight } from '../conditions/opening-hours.ts'
import { callbackCommand, callerNumber, assertOneCallback, readStatuses, setUpClosedQueue } from './scene.ts'

t.test('given a call in the IVR', async (t) => {
  const system = await startTestSystem(t, { ALLOWED_NUMBERS: '+1317*' })
  const { control, postTransfer, request, getConversation, crm } = system

  t.test('when a callback is the target, then it is created with the number of the caller, and the call stays', async (t) => {
    const { conversationId, callback, otherQueueId } = setUpClosedQueue(system)
    const response = await postTransfer({ conversationId, target: callback, priority: 7 })
    const { id, latencyMs } = response.body
    t.match(response, {
      status: 202,
      body: {
        state: 'callback_created',
        code: null,
        message: 'A callback was created: the caller will be called back as soon as an agent is free.',
        callbackConversationId: conversationId,
        resolvedTarget: { type: 'callback', queueId: otherQueueId, address: callerNumber, usedFallback: false },
        transferPath: [`callback:${otherQueueId}`],
        hops: [],
        pickupTime: null,
      },
    })
    t.type(latencyMs, 'number')
    assertOneCallback(t, system, conversationId)
    t.match(control.callbacks(conversationId), [
      { queueId: otherQueueId, priority: 7, numbers: [callerNumber], scheduledTime: null, data: { handoffCallback: id } },
    ])
    t.strictSame(await readStatuses(system, id), ['accepted', 'executing', 'callback_created'])
    await waitFor(() => crm.eventTypesFor(id).length === 1, 'one event')
    t.strictSame(crm.eventTypesFor(id), ['transfer.callback_created'])
    t.match(crm.accepted.find(({ data }) => data.actionId === id)?.data, {
      state: 'callback_created',
      targetType: 'callback',
      targetQueueId: otherQueueId,
      callbackConversationId: conversationId,
    })
    t.notMatch(JSON.stringify(crm.accepted), callerNumber.slice(1), 'the CRM is not told the number')
    await waitFor(async () => (await getConversation(conversationId)).participants[0]?.callbacks?.length === 1, 'the callback')
    t.match((await getConversation(conversationId)).participants.at(-1), { purpose: 'ivr', calls: [{ state: 'connected' }] })
  })

  t.test('when the request has a number and a time for the callback, then the platform gets both', async (t) => {
    const { conversationId, skillId, queueId } = setUpIvrCall(control)
    const scheduledAt = '2030-01-02T09:00:00+01:00'
    const target = { type: 'callback', queueId, skillIds: [skillId], callbackNumber: '+1 (317) 555-0123', scheduledAt }
    const { status, body } = await postTransfer({ conversationId, target })
    t.match(
      { status, body },
      { status: 202, body: { message: /at 2030-01-02T08:00:00.000Z/, resolvedTarget: { address: '+13175550123' } } },
    )
    t.match(control.callbacks(conversationId), [
      { queueId, skillIds: [skillId], numbers: ['+13175550123'], scheduledTime: '2030-01-02T08:00:00.000Z' },
    ])
  })

  t.test('when the target is closed, then the callback that is the last fallback is created, and the response says why', async (t) => {
    const { conversationId, queueId, otherQueueId, callback, closed } = setUpClosedQueue(system)
    const { status, body } = await postTransfer({ conversationId, target: closed, fallback: [callback] })
    t.match(
      { status, body },
      { status: 202, body: { state: 'callback_created', resolvedTarget: { type: 'callback', usedFallback: true } } },
    )
    t.match(body.considered, [
      { place: `queue:${queueId}`, taken: false, reason: 'closed' },
      { place: `callback:${otherQueueId}`, taken: true },
    ])
    assertOneCallback(t, system, conversationId)
  })

  t.test('when no agent is available and the callback names no queue, then it is created for the queue of the target before', async (t) => {
    const { conversationId, queueId, skillId, userId } = setUpIvrCall(control)
    control.setAgent(userId, { routingStatus: 'OFF_QUEUE' })
    const target = { type: 'skill', skillId, queueId }
    const { body } = await postTransfer({ conversationId, target, fallback: [{ type: 'callback' }] })
    t.match(body, { state: 'callback_created', resolvedTarget: { queueId, usedFallback: true } })
    t.match(control.callbacks(conversationId), [{ queueId }])
  })

  t.test('when the target can take the call, then no callback is created', async (t) => {
    const { conversationId, queueId, callback } = setUpClosedQueue(system)
    const { body } = await postTransfer({ conversationId, target: { type: 'queue', queueId }, fallback: [callback] })
    t.equal(body.state, 'initiated')
    t.strictSame(control.callbacks(conversationId), [])
  })

  t.test('when the callback is closed too, then the request is refused', async (t) => {
    const { conversationId, callback, closed } = setUpClosedQueue(system)
    const fallback = [{ ...callback, openHours: { scheduleGroupId: addHolidayGroup(control, 3) } }]
    t.match(await postTransfer({ conversationId, target: closed, fallback }), { status: 422, body: { code: 'QUEUE_CLOSED' } })
    t.strictSame(control.callbacks(conversationId), [])
  })

  t.test('when a callback has opening hours and is open, then it is created', async (t) => {
    const { conversationId, callback } = setUpClosedQueue(system)
    const target = { ...callback, openHours: { scheduleGroupId: addOpenGroup(control) } }
    t.match(await postTransfer({ conversationId, target }), { status: 202, body: { state: 'callback_created' } })
  })

  t.test(
    "when the caller's number is withheld or not in E.164 form, then no callback is created, and the places decide the code",
    async (t) => {
      const { queueId, otherQueueId, closed } = setUpClosedQueue(system)
      const busy: Target = { type: 'agent', userId: control.addAgent({ routingStatus: 'INTERACTING' }).id }
      const callback: Target = { type: 'callback', queueId: otherQueueId }
      const unknown = { reason: 'number_unknown', message: /number to call back, and the caller's is withheld or not clear/ }
      const opensAt = `${midnight(2)}.000Z`
      for (const ani of ['sip:anonymous@anonymous.invalid', 'tel:030123456'])
        for (const [places, expected] of [
          [[closed, callback], { code: 'QUEUE_CLOSED', retryable: false, opensAt, considered: [{ reason: 'closed', opensAt }, unknown] }],
          [
            [closed, busy, callback],
            { code: 'NO_AGENT_AVAILABLE', retryable: true, considered: [{ reason: 'closed' }, { reason: 'not_available' }, unknown] },
          ],
          [[callback], { code: 'NO_AGENT_AVAILABLE', retryable: false, considered: [unknown] }],
        ] as const)
          for (const mode of ['execute', 'decide', 'dryRun']) {
            const { conversationId } = control.addConversation({ in: 'ivr', ani })
            const [target, ...fallback] = places
            const refused = await postTransfer({ conversationId, target, fallback, mode })
            t.match(refused, { status: 422, body: expected }, `${places.map(({ type }) => type).join(', ')} ${mode}`)
            t.equal(refused.headers.has('retry-after'), expected.retryable)
            t.strictSame(control.callbacks(conversationId), [])
          }

      const { conversationId } = control.addConversation({ in: 'ivr', ani: 'sip:anonymous@anonymous.invalid' })
      const scheduleGroupId = addHolidayGroup(control, 2)
      const flat = { conversationId, targetType: 'queue', targetId: queueId, scheduleGroupId, callbackQueueId: otherQueueId }
      t.match((await request('POST', '/v1/architect/transfers', flat)).body, {
        ok: false,
        code: 'QUEUE_CLOSED',
        message: /withheld or not clear/,
        retryable: false,
        retryAfterSeconds: 0,
        opensAt,
        callbackCreated: false,
      })
    },
  )

  t.test(
    'when all places are closed, and the conversation has a callback already, then the refusal says when the first one opens',
    async (t) => {
      const { conversationId, closed, callback } = setUpClosedQueue(system)
      await postTransfer({ conversationId, target: callback })
      t.match(await postTransfer({ conversationId, target: closed, fallback: [callback] }), {
        status: 422,
        body: {
          code: 'QUEUE_CLOSED',
          retryable: false,
          opensAt: `${midnight(2)}.000Z`,
          considered: [{ reason: 'closed' }, { reason: 'visited_before' }],
        },
      })
    },
  )

  t.test('when the only places are closed or were visited before, then a retry does not help', async (t) => {
    const { conversationId, otherQueueId, closed } = setUpClosedQueue(system)
    await postTransfer({ conversationId, target: { type: 'queue', queueId: otherQueueId } })
    await waitUntilQueued(system, conversationId, otherQueueId)
    const refused = await postTransfer({ conversationId, target: closed, fallback: [{ type: 'queue', queueId: otherQueueId }] })
    t.match(refused, {
      status: 422,
      body: { code: 'NO_AGENT_AVAILABLE', retryable: false, considered: [{}, { reason: 'visited_before' }] },
    })
    t.notOk(refused.headers.has('retry-after'))
  })

  t.test('when the caller has a SIP address with a number, then that number is called back', async (t) => {
    const { queueId } = setUpClosedQueue(system)
    const { conversationId } = control.addConversation({ in: 'ivr', ani: 'sip:+493012345678@example.com;user=phone' })
    await postTransfer({ conversationId, target: { type: 'callback', queueId } })
    t.match(control.callbacks(conversationId), [{ numbers: ['+493012345678'] }])
  })

  t.test('when the queue does not exist, or the request names none, then the request is refused', async (t) => {
    const { conversationId } = setUpClosedQueue(system)
    const unknown = { type: 'callback', queueId: '9e0e0000-0000-4000-8000-00000000ffff' }
    t.match(await postTransfer({ conversationId, target: unknown }), { status: 422, body: { code: 'TARGET_NOT_FOUND' } })
    t.match(await postTransfer({ conversationId, target: { type: 'callback' } }), {
      status: 400,
      body: { code: 'INVALID_REQUEST', field: 'target.queueId' },
    })
  })

  t.test('when the caller has hung up before, then the request is refused', async (t) => {
    const { conversationId, callback } = setUpClosedQueue(system)
    control.hangUp(conversationId)
    t.match(await postTransfer({ conversationId, target: callback }), { status: 409, body: { code: 'CONVERSATION_ENDED' } })
    t.strictSame(control.callbacks(conversationId), [])
  })

  t.test('when the request is repeated, then there is no second callback', async (t) => {
    const { conversationId, callback } = setUpClosedQueue(system)
    const body = { conversationId, target: callback }
    const headers = { 'idempotency-key': `callback-${conversationId}` }
    const first = await postTransfer(body, headers)
    const repeated = await postTransfer(body, headers)
    t.strictSame(repeated.body, first.body)
    t.equal(repeated.headers.get('idempotent-replayed'), 'true')
    assertOneCallback(t, system, conversationId)
  })

  t.test('when many requests come at once, then there is one callback', async (t) => {
    const { conversationId, callback } = setUpClosedQueue(system)
    const answers = await Promise.all(Array.from({ length: 8 }, () => postTransfer({ conversationId, target: callback })))
    t.equal(new Set(answers.flatMap(({ status, body }) => (status === 202 ? body.id : []))).size, 1)
    assertOneCallback(t, system, conversationId)
  })

  t.test('when a callback is created for a caller who waits in a queue, then the transfer to that queue goes on', async (t) => {
    const { conversationId, queueId, otherQueueId } = setUpIvrCall(control, ['never'])
    const first = await postTransfer({ conversationId, target: { type: 'queue', queueId: otherQueueId } })
    await waitUntilQueued(system, conversationId, otherQueueId)
    const second = await postTransfer({ conversationId, target: { type: 'callback', queueId } })
    t.equal(second.body.state, 'callback_created')
    t.equal((await request('GET', `/v1/transfers/${first.body.id}`)).body.state, 'initiated')
    control.hangUp(conversationId)
    await system.waitForState(first.body.id, 'abandoned')
  })

  t.test('when the platform refuses, then the answer says why, and nothing was done', async (t) => {
    const forbidden = setUpClosedQueue(system)
    control.setPermissions(['conversation:communication:view', 'routing:queue:view', 'conversation:communication:blindTransfer'])
    t.match(await postTransfer({ conversationId: forbidden.conversationId, target: forbidden.callback }), {
      status: 502,
      body: { code: 'PERMISSION_MISSING', permissions: ['conversation:callback:create'], stage: 'execution' },
    })
    control.setPermissions('all')
    const refused = setUpClosedQueue(system)
    control.addFault({ operation: callbackCommand, fault: { kind: 'status', status: 400 } })
    t.match(await postTransfer({ conversationId: refused.conversationId, target: refused.callback }), {
      status: 502,
      body: { code: 'GENESYS_REJECTED', stage: 'execution' },
    })
    t.strictSame([...control.callbacks(forbidden.conversationId), ...control.callbacks(refused.conversationId)], [])
  })
})

t.test('given a flow', async (t) => {
  const system = await startTestSystem(t, { PICKUP_TIMEOUT_MS: '2000' })
  const { control, request, waitForState } = system
  const flat = async (fields: object) => (await request('POST', '/v1/architect/transfers', fields)).body

  t.test('when a closed queue leads to a callback, then the flat answer says what to tell the caller', async (t) => {
    const { conversationId, queueId, otherQueueId, closed } = setUpClosedQueue(system)
    const { scheduleGroupId } = closed.openHours ?? {}
    const answer = await flat({ conversationId, targetType: 'queue', queueId, scheduleGroupId, callbackQueueId: otherQueueId })
    t.match(answer, {
      ok: true,
      state: 'callback_created',
      callbackCreated: true,
      message: /^A callback was created/,
      targetType: 'callback',
      queueId: otherQueueId,
      usedFallback: true,
    })
    assertOneCallback(t, system, conversationId)
  })

  t.test('when the target is a callback and only callbackQueueId names its queue, then it is created there', async (t) => {
    const { conversationId, otherQueueId, skillId } = setUpClosedQueue(system)
    const answer = await flat({ conversationId, targetType: 'callback', targetId: '', callbackQueueId: otherQueueId, skillId })
    t.match(answer, { ok: true, callbackCreated: true, queueId: otherQueueId, skillIds: [skillId], usedFallback: false })
    t.match(control.callbacks(conversationId), [{ queueId: otherQueueId, skillIds: [skillId] }])
    assertOneCallback(t, system, conversationId)
  })

  t.test('when nothing names the queue of a callback and there is no default queue, then the refusal says so', async (t) => {
    const { conversationId } = setUpClosedQueue(system)
    t.match(await flat({ conversationId, targetType: 'callback' }), {
      ok: false,
      code: 'INVALID_REQUEST',
      message: 'targetId is missing, and no DEFAULT_QUEUE_ID is configured.',
    })
  })

  t.test(
    'when the mode is dryRun or decide, then the flow gets everything that it needs to create the callback, and nothing is created',
    async (t) => {
      for (const mode of ['dryRun', 'decide']) {
        const { conversationId, otherQueueId } = setUpClosedQueue(system)
        const answer = await flat({ conversationId, targetType: 'callback', queueId: otherQueueId, mode })
        const expected = { ok: true, state: 'decided', targetType: 'callback', queueId: otherQueueId, address: callerNumber }
        t.match(answer, { ...expected, callbackCreated: false })
        t.strictSame(control.callbacks(conversationId), [])
      }
    },
  )

  t.test('when the flow creates the decided callback itself and ends the call, then the transfer is callback_created', async (t) => {
    const { conversationId, callback, queueId } = setUpClosedQueue(system)
    const { body } = await system.postTransfer({ conversationId, target: callback, mode: 'decide' })
    control.createCallback(conversationId, { queueId })
    control.hangUp(conversationId)
    const transfer = await waitForState(body.id, 'callback_created')
    t.match(transfer, { callbackConversationId: conversationId, code: null, message: /^A callback was created/ })
  })

  t.test('when the flow does not create the decided callback, then the transfer fails as not followed', async (t) => {
    const { conversationId, callback } = setUpClosedQueue(system)
    const { body } = await system.postTransfer({ conversationId, target: callback, mode: 'decide' })
    t.match(await waitForState(body.id, 'failed'), { code: 'DECISION_NOT_FOLLOWED', message: /did not create the callback/ })
  })
})
