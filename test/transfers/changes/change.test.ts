/** A caller changes the priority, the skills or the preferred agents of a call that waits in a queue, and the platform has them soon after. */
import { randomUUID } from 'node:crypto'
import t from 'tap'
import { createApiKey } from '../../../src/auth/api-key.ts'
import type { Ledger } from '../../../src/ledger/contract/ledger.ts'
import { startTestSystem } from '../../support/test-system.ts'
import { readerKey } from '../../support/settings.ts'
import { waitFor } from '../../support/wait-for.ts'
import { addQueue, countRoutingCommands, followTransfer, routingCommand, setUpWaitingCall } from './scene.ts'

t.test('given a call that waits in a queue', async (t) => {
  t.test('when its priority is changed, then the platform has the new one, and the transfer and the audit trail show it', async (t) => {
    const { id, change, readRouting, waitUntilApplied, readAudit, system } = await setUpWaitingCall(t)
    t.match(await readRouting(), { priority: 3 })
    const { status, body } = await change({ priority: 9 })
    t.match({ status, body }, { status: 202, body: { id, state: 'initiated', priority: 3, resolvedTarget: { priority: 9 } } })
    await waitUntilApplied()
    t.match(await readRouting(), { priority: 9, skillIds: [] })
    t.match((await system.request('GET', `/v1/transfers/${id}`)).body, {
      priority: 3,
      resolvedTarget: { priority: 9 },
      hops: [{ resolvedTarget: { priority: 9 } }],
    })
    t.match((await readAudit()).slice(-2), [
      { status: 'change_requested', stage: 'execution', detail: { changedBy: 'ops', priority: 9, skillIds: '', preferredUserIds: '' } },
      { status: 'routing_applied', detail: { verified: true, priority: 9 } },
    ])
  })

  t.test('when its skills are changed, then its priority stays, and an agent with these skills gets the call', async (t) => {
    const { system, change, readRouting, waitUntilApplied, skillId, otherSkillId, userId, id } = await setUpWaitingCall(
      t,
      {},
      ({ queueId, otherSkillId }) => ({ target: { type: 'queue', queueId, skillIds: [otherSkillId] } }),
    )
    t.match(await readRouting(), { priority: 3, skillIds: [otherSkillId] })
    system.control.setAgent(userId, { routingStatus: 'IDLE' })
    t.match(await change({ skillIds: [skillId.toUpperCase()] }), { status: 202, body: { resolvedTarget: { skillIds: [skillId] } } })
    t.match(await system.waitForState(id, 'picked_up'), { agentUserId: userId })
    t.match(await readRouting(), { priority: 3, skillIds: [skillId] })
    await waitUntilApplied()
  })

  t.test('when all skills are taken off it, then an agent without skills may get it', async (t) => {
    const { system, change, readRouting, waitUntilApplied, otherSkillId } = await setUpWaitingCall(t, {}, ({ queueId, otherSkillId }) => ({
      target: { type: 'skill', queueId, skillId: otherSkillId },
      fallback: [{ type: 'queue', queueId, skillIds: [otherSkillId] }],
    }))
    t.match(await readRouting(), { skillIds: [otherSkillId] })
    t.match(await change({ skillIds: [] }), { status: 202, body: { resolvedTarget: { skillIds: [] } } })
    await waitUntilApplied()
    t.strictSame(await readRouting(), { priority: 3, skillIds: [], preferredUserIds: [] })
    t.equal(system.control.requests().counts['POST /conversations/{id}/participants/{id}/replace/queue'], 1, 'the call does not move')
  })

  t.test('when preferred agents are named, then the queue offers the call to them first, the most wanted one first', async (t) => {
    const { system, change, readRouting, waitUntilApplied, queueId, userId } = await setUpWaitingCall(t)
    const other = system.control.addAgent({ queueIds: [queueId], routingStatus: 'OFF_QUEUE' }).id
    t.match(await change({ preferredUserIds: [other, userId] }), {
      status: 202,
      body: { resolvedTarget: { preferredUserIds: [other, userId] } },
    })
    await waitUntilApplied()
    t.strictSame(await readRouting(), { priority: 3, skillIds: [], preferredUserIds: [other, userId] })
    t.equal((await change({ priority: 5 })).status, 202)
    await waitUntilApplied()
    t.strictSame(
      await readRouting(),
      { priority: 5, skillIds: [], preferredUserIds: [other, userId] },
      'they stay when only the priority is changed',
    )
  })

  t.test('when the same is asked for twice, then it is one change', async (t) => {
    const { system, change, waitUntilApplied, readAudit, skillId, otherSkillId } = await setUpWaitingCall(t)
    const before = countRoutingCommands(system)
    const first = await change({ priority: 9, skillIds: [skillId, otherSkillId] })
    await waitUntilApplied()
    const second = await change({ skillIds: [otherSkillId, skillId.toUpperCase()], priority: 9 })
    t.strictSame([second.status, second.body], [first.status, first.body])
    t.equal(countRoutingCommands(system) - before, 1)
    t.equal((await readAudit()).filter(({ status }) => status === 'change_requested').length, 1)
  })

  t.test('when the platform has refused a change, then the same change is tried again', async (t) => {
    const { system, change, waitUntilApplied, readRouting, readAudit } = await setUpWaitingCall(t)
    system.control.addFault({ operation: routingCommand, fault: { kind: 'status', status: 403 } })
    t.equal((await change({ priority: 9 })).status, 202)
    t.match(await waitUntilApplied(), { routing: 'refused' })
    t.match((await readAudit()).at(-1), { status: 'routing_refused' })
    t.equal((await change({ priority: 9 })).status, 202)
    t.match(await waitUntilApplied(), { routing: 'done' })
    t.match(await readRouting(), { priority: 9 })
  })

  t.test('when the platform fails for a while, or its answer is lost, then the change is put on the call all the same', async (t) => {
    const { system, change, waitUntilApplied, readRouting } = await setUpWaitingCall(t)
    for (const [priority, fault] of [
      [11, { kind: 'status', status: 503 }],
      [12, { kind: 'reset-before' }],
      [13, { kind: 'reset-after' }],
      [14, { kind: 'rate-limited', retryAfterSeconds: 1 }],
    ] as const) {
      system.control.addFault({ operation: routingCommand, times: 1, fault })
      t.equal((await change({ priority })).status, 202, fault.kind)
      t.match(await waitUntilApplied(), { routing: 'done' }, fault.kind)
      t.match(await readRouting(), { priority }, fault.kind)
    }
  })
})

