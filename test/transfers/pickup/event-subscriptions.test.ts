import t from 'tap'
import { startWorld, usualScene, waitsIn, type World } from '../../support/service.ts'
import { until } from '../../support/until.ts'

/** Polls so rare that what is told in a test was heard. */
const rarely = { PICKUP_POLL_INTERVAL_MS: '4000', PICKUP_TIMEOUT_MS: '60000' }
const looks = (world: World, conversationId: string): number =>
  world.scene.calls().log.filter(({ operation, path }) => operation === 'GET /conversations/{id}' && path.endsWith(conversationId)).length

/** A queue whose events are heard: one call has gone there before. */
async function heardQueue(world: World) {
  const scene = usualScene(world.scene, [{ after: 60, with: 'pickup' }])
  await world.transfer({ conversationId: scene.conversationId, target: { type: 'queue', queueId: scene.queueId } })
  const topic = `v2.routing.queues.${scene.queueId}.conversations.calls`
  await until(() => world.app.genesys.feed?.covers(topic), 'the topic is covered')
  await until(() => world.crm.told.some(({ type }) => type === 'transfer.picked_up'), 'the first pickup')
  // It leaves the queue a moment later, which is an event as well.
  await until(
    async () =>
      (await world.conversation(scene.conversationId)).participants.every(
        ({ purpose, calls }) => purpose !== 'acd' || calls[0]?.state === 'terminated',
      ),
    'the first call out of the queue',
  )
  // The first agent talks on; the next call goes to this one.
  const { id: userId } = world.scene.addAgent({ queueIds: [scene.queueId], answers: [{ after: 60, with: 'pickup' }] })
  return { ...scene, userId, topic }
}
const anotherCall = (world: World) => world.scene.addConversation({ in: 'ivr', ani: '+4915112345678' }).conversationId

t.test(
  'given a queue whose events are heard, when a call is picked up there, then it is known at once and nobody has looked',
  async (t) => {
    const world = await startWorld(t, rarely)
    const { queueId, userId } = await heardQueue(world)
    const conversationId = anotherCall(world)
    const { body } = await world.transfer({ conversationId, target: { type: 'queue', queueId } })
    const done = await world.reaches(body.id, 'picked_up')
    t.match(done, { agentUserId: userId, bounces: 0, pickupMs: Number })
    t.equal(looks(world, conversationId), 1, 'the one before the call was moved')
  },
)

t.test(
  'given a caller who hangs up while he waits, when that is heard, then one look makes sure and the transfer is abandoned',
  async (t) => {
    const world = await startWorld(t, rarely)
    const { queueId, userId } = await heardQueue(world)
    world.scene.setAgent(userId, { answers: ['never'] })
    const conversationId = anotherCall(world)
    const { body } = await world.transfer({ conversationId, target: { type: 'queue', queueId } })
    await waitsIn(world, conversationId, queueId)
    world.scene.hangUp(conversationId)
    t.match(await world.reaches(body.id, 'abandoned'), { code: 'CALLER_ABANDONED' })
  },
)

t.test('given a look at a call, when an event comes meanwhile that asks for another, then the other follows at once', async (t) => {
  const world = await startWorld(t, { PICKUP_POLL_INTERVAL_MS: '10000' })
  const { queueId, userId } = await heardQueue(world)
  world.scene.setAgent(userId, { answers: [{ after: 400, with: 'decline' }, 'never'] })
  const conversationId = anotherCall(world)
  const { body } = await world.transfer({ conversationId, target: { type: 'queue', queueId } })
  await waitsIn(world, conversationId, queueId)
  const before = looks(world, conversationId)
  // The look that the declined offer leads to: what it shows was so when it was asked.
  world.scene.addFault({ operation: 'GET /conversations/{id}', conversationId, fault: { kind: 'delay', ms: 1_000 } })
  await until(() => looks(world, conversationId) > before, 'the look')
  world.scene.hangUp(conversationId)
  t.match(await world.reaches(body.id, 'abandoned'), { code: 'CALLER_ABANDONED' })
})

t.test('given a pickup whose event is lost with the connection, when the connection is back, then a look finds it', async (t) => {
  const world = await startWorld(t, rarely)
  const { queueId, topic } = await heardQueue(world)
  world.scene.notifications.addEventFault({ topic, times: 1, skip: 1, fault: { kind: 'cut' } })
  const conversationId = anotherCall(world)
  const { body } = await world.transfer({ conversationId, target: { type: 'queue', queueId } })
  t.match(await world.reaches(body.id, 'picked_up'), { state: 'picked_up' })
})

t.test('given events that come twice and late, then each transfer is told of once', async (t) => {
  const world = await startWorld(t, { PICKUP_POLL_INTERVAL_MS: '100' })
  const { queueId, userId, topic } = await heardQueue(world)
  world.scene.setAgent(userId, { routingStatus: 'OFF_QUEUE' })
  world.scene.notifications.addEventFault({ topic, times: 4, fault: { kind: 'duplicate' } })
  world.scene.notifications.addEventFault({ topic, times: 'always', fault: { kind: 'delay', ms: 150 } })
  const conversationId = anotherCall(world)
  const { body } = await world.transfer({ conversationId, target: { type: 'queue', queueId } })
  const trail = async () =>
    (await world.ask<{ entries: Array<{ status: string }> }>('GET', `/v1/transfers/${body.id}/audit`)).body.entries.map(
      ({ status }) => status,
    )
  const arrived = ['routing_applied', 'loop_guard_mirrored']
  // On a call that was picked up before, neither is put.
  await until(async () => {
    const written = await trail()
    return arrived.every((status) => written.includes(status))
  }, 'the arrival')
  world.scene.setAgent(userId, { routingStatus: 'IDLE' })
  await world.reaches(body.id, 'picked_up')
  await until(() => world.crm.about(body.id).length === 2, 'both told')
  const statuses = await trail()
  for (const once of ['initiated', 'picked_up', ...arrived]) t.equal(statuses.filter((status) => status === once).length, 1, `${once} once`)
})

t.test('given a topic that the platform refuses, then the pickup is polled', async (t) => {
  const world = await startWorld(t)
  world.scene.notifications.forbidTopics({ pattern: '*', missingPermissions: ['conversation:communication:view'] })
  const { conversationId, queueId } = usualScene(world.scene, [{ after: 100, with: 'pickup' }])
  const { body } = await world.transfer({ conversationId, target: { type: 'queue', queueId } })
  t.match(await world.reaches(body.id, 'picked_up'), { state: 'picked_up' })
  await until(() => world.lines.some((line) => /refuses a notification topic/.test(String(line['message']))), 'the line that says so')
})

t.test('given an agent as the target, then his own topic is heard', async (t) => {
  const world = await startWorld(t, rarely)
  const { conversationId, userId } = usualScene(world.scene, [{ after: 400, with: 'pickup' }])
  const { body } = await world.transfer({ conversationId, target: { type: 'agent', userId } })
  t.match(await world.reaches(body.id, 'picked_up'), { agentUserId: userId })
})
