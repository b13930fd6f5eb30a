/** Pickups, hang-ups, other transfers and platform faults at the moment at which a call is to move on: a pickup counts, and no call moves twice. */
import t, { type Test } from 'tap'
import type { Target } from '../../../src/model/target-schema.ts'
import type { TestContext } from '../../support/build.ts'
import { waitUntilQueued } from '../../support/calls.ts'
import { holdQueueCommands } from '../../support/hold-queue-commands.ts'
import { startTestSystem } from '../../support/test-system.ts'
import { waitFor } from '../../support/wait-for.ts'
import {
  moveByHand,
  movesOf,
  queueCommand,
  readAudit,
  readStatuses,
  readTransfer,
  requestInOrder,
  setUpScene,
  summarizeHops,
  toQueue,
  waitForEntry,
  waitForHop,
  waitForState,
} from './scene.ts'

// The tests mostly wait, each for a system of its own.
t.jobs = 3

/** Sets up a call that waits at its first place, and holds back the command that moves it on. */
async function holdMove(t: TestContext) {
  const system = await startTestSystem(t)
  const scene = setUpScene(system)
  const held = holdQueueCommands(t, system, 1)
  const id = await requestInOrder(system, scene.conversationId, [toQueue(scene.emptyQueue), toQueue(scene.staffedQueue)])
  await waitFor(() => held.heldCount === 1, 'the command that moves the call on')
  t.teardown(() => held.release())
  const findParticipant = async (purpose: string, queueId: string, state: string) =>
    (await system.getConversation(scene.conversationId)).participants.find(
      (participant) => participant.purpose === purpose && participant.queueId === queueId && participant.calls[0]?.state === state,
    )
  return { system, ...scene, id, held, findParticipant }
}

