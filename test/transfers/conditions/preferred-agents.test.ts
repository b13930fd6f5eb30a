/** A queue offers the call to preferred agents first. */
import { randomUUID } from 'node:crypto'
import t from 'tap'
import { setUpIvrCall } from '../../support/calls.ts'
import { startTestSystem } from '../../support/test-system.ts'
import { requestInOrder, setUpScene, toQueue, waitForState as waitForOverflow } from '../overflow/scene.ts'
import { findAuditEntry } from './opening-hours.ts'

t.test('given a queue in which several agents are free', async (t) => {
  const system = await startTestSystem(t)
  const { control, postTransfer, waitForState } = system
  // Long enough for the preference to be on the call before it is offered, also on a busy machine.
  const { id: queueId } = control.addQueue({ offerDelayMs: 4_000 })
  const { id: skillId } = control.addSkill({})
  const [, second = '', third = ''] = ['A', 'B', 'C'].map(
    (name) => control.addAgent({ name, queueIds: [queueId], skillIds: [skillId], answers: [{ after: 20, with: 'pickup' }], talkMs: 1 }).id,
  )
  const stranger = control.addAgent({ name: 'Stranger' }).id

  for (const [target, fields] of [
    ['a queue', { type: 'queue', queueId }],
    ['a skill', { type: 'skill', skillId, queueId }],
  ] as const)
    t.test(`when a call to ${target} prefers one of them, then that agent gets it`, async (t) => {
      for (const userId of [third, second]) {
        const { conversationId } = control.addConversation({ in: 'ivr' })
        const { body } = await postTransfer({ conversationId, target: { ...fields, preferredUserIds: [userId.toUpperCase()] } })
        t.match(body.resolvedTarget, { preferredUserIds: [userId] })
        t.match(await waitForState(body.id, 'picked_up'), { agentUserId: userId })
        t.match(await findAuditEntry(system, body.id, 'routing_applied'), { detail: { verified: true, preferredUserIds: userId } })
      }
    })

  t.test(
    'when the first preferred agent is not a member of the queue, then the second one gets the call, and the audit trail names only members',
    async (t) => {
      const { conversationId } = control.addConversation({ in: 'ivr' })
      const { body } = await postTransfer({
        conversationId,
        target: { type: 'queue', queueId, preferredUserIds: [stranger, third, second] },
      })
      t.match(await waitForState(body.id, 'picked_up'), { agentUserId: third })
      t.match(await findAuditEntry(system, body.id, 'routing_applied'), { detail: { preferredUserIds: `${third} ${second}` } })
    },
  )

  t.test('when another agent is offered the call before the preference is on it, then that agent gets it', async (t) => {
    const { id: quickQueue } = control.addQueue({ offerDelayMs: 0 })
    const addMember = () => control.addAgent({ queueIds: [quickQueue], answers: [{ after: 20, with: 'pickup' }] }).id
    const [idleLongest, preferred] = [addMember(), addMember()]
    const { conversationId } = control.addConversation({ in: 'ivr' })
    control.addFault({ operation: 'PATCH /routing/conversations/{id}', conversationId, fault: { kind: 'delay', ms: 1_000 } })
    const { body } = await postTransfer({ conversationId, target: { type: 'queue', queueId: quickQueue, preferredUserIds: [preferred] } })
    t.match(await waitForState(body.id, 'picked_up'), { agentUserId: idleLongest })
  })

  t.test('when the preferred agent is busy, then another one gets the call', async (t) => {
    const busy = control.addAgent({ queueIds: [queueId], routingStatus: 'INTERACTING' }).id
    const { conversationId } = control.addConversation({ in: 'ivr' })
    const { body } = await postTransfer({ conversationId, target: { type: 'queue', queueId, preferredUserIds: [busy] } })
    t.not((await waitForState(body.id, 'picked_up')).agentUserId, busy)
  })

  t.test('when the mode is decide, then the response names the preferred agents for the flow', async (t) => {
    const { conversationId } = control.addConversation({ in: 'ivr' })
    const { body } = await postTransfer({ conversationId, mode: 'decide', target: { type: 'queue', queueId, preferredUserIds: [third] } })
    t.match(body, { state: 'decided', resolvedTarget: { preferredUserIds: [third] } })
  })
})

