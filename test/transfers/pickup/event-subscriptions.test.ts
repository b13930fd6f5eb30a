/** Pickups and hang-ups are found by notification events, and by polls where events are lost, late or not permitted. */
import t from 'tap'
import { startTestSystem, type TestSystem } from '../../support/test-system.ts'
import { setUpIvrCall, waitUntilQueued } from '../../support/calls.ts'
import { waitFor } from '../../support/wait-for.ts'

/** Scheduled polls are so far apart that a test sees only events, and polls that an event caused. */
const rarePolls = { PICKUP_POLL_INTERVAL_MS: '4000', PICKUP_TIMEOUT_MS: '60000' }
const countReads = (system: TestSystem, conversationId: string): number =>
  system.control.requests().log.filter(({ operation, path }) => operation === 'GET /conversations/{id}' && path.endsWith(conversationId))
    .length

/** Sets up a queue whose topic is subscribed, because one call has gone there before. */
async function setUpSubscribedQueue(system: TestSystem) {
  const ids = setUpIvrCall(system.control, [{ after: 60, with: 'pickup' }])
  // A pickup before the topic is subscribed would be found only by a poll, and polls are rare here.
  system.control.setAgent(ids.userId, { routingStatus: 'OFF_QUEUE' })
  await system.postTransfer({ conversationId: ids.conversationId, target: { type: 'queue', queueId: ids.queueId } })
  const topic = `v2.routing.queues.${ids.queueId}.conversations.calls`
  await waitFor(() => system.app.genesys.feed?.state().subscribed === 1, 'the topic to be subscribed')
  system.control.setAgent(ids.userId, { routingStatus: 'IDLE' })
  await waitFor(() => system.crm.accepted.some(({ type }) => type === 'transfer.picked_up'), 'the first pickup')
  // The call leaves the queue a moment after the pickup, which is an event too.
  await waitFor(
    async () =>
      (await system.getConversation(ids.conversationId)).participants.every(
        ({ purpose, calls }) => purpose !== 'acd' || calls[0]?.state === 'terminated',
      ),
    'the first call to leave the queue',
  )
  // The first agent is still talking, so the next call goes to the agent that is added here.
  const { id: userId } = system.control.addAgent({ queueIds: [ids.queueId], answers: [{ after: 60, with: 'pickup' }] })
  return { ...ids, userId, topic }
}
const addCall = (system: TestSystem) => system.control.addConversation({ in: 'ivr', ani: '+4915112345678' }).conversationId

t.test('given a subscribed queue, when a call is picked up there, then the pickup is recorded without a poll', async (t) => {
  const system = await startTestSystem(t, { ...rarePolls, PICKUP_POLL_INTERVAL_MS: '40000' })
  const { queueId, userId } = await setUpSubscribedQueue(system)
  const conversationId = addCall(system)
  const { body } = await system.postTransfer({ conversationId, target: { type: 'queue', queueId } })
  const done = await system.waitForState(body.id, 'picked_up')
  t.match(done, { agentUserId: userId, bounces: 0, pickupMs: Number })
  t.equal(countReads(system, conversationId), 1, 'the read before the call was moved')
})

t.test(
  'given a waiting caller, when an event shows that the caller hung up, then a poll confirms it and the transfer is abandoned',
  async (t) => {
    const system = await startTestSystem(t, rarePolls)
    const { queueId, userId } = await setUpSubscribedQueue(system)
    system.control.setAgent(userId, { answers: ['never'] })
    const conversationId = addCall(system)
    const { body } = await system.postTransfer({ conversationId, target: { type: 'queue', queueId } })
    await waitUntilQueued(system, conversationId, queueId)
    system.control.hangUp(conversationId)
    t.match(await system.waitForState(body.id, 'abandoned'), { code: 'CALLER_ABANDONED' })
  },
)

t.test('given a poll in progress, when an event shows that the caller hung up, then a second poll follows at once', async (t) => {
  const system = await startTestSystem(t, { PICKUP_POLL_INTERVAL_MS: '10000' })
  const { queueId, userId } = await setUpSubscribedQueue(system)
  system.control.setAgent(userId, { answers: [{ after: 400, with: 'decline' }, 'never'] })
  const conversationId = addCall(system)
  const { body } = await system.postTransfer({ conversationId, target: { type: 'queue', queueId } })
  await waitUntilQueued(system, conversationId, queueId)
  const readsBefore = countReads(system, conversationId)
  // When the agent declines, the service polls. The response is delayed, and shows the call as it was before the caller hung up.
  system.control.addFault({ operation: 'GET /conversations/{id}', conversationId, fault: { kind: 'delay', ms: 1_000 } })
  await waitFor(() => countReads(system, conversationId) > readsBefore, 'the first poll to start')
  system.control.hangUp(conversationId)
  t.match(await system.waitForState(body.id, 'abandoned'), { code: 'CALLER_ABANDONED' })
})