t.test('given a call that is about to move on', async (t) => {
  t.test('when an agent picks up just before the command, then that pickup is recorded, and the call does not move', async (t) => {
    const { system, id, held, conversationId, emptyQueue, findParticipant } = await holdMove(t)
    const userId = system.control.addAgent({ queueIds: [emptyQueue], answers: [{ after: 5, with: 'pickup' }] }).id
    system.control.setAgent(userId, { routingStatus: 'IDLE' })
    await waitFor(
      () => findParticipant('acd', emptyQueue, 'disconnected').then((acd) => acd ?? findParticipant('acd', emptyQueue, 'terminated')),
      'the pickup',
    )
    held.release()
    const transfer = await waitForState(system, id, 'picked_up')
    t.match(transfer, { agentUserId: userId, resolvedTarget: { queueId: emptyQueue }, transferPath: [`queue:${emptyQueue}`] })
    t.strictSame(summarizeHops(transfer), [`1 ${emptyQueue} picked_up`])
    t.strictSame(movesOf(system, conversationId), [emptyQueue])
    t.strictSame(await readStatuses(system, id), ['accepted', 'executing', 'initiated', 'executing', 'initiated', 'picked_up'])
    const returnEntry = (await readAudit(system, id)).findLast(({ status }) => status === 'initiated')
    t.match(returnEntry?.detail, { from: 'executing', returned: /^GENESYS_CONFLICT/ })
    await waitFor(() => system.crm.eventTypesFor(id).length === 2, 'both events')
    t.strictSame(system.crm.eventTypesFor(id), ['transfer.initiated', 'transfer.picked_up'], 'the CRM gets no event about the attempt')
  })

  t.test(
    'when an agent picks up and the platform accepts the command all the same, then the call stays with the agent, and the pickup is recorded',
    async (t) => {
      const { system, id, held, conversationId, emptyQueue, findParticipant } = await holdMove(t)
      const userId = system.control.addAgent({ queueIds: [emptyQueue], answers: [{ after: 5, with: 'pickup' }] }).id
      system.control.setAgent(userId, { routingStatus: 'IDLE' })
      // The queue keeps its leg for 50 ms after the pickup, as on a recorded call.
      await waitFor(() => findParticipant('agent', emptyQueue, 'connected'), 'the pickup')
      held.release()
      const transfer = await waitForState(system, id, 'picked_up')
      t.match(transfer, { agentUserId: userId, resolvedTarget: { queueId: emptyQueue } })
      t.strictSame(summarizeHops(transfer), [`1 ${emptyQueue} picked_up`])
      t.ok(movesOf(system, conversationId).length <= 2)
    },
  )

  t.test(
    'when an agent picks up after the platform accepted the command, but before it moves the call, then that pickup is recorded',
    async (t) => {
      const system = await startTestSystem(t)
      const { conversationId, emptyQueue } = setUpScene(system)
      const slowQueue = system.control.addQueue({ queueDelayMs: 60_000 }).id
      const id = await requestInOrder(system, conversationId, [toQueue(emptyQueue), toQueue(slowQueue)])
      await waitForHop(system, id, 2)
      const userId = system.control.addAgent({ queueIds: [emptyQueue], answers: [{ after: 5, with: 'pickup' }] }).id
      system.control.setAgent(userId, { routingStatus: 'IDLE' })
      const transfer = await waitForState(system, id, 'picked_up')
      t.match(transfer, { agentUserId: userId, transferPath: [`queue:${emptyQueue}`] })
      t.strictSame(summarizeHops(transfer), [`1 ${emptyQueue} picked_up`])
      t.match(await waitForEntry(system, id, 'hop_failed'), { detail: { seen: 'picked_up' } })
      await waitFor(() => system.crm.eventTypesFor(id).length === 3, 'three events')
      t.strictSame(system.crm.eventTypesFor(id), ['transfer.initiated', 'transfer.overflowed', 'transfer.picked_up'])
    },
  )

  t.test('when the caller hangs up after the platform accepted the command, then the transfer is abandoned at the new place', async (t) => {
    const system = await startTestSystem(t)
    const { conversationId, emptyQueue } = setUpScene(system)
    const slowQueue = system.control.addQueue({ queueDelayMs: 60_000 }).id
    const id = await requestInOrder(system, conversationId, [toQueue(emptyQueue), toQueue(slowQueue)])
    await waitForHop(system, id, 2)
    system.control.hangUp(conversationId)
    const transfer = await waitForState(system, id, 'abandoned')
    t.strictSame(summarizeHops(transfer), [`1 ${emptyQueue} overflowed`, `2 ${slowQueue} abandoned`])
  })

  t.test('when the caller hangs up before the command, then the transfer is abandoned at the place where the call waited', async (t) => {
    const { system, id, held, conversationId, emptyQueue } = await holdMove(t)
    system.control.hangUp(conversationId)
    held.release()
    t.strictSame(summarizeHops(await waitForState(system, id, 'abandoned')), [`1 ${emptyQueue} abandoned`])
    t.strictSame(movesOf(system, conversationId), [emptyQueue])
  })

  t.test('when somebody moves the call by hand, then the transfer is superseded, and the call is left alone', async (t) => {
    const { system, id, held, conversationId, emptyQueue, otherEmptyQueue, findParticipant } = await holdMove(t)
    t.equal(await moveByHand(system, conversationId, otherEmptyQueue, 'acd'), 202)
    await waitFor(() => findParticipant('acd', otherEmptyQueue, 'connected'), 'the call in the other queue')
    held.release()
    t.strictSame(summarizeHops(await waitForState(system, id, 'superseded')), [`1 ${emptyQueue} superseded`])
    t.strictSame(movesOf(system, conversationId), [emptyQueue, otherEmptyQueue])
  })

  t.test('when an agent picks up and transfers the call by hand, then the pickup is recorded', async (t) => {
    const { system, id, held, conversationId, emptyQueue, otherEmptyQueue, findParticipant } = await holdMove(t)
    const userId = system.control.addAgent({ queueIds: [emptyQueue], answers: [{ after: 5, with: 'pickup' }] }).id
    system.control.setAgent(userId, { routingStatus: 'IDLE' })
    await waitFor(() => findParticipant('agent', emptyQueue, 'connected'), 'the pickup')
    await moveByHand(system, conversationId, otherEmptyQueue, 'agent')
    await waitFor(() => findParticipant('acd', otherEmptyQueue, 'connected'), 'the call in the other queue')
    held.release()
    t.match(await waitForState(system, id, 'picked_up'), { agentUserId: userId })
    t.strictSame(movesOf(system, conversationId), [emptyQueue, otherEmptyQueue])
  })

  t.test('when an agent declines the call, then it moves on', async (t) => {
    const { system, id, held, conversationId, emptyQueue, staffedQueue, findParticipant } = await holdMove(t)
    const userId = system.control.addAgent({ queueIds: [emptyQueue], answers: [{ after: 5, with: 'decline' }, 'never'] }).id
    system.control.setAgent(userId, { routingStatus: 'IDLE' })
    await waitFor(() => findParticipant('agent', emptyQueue, 'alerting'), 'the second offer')
    held.release()
    t.match(await waitForState(system, id, 'picked_up'), { resolvedTarget: { queueId: staffedQueue } })
    t.strictSame(movesOf(system, conversationId), [emptyQueue, staffedQueue])
  })

  t.test('when another transfer of the call is requested, then it is refused as retryable, and the first one goes on', async (t) => {
    const { system, id, held, conversationId, emptyQueue, otherEmptyQueue, staffedQueue } = await holdMove(t)
    t.match(await system.postTransfer({ conversationId, target: toQueue(otherEmptyQueue) }), {
      status: 409,
      body: { code: 'TRANSFER_IN_PROGRESS', transferId: id, retryable: true },
    })
    held.release()
    await waitForState(system, id, 'picked_up')
    t.strictSame(movesOf(system, conversationId), [emptyQueue, staffedQueue])
  })

  t.test('when the same transfer is requested again, then the response has the running transfer at once', async (t) => {
    const { system, id, held, conversationId, emptyQueue } = await holdMove(t)
    const { status, body } = await system.postTransfer({ conversationId, target: toQueue(emptyQueue) })
    t.match({ status, body }, { status: 202, body: { id, state: 'executing', hops: [{ number: 1 }, { number: 2, initiatedAt: null }] } })
    held.release()
    await waitForState(system, id, 'picked_up')
  })
})

