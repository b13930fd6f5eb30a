import t from 'tap'
import { newId, startWorld, usualScene } from '../../support/service.ts'

t.test('where a call may go', async (t) => {
  const world = await startWorld(t, { ALLOWED_NUMBERS: '+4930*' })
  const { scene, transfer, reaches, ask } = world
  const fallbackQueue = scene.addQueue({ name: 'Fallback' })
  const withFallback = await startWorld(t, { FALLBACK_QUEUE_ID: fallbackQueue.id })

  const refusals: Array<[string, (ids: ReturnType<typeof usualScene>) => object, number, string]> = [
    ['an unknown skill', ({ queueId }) => ({ type: 'skill', skillId: newId(), queueId }), 422, 'TARGET_NOT_FOUND'],
    ['an unknown queue', () => ({ type: 'queue', queueId: newId() }), 422, 'TARGET_NOT_FOUND'],
    ["a skill's unknown queue", ({ skillId }) => ({ type: 'skill', skillId, queueId: newId() }), 422, 'TARGET_NOT_FOUND'],
    ['an unknown agent', () => ({ type: 'agent', userId: newId() }), 422, 'TARGET_NOT_FOUND'],
    [
      'an inactive skill',
      ({ queueId }) => ({ type: 'skill', skillId: scene.addSkill({ state: 'inactive' }).id, queueId }),
      422,
      'TARGET_INACTIVE',
    ],
    ['an inactive agent', () => ({ type: 'agent', userId: scene.addAgent({ state: 'inactive' }).id }), 422, 'TARGET_INACTIVE'],
    ['a number that no pattern allows', () => ({ type: 'number', address: '+33123456789' }), 422, 'TARGET_NOT_ALLOWED'],
    ['a busy agent', () => ({ type: 'agent', userId: scene.addAgent({ routingStatus: 'INTERACTING' }).id }), 422, 'NO_AGENT_AVAILABLE'],
    ['an agent who is away', () => ({ type: 'agent', userId: scene.addAgent({ presence: 'Away' }).id }), 422, 'NO_AGENT_AVAILABLE'],
    [
      'a skill that nobody idle has',
      ({ queueId }) => ({ type: 'skill', skillId: scene.addSkill({}).id, queueId }),
      422,
      'NO_AGENT_AVAILABLE',
    ],
  ]
  for (const [what, target, status, code] of refusals) {
    t.test(`given ${what}, when a call is sent there, then it is refused and stays where it is`, async (t) => {
      const ids = usualScene(scene)
      const { status: got, body, headers } = await transfer({ conversationId: ids.conversationId, target: target(ids) })
      t.match({ got, code: body.code, stage: body.stage }, { got: status, code, stage: 'verification' })
      t.equal(body.retryable, code === 'NO_AGENT_AVAILABLE')
      t.equal(headers.get('retry-after') !== null, code === 'NO_AGENT_AVAILABLE')
      t.equal(scene.transfers(ids.conversationId).length, 0)
      t.match(await reaches(String(body.transferId), 'rejected'), { state: 'rejected', code })
    })
  }

  t.test(
    'given an unavailable target and a list of fallbacks, when a call is sent there, then the first that can take it is used',
    async (t) => {
      const { conversationId, queueId, otherQueueId } = usualScene(scene)
      const busy = scene.addAgent({ routingStatus: 'INTERACTING' }).id
      const { body } = await transfer({
        conversationId,
        target: { type: 'agent', userId: busy },
        fallback: [
          { type: 'skill', skillId: scene.addSkill({}).id, queueId },
          { type: 'queue', queueId: otherQueueId },
        ],
        priority: 5,
      })
      t.match(body, {
        state: 'initiated',
        resolvedTarget: { type: 'queue', queueId: otherQueueId, usedFallback: true, priority: 5 },
        target: { type: 'agent', userId: busy },
      })
      const { body: audit } = await ask<{ entries: Array<{ status: string; detail: { passedOver?: string } }> }>(
        'GET',
        `/v1/transfers/${body.id}/audit`,
      )
      t.match(
        audit.entries.find(({ status }) => status === 'executing')?.detail.passedOver,
        /INTERACTING; no idle member/,
        'the trail says why the others were passed over',
      )
    },
  )

  t.test('given a wrong fallback, when it is reached, then it is refused rather than hidden', async (t) => {
    const { conversationId, otherQueueId } = usualScene(scene)
    const busy = scene.addAgent({ routingStatus: 'INTERACTING' }).id
    const { body } = await transfer({
      conversationId,
      target: { type: 'agent', userId: busy },
      fallback: [
        { type: 'queue', queueId: newId() },
        { type: 'queue', queueId: otherQueueId },
      ],
    })
    t.equal(body.code, 'TARGET_NOT_FOUND')
  })

  t.test('given a configured fallback queue, when nobody is available at all, then the call goes there', async (t) => {
    const { conversationId, queueId } = usualScene(withFallback.scene)
    withFallback.scene.addQueue({ id: fallbackQueue.id })
    const { body } = await withFallback.transfer({
      conversationId,
      target: { type: 'skill', skillId: withFallback.scene.addSkill({}).id, queueId },
    })
    t.match(body, { state: 'initiated', resolvedTarget: { type: 'queue', queueId: fallbackQueue.id, skillIds: [], usedFallback: true } })
  })

  t.test('given no queue in the request but a default one, when a skill is asked for, then the default is used', async (t) => {
    const { conversationId, skillId, queueId } = usualScene(scene)
    const withDefault = await startWorld(t, { DEFAULT_QUEUE_ID: queueId, GENESYS_GATEWAY_URL: world.simulator.url })
    const { body } = await withDefault.transfer({ conversationId, target: { type: 'skill', skillIds: [skillId] } })
    t.match(body, { state: 'initiated', resolvedTarget: { queueId } })
  })

  const conversations: Array<[string, () => string, number, string]> = [
    ['an unknown conversation', newId, 404, 'CONVERSATION_NOT_FOUND'],
    [
      'a conversation that is over',
      () => {
        const { conversationId } = usualScene(scene)
        scene.hangUp(conversationId)
        return conversationId
      },
      409,
      'CONVERSATION_ENDED',
    ],
    [
      'a call that still alerts',
      () => scene.addConversation({ in: 'ivr', callerState: 'alerting' }).conversationId,
      409,
      'CONVERSATION_NOT_TRANSFERABLE',
    ],
  ]
  for (const [what, conversation, status, code] of conversations) {
    t.test(`given ${what}, when it is to be transferred, then it is refused`, async (t) => {
      const { queueId } = usualScene(scene)
      const conversationId = conversation()
      const answer = await transfer({ conversationId, target: { type: 'queue', queueId } })
      t.match({ status: answer.status, code: answer.body.code, stage: answer.body.stage }, { status, code, stage: 'validation' })
      t.equal(scene.transfers(conversationId).length, 0)
    })
  }
})