t.test('given a change that cannot be made, then it is refused, and nothing is written', async (t) => {
  t.test('when the call was picked up', async (t) => {
    const { system, change, id, userId, readAudit } = await setUpWaitingCall(t)
    system.control.setAgent(userId, { routingStatus: 'IDLE' })
    await system.waitForState(id, 'picked_up')
    // A webhook may be delivered meanwhile, which is recorded too.
    const countEntries = async () => (await readAudit()).filter(({ status }) => !status.startsWith('delivery_')).length
    const before = await countEntries()
    t.match(await change({ priority: 9 }), { status: 409, body: { code: 'STATE_CONFLICT', transferId: id, retryable: false } })
    t.equal(await countEntries(), before)
  })

  t.test('when the call is at an agent or at a number', async (t) => {
    const system = await startTestSystem(t, { ALLOWED_NUMBERS: '+4930*' })
    const userId = system.control.addAgent({ answers: ['never'] }).id
    for (const target of [
      { type: 'agent', userId },
      { type: 'number', address: '+4930123456' },
    ]) {
      const { conversationId } = system.control.addConversation({ in: 'ivr' })
      const { body } = await system.postTransfer({ conversationId, target })
      const { change } = followTransfer(system, body.id, conversationId)
      t.match(await change({ priority: 9 }), { status: 409, body: { code: 'STATE_CONFLICT' } }, target.type)
    }
  })

  t.test('when the flow has not moved the call yet', async (t) => {
    const system = await startTestSystem(t)
    const { conversationId, queueId } = addQueue(system)
    const { body } = await system.postTransfer({ conversationId, mode: 'decide', target: { type: 'queue', queueId } })
    const { change, readRouting, waitUntilApplied } = followTransfer(system, body.id, conversationId)
    t.match(await change({ priority: 9 }), { status: 409, body: { code: 'STATE_CONFLICT' } })
    system.control.transferByFlow(conversationId, { queueId, skillIds: [], priority: 2 })
    await system.waitForState(body.id, 'initiated')
    t.match(await change({ priority: 9 }), { status: 202 }, 'it can be changed once the call waits')
    await waitUntilApplied()
    t.match(await readRouting(), { priority: 9 })
  })

  t.test('when the flow has moved the call with other skills and another priority, then what a change does not name stays', async (t) => {
    const system = await startTestSystem(t)
    const { conversationId, queueId, skillId, otherSkillId } = addQueue(system)
    const { body } = await system.postTransfer({ conversationId, mode: 'decide', target: { type: 'queue', queueId } })
    const { change, readRouting, waitUntilApplied } = followTransfer(system, body.id, conversationId)
    system.control.transferByFlow(conversationId, { queueId, skillIds: [skillId], priority: 20 })
    const { resolvedTarget } = await system.waitForState(body.id, 'initiated')
    t.match(resolvedTarget, { skillIds: [skillId], priority: 20 })
    await change({ priority: 21 })
    await waitUntilApplied()
    t.match(await readRouting(), { priority: 21, skillIds: [skillId] })
    await change({ skillIds: [otherSkillId] })
    await waitUntilApplied()
    t.match(await readRouting(), { priority: 21, skillIds: [otherSkillId] })
  })

  t.test('when a skill or an agent does not exist, or is not active', async (t) => {
    const { system, change, readRouting, otherSkillId } = await setUpWaitingCall(t)
    const inactiveSkill = system.control.addSkill({ state: 'inactive' }).id
    const before = await readRouting()
    for (const [fields, code] of [
      [{ skillIds: [otherSkillId, randomUUID()] }, 'TARGET_NOT_FOUND'],
      [{ skillIds: [inactiveSkill] }, 'TARGET_INACTIVE'],
      [{ preferredUserIds: [randomUUID()] }, 'TARGET_NOT_FOUND'],
    ] as const)
      t.match(await change({ priority: 9, ...fields } as never), { status: 422, body: { code } })
    t.strictSame(await readRouting(), before)
  })

  t.test('when the transfer does not exist, the key lacks the scope, or the key may not see it', async (t) => {
    const limited = createApiKey({
      scopes: ['transfers:write', 'transfers:read'],
      label: 'limited',
      queues: [randomUUID()],
      now: Date.now(),
    })
    const wrapLedger = (ledger: Ledger): Ledger => Object.assign(ledger, { listApiKeys: async () => [limited.stored] })
    const system = await startTestSystem(t, {}, {}, { wrapLedger })
    const { conversationId, queueId } = addQueue(system)
    const { body } = await system.postTransfer({ conversationId, target: { type: 'queue', queueId } })
    const { change } = followTransfer(system, body.id, conversationId)
    t.match(await system.request('PATCH', `/v1/transfers/${randomUUID()}`, { priority: 1 }), { status: 404, body: { code: 'NOT_FOUND' } })
    t.match(await change({ priority: 9 }, { authorization: `Bearer ${readerKey}` }), { status: 403, body: { code: 'FORBIDDEN' } })
    t.match(await change({ priority: 9 }, { authorization: `Bearer ${limited.text}` }), { status: 404, body: { code: 'NOT_FOUND' } })
    t.match(await change({ priority: 9 }), { status: 202 })
  })
})

t.test('given a key that is limited to a queue, when it changes a call that it sent there, then that is done', async (t) => {
  const queueId = randomUUID()
  const limited = createApiKey({ scopes: ['transfers:write', 'transfers:read'], label: 'limited', queues: [queueId], now: Date.now() })
  const wrapLedger = (ledger: Ledger): Ledger => Object.assign(ledger, { listApiKeys: async () => [limited.stored] })
  const system = await startTestSystem(t, {}, {}, { wrapLedger })
  system.control.addQueue({ id: queueId })
  const { conversationId } = system.control.addConversation({ in: 'ivr' })
  const headers = { authorization: `Bearer ${limited.text}` }
  const { body } = await system.postTransfer({ conversationId, target: { type: 'queue', queueId } }, headers)
  const { change, readRouting } = followTransfer(system, body.id, conversationId)
  t.match(await change({ priority: 9 }, headers), { status: 202, body: { resolvedTarget: { queueId, priority: 9 } } })
  await waitFor(async () => (await readRouting()).priority === 9, 'the new priority')
})