t.test('given a newer transfer of the same call', async (t) => {
  /** A place at which the call waits long enough for another request, even on a busy machine. */
  const toQueueForLonger = (queueId: string): Target => ({ type: 'queue', queueId, overflowAfterSeconds: 3 })

  t.test('when the command of the newer transfer is under way, then the older one does not move the call, and is superseded', async (t) => {
    const system = await startTestSystem(t)
    const { conversationId, emptyQueue, otherEmptyQueue, staffedQueue } = setUpScene(system)
    const held = holdQueueCommands(t, system, 1)
    const id = await requestInOrder(system, conversationId, [toQueueForLonger(emptyQueue), toQueue(otherEmptyQueue)])
    await waitUntilQueued(system, conversationId, emptyQueue)
    const newer = system.postTransfer({ conversationId, target: toQueue(staffedQueue) })
    t.match(await waitForEntry(system, id, 'overflow_blocked'), { detail: { blockedBy: /of this conversation is newer/ } })
    held.release()
    t.equal((await newer).status, 202)
    await waitForState(system, id, 'superseded')
    t.strictSame(movesOf(system, conversationId), [emptyQueue, staffedQueue])
  })

  t.test('when the newer transfer is a decision for the flow, then the older one does not move the call', async (t) => {
    const system = await startTestSystem(t)
    const { conversationId, emptyQueue, otherEmptyQueue, staffedQueue } = setUpScene(system)
    const id = await requestInOrder(system, conversationId, [toQueueForLonger(emptyQueue), toQueue(otherEmptyQueue)])
    await waitUntilQueued(system, conversationId, emptyQueue)
    t.match(await system.postTransfer({ conversationId, target: toQueue(staffedQueue), mode: 'decide' }), { status: 202 })
    await waitForEntry(system, id, 'overflow_blocked')
    t.strictSame(movesOf(system, conversationId), [emptyQueue])
    system.control.hangUp(conversationId)
    await waitForState(system, id, 'abandoned')
  })
})

