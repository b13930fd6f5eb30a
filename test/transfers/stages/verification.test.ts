/** Which targets can take a call, which fallback takes it instead, and by which codes targets and conversations are refused. */
import { randomUUID } from 'node:crypto'
import t from 'tap'
import { startTestSystem } from '../../support/test-system.ts'
import { setUpIvrCall } from '../../support/calls.ts'

t.test('given targets and fallbacks', async (t) => {
  const system = await startTestSystem(t, { ALLOWED_NUMBERS: '+4930*' })
  const { control, postTransfer, waitForState, request } = system
  const fallbackQueue = control.addQueue({ name: 'Fallback' })
  const withFallback = await startTestSystem(t, { FALLBACK_QUEUE_ID: fallbackQueue.id })

  type Refusal = [target: string, createTarget: (ids: ReturnType<typeof setUpIvrCall>) => object, status: number, code: string]
  const refusals: Refusal[] = [
    ['an unknown skill', ({ queueId }) => ({ type: 'skill', skillId: randomUUID(), queueId }), 422, 'TARGET_NOT_FOUND'],
    ['an unknown queue', () => ({ type: 'queue', queueId: randomUUID() }), 422, 'TARGET_NOT_FOUND'],
    ["a skill's unknown queue", ({ skillId }) => ({ type: 'skill', skillId, queueId: randomUUID() }), 422, 'TARGET_NOT_FOUND'],
    ['an unknown agent', () => ({ type: 'agent', userId: randomUUID() }), 422, 'TARGET_NOT_FOUND'],
    [
      'an inactive skill',
      ({ queueId }) => ({ type: 'skill', skillId: control.addSkill({ state: 'inactive' }).id, queueId }),
      422,
      'TARGET_INACTIVE',
    ],
    ['an inactive agent', () => ({ type: 'agent', userId: control.addAgent({ state: 'inactive' }).id }), 422, 'TARGET_INACTIVE'],
    ['a number that no pattern allows', () => ({ type: 'number', address: '+33123456789' }), 422, 'TARGET_NOT_ALLOWED'],
    ...['INTERACTING', 'COMMUNICATING', 'NOT_RESPONDING'].map((status): Refusal => [
      `an agent who is ${status}`,
      () => ({ type: 'agent', userId: control.addAgent({ routingStatus: status as 'IDLE' }).id }),
      422,
      'NO_AGENT_AVAILABLE',
    ]),
    // The platform's own presences except Available and On Queue, one in other letters, and one that an organization has added.
    ...['Away', 'Idle', 'Offline', 'Break', 'Meal', 'MEAL', 'Busy', 'Meeting', 'Training', 'Gone Fishing'].map((presence): Refusal => [
      `an agent who is off queue and ${presence}`,
      () => ({ type: 'agent', userId: control.addAgent({ routingStatus: 'OFF_QUEUE', presence }).id }),
      422,
      'NO_AGENT_AVAILABLE',
    ]),
    [
      'an agent who must be on queue, whose routing status is IDLE, and whose presence is Meal',
      () => ({ type: 'agent', userId: control.addAgent({ presence: 'Meal' }).id, requireOnQueue: true }),
      422,
      'NO_AGENT_AVAILABLE',
    ],
    [
      'an agent who is off queue but must be on queue',
      () => ({ type: 'agent', userId: control.addAgent({ routingStatus: 'OFF_QUEUE' }).id, requireOnQueue: true }),
      422,
      'NO_AGENT_AVAILABLE',
    ],
    [
      'an agent whose routing status is IDLE and whose presence is Away',
      () => ({ type: 'agent', userId: control.addAgent({ presence: 'Away' }).id }),
      422,
      'NO_AGENT_AVAILABLE',
    ],
    [
      'a skill that no idle agent has',
      ({ queueId }) => ({ type: 'skill', skillId: control.addSkill({}).id, queueId }),
      422,
      'NO_AGENT_AVAILABLE',
    ],
  ]
  for (const [target, createTarget, status, code] of refusals) {
    t.test(`when a call is sent to ${target}, then it is refused and the call stays where it is`, async (t) => {
      const ids = setUpIvrCall(control)
      const { body, headers, ...response } = await postTransfer({ conversationId: ids.conversationId, target: createTarget(ids) })
      t.match({ status: response.status, code: body.code, stage: body.stage }, { status, code, stage: 'verification' })
      t.equal(body.retryable, code === 'NO_AGENT_AVAILABLE')
      t.equal(headers.get('retry-after') !== null, code === 'NO_AGENT_AVAILABLE')
      t.equal(control.transfers(ids.conversationId).length, 0)
      t.match(await waitForState(String(body.transferId), 'rejected'), { state: 'rejected', code })
    })
  }

  for (const [agent, spec, conditions] of [
    ['a colleague who is off queue', { routingStatus: 'OFF_QUEUE' }, {}],
    ['a colleague who is off queue and available', { routingStatus: 'OFF_QUEUE', presence: 'AVAILABLE' }, {}],
    ['a colleague who is off queue and need not be on queue', { routingStatus: 'OFF_QUEUE' }, { requireOnQueue: false }],
    ['an idle agent who must be on queue', { routingStatus: 'IDLE', presence: 'On Queue' }, { requireOnQueue: true }],
  ] as const)
    t.test(`when a call is sent to ${agent}, then the colleague is called and picks up`, async (t) => {
      const { conversationId } = setUpIvrCall(control)
      const userId = control.addAgent(spec).id
      const { status, body } = await postTransfer({ conversationId, target: { type: 'agent', userId, ...conditions } })
      t.equal(status, 202)
      t.match(await waitForState(body.id, 'picked_up'), { agentUserId: userId, target: { type: 'agent', userId, ...conditions } })
    })

  t.test('when a flow sends a call to a colleague who is off queue, then the colleague is called', async (t) => {
    const { conversationId } = setUpIvrCall(control)
    const userId = control.addAgent({ routingStatus: 'OFF_QUEUE' }).id
    const { body } = await request('POST', '/v1/architect/transfers', { conversationId, targetType: 'agent', targetId: userId })
    t.match(body, { ok: true, state: 'initiated', userId })
  })

  t.test('when the agent must be on queue and is not, then the fallback is used', async (t) => {
    const { conversationId, otherQueueId } = setUpIvrCall(control)
    const { body } = await postTransfer({
      conversationId,
      target: { type: 'agent', userId: control.addAgent({ routingStatus: 'OFF_QUEUE' }).id, requireOnQueue: true },
      fallback: [{ type: 'queue', queueId: otherQueueId }],
    })
    t.match(body, { state: 'initiated', resolvedTarget: { type: 'queue', queueId: otherQueueId, usedFallback: true } })
  })

  t.test('when requireOnQueue is no boolean, or is on a queue, then the request is refused', async (t) => {
    const { conversationId, userId, queueId } = setUpIvrCall(control)
    for (const target of [
      { type: 'agent', userId, requireOnQueue: 'true' },
      { type: 'agent', userId, requireOnQueue: null },
      { type: 'queue', queueId, requireOnQueue: true },
    ])
      t.match(await postTransfer({ conversationId, target }), { status: 400, body: { code: 'INVALID_REQUEST' } })
    t.equal(control.transfers(conversationId).length, 0)
  })

  t.test('when the target is unavailable, then the first fallback that can take the call is used', async (t) => {
    const { conversationId, queueId, otherQueueId } = setUpIvrCall(control)
    const busy = control.addAgent({ routingStatus: 'INTERACTING' }).id
    const { body } = await postTransfer({
      conversationId,
      target: { type: 'agent', userId: busy },
      fallback: [
        { type: 'skill', skillId: control.addSkill({}).id, queueId },
        { type: 'queue', queueId: otherQueueId },
      ],
      priority: 5,
    })
    t.match(body, {
      state: 'initiated',
      resolvedTarget: { type: 'queue', queueId: otherQueueId, usedFallback: true, priority: 5 },
      target: { type: 'agent', userId: busy },
    })
    const { body: audit } = await request<{ entries: Array<{ status: string; detail: { passedOver?: string } }> }>(
      'GET',
      `/v1/transfers/${body.id}/audit`,
    )
    t.match(
      audit.entries.find(({ status }) => status === 'executing')?.detail.passedOver,
      /INTERACTING; no idle member/,
      'the audit trail says why the others were passed over',
    )
  })

  t.test('when a fallback does not exist, then the request is refused, and the fallback is not passed over', async (t) => {
    const { conversationId, otherQueueId } = setUpIvrCall(control)
    const busy = control.addAgent({ routingStatus: 'INTERACTING' }).id
    const { body } = await postTransfer({
      conversationId,
      target: { type: 'agent', userId: busy },
      fallback: [
        { type: 'queue', queueId: randomUUID() },
        { type: 'queue', queueId: otherQueueId },
      ],
    })
    t.equal(body.code, 'TARGET_NOT_FOUND')
  })

  t.test('when no agent is available and a fallback queue is configured, then the call goes there', async (t) => {
    const { conversationId, queueId } = setUpIvrCall(withFallback.control)
    // The setting names a queue of the other simulator, so this one gets a queue with the same id.
    withFallback.control.addQueue({ id: fallbackQueue.id })
    const { body } = await withFallback.postTransfer({
      conversationId,
      target: { type: 'skill', skillId: withFallback.control.addSkill({}).id, queueId },
    })
    t.match(body, { state: 'initiated', resolvedTarget: { type: 'queue', queueId: fallbackQueue.id, skillIds: [], usedFallback: true } })
  })

  t.test('when a skill target names no queue, then the default queue is used', async (t) => {
    const { conversationId, skillId, queueId } = setUpIvrCall(control)
    const withDefault = await startTestSystem(t, { DEFAULT_QUEUE_ID: queueId, GENESYS_GATEWAY_URL: system.simulator.url })
    const { body } = await withDefault.postTransfer({ conversationId, target: { type: 'skill', skillIds: [skillId] } })
    t.match(body, { state: 'initiated', resolvedTarget: { queueId } })
  })

  const conversations: Array<[conversation: string, createConversation: () => string, status: number, code: string]> = [
    ['an unknown conversation', randomUUID, 404, 'CONVERSATION_NOT_FOUND'],
    [
      'a conversation that is over',
      () => {
        const { conversationId } = setUpIvrCall(control)
        control.hangUp(conversationId)
        return conversationId
      },
      409,
      'CONVERSATION_ENDED',
    ],
    [
      'a call that is still ringing',
      () => control.addConversation({ in: 'ivr', callerState: 'alerting' }).conversationId,
      409,
      'CONVERSATION_NOT_TRANSFERABLE',
    ],
  ]
  for (const [conversation, createConversation, status, code] of conversations) {
    t.test(`when ${conversation} is transferred, then it is refused`, async (t) => {
      const { queueId } = setUpIvrCall(control)
      const conversationId = createConversation()
      const response = await postTransfer({ conversationId, target: { type: 'queue', queueId } })
      t.match({ status: response.status, code: response.body.code, stage: response.body.stage }, { status, code, stage: 'validation' })
      t.equal(control.transfers(conversationId).length, 0)
    })
  }
})