t.test('given a connection that is cut before the pickup, when it is restored, then a poll finds the pickup', async (t) => {
  const system = await startTestSystem(t, rarePolls)
  const { queueId, topic } = await setUpSubscribedQueue(system)
  // The call's second event cuts the connection. That event is lost, and so is each one until the connection is restored.
  system.control.notifications.addEventFault({ topic, times: 1, skip: 1, fault: { kind: 'cut' } })
  const conversationId = addCall(system)
  const { body } = await system.postTransfer({ conversationId, target: { type: 'queue', queueId } })
  t.match(await system.waitForState(body.id, 'picked_up'), { state: 'picked_up' })
})

t.test('given events that arrive twice or late, when a call is picked up, then each change is recorded once', async (t) => {
  const system = await startTestSystem(t, { PICKUP_POLL_INTERVAL_MS: '100' })
  const { queueId, userId, topic } = await setUpSubscribedQueue(system)
  system.control.setAgent(userId, { routingStatus: 'OFF_QUEUE' })
  // The first four events are duplicated, and all later ones are delayed.
  system.control.notifications.addEventFault({ topic, times: 4, fault: { kind: 'duplicate' } })
  system.control.notifications.addEventFault({ topic, times: 'always', fault: { kind: 'delay', ms: 150 } })
  const conversationId = addCall(system)
  const { body } = await system.postTransfer({ conversationId, target: { type: 'queue', queueId }, priority: 1 })
  const auditStatuses = async () =>
    (await system.request<{ entries: Array<{ status: string }> }>('GET', `/v1/transfers/${body.id}/audit`)).body.entries.map(
      ({ status }) => status,
    )
  const updateStatuses = ['routing_applied', 'loop_guard_mirrored']
  // The agent must not pick up before the service has updated the call, because a call that was picked up is not updated.
  await waitFor(async () => {
    const statuses = await auditStatuses()
    return updateStatuses.every((status) => statuses.includes(status))
  }, 'the call to be updated')
  system.control.setAgent(userId, { routingStatus: 'IDLE' })
  await system.waitForState(body.id, 'picked_up')
  await waitFor(() => system.crm.eventTypesFor(body.id).length === 2, 'both webhooks, initiated and picked_up')
  const statuses = await auditStatuses()
  for (const expected of ['initiated', 'picked_up', ...updateStatuses])
    t.equal(statuses.filter((status) => status === expected).length, 1, `${expected} once`)
})

t.test(
  'given a topic that the platform rejects, when a call is picked up, then a poll finds the pickup and the rejection is logged',
  async (t) => {
    const system = await startTestSystem(t)
    system.control.notifications.forbidTopics({ pattern: '*', missingPermissions: ['conversation:communication:view'] })
    const { conversationId, queueId } = setUpIvrCall(system.control, [{ after: 100, with: 'pickup' }])
    const { body } = await system.postTransfer({ conversationId, target: { type: 'queue', queueId } })
    t.match(await system.waitForState(body.id, 'picked_up'), { state: 'picked_up' })
    await waitFor(
      () => system.logLines.some((line) => /rejected a notification topic/.test(String(line['message']))),
      'the log line about the rejected topic',
    )
  },
)

t.test(
  "given an agent as the target, when the agent picks up, then an event on the agent's own topic shows it without a poll",
  async (t) => {
    const system = await startTestSystem(t, rarePolls)
    const { userId } = setUpIvrCall(system.control, [{ after: 400, with: 'pickup' }])
    system.control.configure({ talkMs: 10, afterCallWorkMs: 0 })
    /** Has the agent pick up a call. @returns how often the service has read the conversation */
    async function countReadsOfCall(): Promise<number> {
      const { id, conversationId } = await waitFor(async () => {
        const { status, body } = await system.postTransfer({ conversationId: addCall(system), target: { type: 'agent', userId } })
        return status === 202 && body
      }, 'the agent to be free')
      t.match(await system.waitForState(id, 'picked_up'), { agentUserId: userId })
      return countReads(system, conversationId)
    }
    // The topic stays subscribed for the calls that follow, and only a new subscription leads to a poll.
    const reads = [await countReadsOfCall(), await countReadsOfCall(), await countReadsOfCall()]
    t.ok(reads.includes(1), `${reads.join(', ')} reads: only the one before the call is moved`)
  },
)