t.test('given a platform that does not answer as it should', async (t) => {
  const system = await startTestSystem(t, { TRANSFER_DEADLINE_MS: '6000' })
  const { control } = system
  /** Sets up a call that waits at its first place, and a fault of the platform for the command that moves it on. */
  async function setUpFault(fault: Parameters<typeof control.addFault>[0]['fault'], times: number | 'always' = 1) {
    const scene = setUpScene(system)
    const { conversationId, emptyQueue, otherEmptyQueue, staffedQueue } = scene
    control.addFault({ operation: queueCommand, conversationId, skip: 1, times, fault })
    const id = await requestInOrder(system, conversationId, [toQueue(emptyQueue), toQueue(staffedQueue), toQueue(otherEmptyQueue)])
    return { ...scene, id }
  }
  const assertMovedOnce = async (t: Test, id: string, { conversationId, emptyQueue, staffedQueue }: ReturnType<typeof setUpScene>) => {
    const transfer = await waitForState(system, id, 'picked_up')
    t.strictSame(summarizeHops(transfer), [`1 ${emptyQueue} overflowed`, `2 ${staffedQueue} picked_up`])
    t.strictSame(movesOf(system, conversationId), [emptyQueue, staffedQueue], 'the call moved on once')
  }

  t.test('when the answer is lost, then the move is found in the conversation', async (t) => {
    const { id, ...scene } = await setUpFault({ kind: 'reset-after' })
    await assertMovedOnce(t, id, scene)
    await waitFor(() => system.crm.eventTypesFor(id).length === 3, 'three events')
    t.strictSame(system.crm.eventTypesFor(id), ['transfer.initiated', 'transfer.overflowed', 'transfer.picked_up'])
  })
  t.test('when the answer is too late, then the move is found in the conversation', async (t) => {
    const { id, ...scene } = await setUpFault({ kind: 'delay', ms: 7_000 })
    await assertMovedOnce(t, id, scene)
  })
  t.test('when the command never arrives, then it is sent once more', async (t) => {
    const { id, ...scene } = await setUpFault({ kind: 'reset-before' })
    await assertMovedOnce(t, id, scene)
    t.strictSame(
      (await readAudit(system, id)).filter(({ status }) => status === 'executing').map(({ detail }) => [detail['hop'], detail['attempt']]),
      [
        [undefined, 1],
        [2, 1],
        [2, 2],
      ],
    )
  })
  t.test('when there is a conflict, then the command is sent again, because the call still waits', async (t) => {
    const { id, ...scene } = await setUpFault({ kind: 'conflict' })
    await assertMovedOnce(t, id, scene)
  })
  t.test('when the platform throttles the command, then it is sent again', async (t) => {
    const { id, ...scene } = await setUpFault({ kind: 'rate-limited', retryAfterSeconds: 0 })
    await assertMovedOnce(t, id, scene)
  })

  t.test('when an agent picks up while the outcome is unknown, then that pickup is recorded, and no second command is sent', async (t) => {
    const { id, conversationId, emptyQueue } = await setUpFault({ kind: 'reset-before' })
    await waitFor(async () => (await readTransfer(system, id)).hops.length === 2, 'the second hop')
    const userId = control.addAgent({ queueIds: [emptyQueue], answers: [{ after: 5, with: 'pickup' }] }).id
    control.setAgent(userId, { routingStatus: 'IDLE' })
    const transfer = await waitForState(system, id, 'picked_up')
    t.match(transfer, { agentUserId: userId })
    t.strictSame(summarizeHops(transfer), [`1 ${emptyQueue} picked_up`])
    t.strictSame(movesOf(system, conversationId), [emptyQueue])
  })

  t.test('when the caller hangs up while the outcome is unknown, then the transfer is abandoned', async (t) => {
    const { id, conversationId, emptyQueue } = await setUpFault({ kind: 'reset-before' })
    await waitFor(async () => (await readTransfer(system, id)).hops.length === 2, 'the second hop')
    control.hangUp(conversationId)
    t.strictSame(summarizeHops(await waitForState(system, id, 'abandoned')), [`1 ${emptyQueue} abandoned`])
  })

  t.test('when the platform refuses to move the call to one place, then the place after that is tried', async (t) => {
    const { id, conversationId, emptyQueue, otherEmptyQueue } = await setUpFault({ kind: 'status', status: 400 })
    const transfer = await waitForHop(system, id, 2)
    t.strictSame(summarizeHops(transfer), [`1 ${emptyQueue} overflowed`, `2 ${otherEmptyQueue} null`])
    t.strictSame(movesOf(system, conversationId), [emptyQueue, otherEmptyQueue])
    control.hangUp(conversationId)
    await waitForState(system, id, 'abandoned')
  })

  t.test('when the platform never carries out a command, then the call stays, and its pickup there is recorded', async (t) => {
    const { id, conversationId, emptyQueue } = await setUpFault({ kind: 'status', status: 503 }, 'always')
    t.match(await waitForEntry(system, id, 'executing'), {})
    const hasReturned = async () => (await readAudit(system, id)).some(({ detail }) => detail['returned'] !== undefined)
    await waitFor(hasReturned, 'the return to the first hop', 30_000)
    const userId = control.addAgent({ queueIds: [emptyQueue], answers: [{ after: 5, with: 'pickup' }] }).id
    control.setAgent(userId, { routingStatus: 'IDLE' })
    t.match(await waitForState(system, id, 'picked_up'), { agentUserId: userId, resolvedTarget: { queueId: emptyQueue } })
    t.strictSame(movesOf(system, conversationId), [emptyQueue])
  })
})