t.test('given a preferred agent who does not exist or is not active', async (t) => {
  const system = await startTestSystem(t)
  const { control, postTransfer, request } = system
  const { queueId, userId, skillId, otherQueueId } = setUpIvrCall(control, ['never'])
  const inactive = control.addAgent({ state: 'inactive', queueIds: [queueId] }).id
  const unknown = randomUUID()
  const addCall = (): string => control.addConversation({ in: 'ivr' }).conversationId
  const queue = { type: 'queue', queueId }

  t.test('when a call is to be transferred, then the request is refused, and the refusal names the agent and the field', async (t) => {
    for (const mode of ['execute', 'decide', 'dryRun'])
      for (const [targets, code, field] of [
        [{ target: { ...queue, preferredUserIds: [userId, unknown] } }, 'TARGET_NOT_FOUND', 'target.preferredUserIds[1]'],
        [{ target: { ...queue, preferredUserIds: [inactive] } }, 'TARGET_INACTIVE', 'target.preferredUserIds[0]'],
        [
          { target: { type: 'skill', skillId, queueId: otherQueueId }, fallback: [{ ...queue, preferredUserIds: [unknown] }] },
          'TARGET_NOT_FOUND',
          'fallback[0].preferredUserIds[0]',
        ],
      ] as const) {
        const conversationId = addCall()
        t.match(await postTransfer({ conversationId, mode, ...targets }), {
          status: 422,
          body: { code, field, detail: code === 'TARGET_INACTIVE' ? inactive : unknown, retryable: false },
        })
        t.strictSame(control.transfers(conversationId), [], mode)
      }
    const flat = { conversationId: addCall(), targetType: 'queue', targetId: queueId, preferredUserId: unknown }
    t.match((await request('POST', '/v1/architect/transfers', flat)).body, {
      ok: false,
      code: 'TARGET_NOT_FOUND',
      message: `The platform has no user ${unknown} (preferredUserId).`,
    })
  })

  t.test('when a waiting call is changed, then the change is refused in the same way', async (t) => {
    const { body } = await postTransfer({ conversationId: addCall(), target: { type: 'queue', queueId: otherQueueId } })
    for (const [preferredUserIds, code, field] of [
      [[userId, unknown], 'TARGET_NOT_FOUND', 'preferredUserIds[1]'],
      [[inactive], 'TARGET_INACTIVE', 'preferredUserIds[0]'],
    ] as const)
      t.match(await request('PATCH', `/v1/transfers/${body.id}`, { preferredUserIds }), { status: 422, body: { code, field } })
  })

  t.test('when the platform does not tell, then the call is transferred, and the response warns of that', async (t) => {
    const agent = control.addAgent({ queueIds: [queueId], routingStatus: 'OFF_QUEUE' }).id
    control.addFault({ operation: 'GET /users/{id}', times: 'always', fault: { kind: 'status', status: 503 } })
    const { status, body } = await postTransfer({ conversationId: addCall(), target: { ...queue, preferredUserIds: [agent] } })
    t.match({ status, body }, { status: 202, body: { considered: [{ taken: true, warnings: [/^preferredUserIds not checked: /] }] } })
    t.match(await request('PATCH', `/v1/transfers/${body.id}`, { preferredUserIds: [agent], priority: 3 }), { status: 202 })
    control.clearFaults()
  })

  t.test('when the same agent is preferred again, then the platform is not asked about the agent again', async (t) => {
    const send = () =>
      postTransfer({ conversationId: addCall(), target: { type: 'queue', queueId: otherQueueId, preferredUserIds: [userId] } })
    await send()
    const countReads = (): number => control.requests().counts['GET /users/{id}'] ?? 0
    const before = countReads()
    t.equal((await send()).status, 202)
    t.equal(countReads(), before)
  })

  t.test('when a call moves on to a queue, then that agent is no reason to pass the queue over', async (t) => {
    const { conversationId, emptyQueue, staffedQueue } = setUpScene(system)
    const id = await requestInOrder(system, conversationId, [
      toQueue(emptyQueue),
      { type: 'queue', queueId: staffedQueue, preferredUserIds: [unknown] },
    ])
    t.match(await waitForOverflow(system, id, 'picked_up'), { resolvedTarget: { queueId: staffedQueue } })
  })
})
