/** How moving on to the next place works together with the pickup timeout, a restart of the service, and an operator who settles a hop. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout } from 'node:timers/promises'
import t from 'tap'
import { takeSnapshot } from '../../../src/conversations/snapshot.ts'
import { parseConversation } from '../../../src/conversations/conversation.ts'
import { beginHop } from '../../../src/transfers/hops/hop-changes.ts'
import { transition } from '../../../src/transfers/transition.ts'
import { waitUntilQueued } from '../../support/calls.ts'
import { createPlatformClient } from '../../support/platform-client.ts'
import { startService } from '../../support/service.ts'
import { testSettings } from '../../support/settings.ts'
import { startPlatformAndCrm, startTestSystem } from '../../support/test-system.ts'
import {
  moveByHand,
  movesOf,
  overflowAfterSeconds,
  readTransfer,
  requestInOrder,
  setUpScene,
  summarizeHops,
  toQueue,
  waitForState,
  type SceneSystem,
} from './scene.ts'

t.test('given a pickup timeout that is shorter than the wait at the first place, then it applies at the last place only', async (t) => {
  const system = await startTestSystem(t, { PICKUP_TIMEOUT_MS: '300' })
  const { conversationId, emptyQueue, otherEmptyQueue } = setUpScene(system)
  const id = await requestInOrder(system, conversationId, [{ ...toQueue(emptyQueue), overflowAfterSeconds: 1 }, toQueue(otherEmptyQueue)])
  const transfer = await waitForState(system, id, 'timeout')
  t.strictSame(summarizeHops(transfer), [`1 ${emptyQueue} overflowed`, `2 ${otherEmptyQueue} timeout`])
  const atLast = Date.parse(transfer.updatedAt) - Date.parse(String(transfer.hops[1]?.initiatedAt))
  t.ok(atLast >= 300, 'the timeout counts from the last hop')
})

t.test('given a service that is stopped while a call waits', async (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'handoff-'))
  t.teardown(() => rmSync(folder, { recursive: true }))
  const { simulator, crm } = await startPlatformAndCrm(t)
  const settings = { ...testSettings(simulator.url, crm.url), DATABASE_URL: `sqlite:${join(folder, 'ledger.db')}` }
  const start = async (): Promise<SceneSystem & { stop(): Promise<void> }> => ({
    ...(await startService(t, settings)),
    simulator,
    control: simulator.control,
    crm,
    getConversation: createPlatformClient(simulator.url).getConversation,
  })

  t.test('when it is started again after the time to move on, then the call moves on', async (t) => {
    const before = await start()
    const { conversationId, emptyQueue, staffedQueue } = setUpScene(before)
    const id = await requestInOrder(before, conversationId, [toQueue(emptyQueue), toQueue(staffedQueue)])
    await before.stop()
    await setTimeout(1_000 * overflowAfterSeconds)
    t.strictSame(movesOf(before, conversationId), [emptyQueue])
    const after = await start()
    t.strictSame(summarizeHops(await waitForState(after, id, 'picked_up')), [`1 ${emptyQueue} overflowed`, `2 ${staffedQueue} picked_up`])
    t.strictSame(movesOf(after, conversationId), [emptyQueue, staffedQueue])
    await after.stop()
  })

  t.test('when it is started again before the time to move on, then that time still counts from when the call began to wait', async (t) => {
    const before = await start()
    const { conversationId, emptyQueue, staffedQueue } = setUpScene(before)
    const id = await requestInOrder(before, conversationId, [{ ...toQueue(emptyQueue), overflowAfterSeconds: 6 }, toQueue(staffedQueue)])
    await before.stop()
    // Most of the time is over before the restart, so that the call is not moved late enough to look as if it had been counted from there.
    await setTimeout(4_000)
    const after = await start()
    const startedAt = Date.now()
    const { hops } = await waitForState(after, id, 'picked_up')
    const [first, second] = hops.map(({ initiatedAt }) => Date.parse(String(initiatedAt)))
    t.ok(Number(second) - Number(first) >= 6_000, 'no sooner')
    t.ok(Number(second) - startedAt < 6_000 || startedAt - Number(first) < 1, 'not counted again from the restart')
    await after.stop()
  })
})

t.test('given a hop whose outcome nobody knows, when an operator settles it', async (t) => {
  const system = await startTestSystem(t)
  const { app } = system
  const operator = { id: 'ops', queues: null }

  /** A transfer that is indeterminate since its call was to move on from the first place to the second. */
  async function setUpIndeterminate() {
    const scene = setUpScene(system)
    const id = await requestInOrder(system, scene.conversationId, [
      { ...toQueue(scene.emptyQueue), overflowAfterSeconds: 600 },
      toQueue(scene.otherEmptyQueue),
    ])
    await waitUntilQueued(system, scene.conversationId, scene.emptyQueue)
    const conversation = parseConversation(await system.getConversation(scene.conversationId))
    const acd = conversation.participants.find(({ queueId }) => queueId === scene.emptyQueue)
    const record = await app.ledger.findTransfer(id)
    if (!acd || !record) throw new Error('the call does not wait')
    const now = Date.now()
    const next = {
      resolvedTarget: { type: 'queue', queueId: scene.otherEmptyQueue, skillIds: [], languageId: null, priority: 0, usedFallback: true },
      place: `queue:${scene.otherEmptyQueue}`,
      candidateIndex: 1,
      overflowAfterMs: null,
    } as const
    const rules = { deadlineMs: 0, writesLoopGuardAttributes: true }
    const patch = beginHop(
      record,
      { ...next, resolvedTarget: { ...next.resolvedTarget, skillIds: [] } },
      0,
      takeSnapshot(conversation, acd, now),
      now,
      rules,
    )
    const executing = transition(record, 'executing', { ...patch, attempt: 2 }, { stage: 'execution' }, now)
    const indeterminate = transition(executing.record, 'indeterminate', { code: 'OUTCOME_UNKNOWN' }, { stage: 'execution' }, now)
    for (const { record: written, from, audit } of [executing, indeterminate])
      await app.ledger.writeChange({ record: written, from, ...(audit && { audit }) })
    return { ...scene, id }
  }

  t.test('as moved, then the pickup at the new place is recorded', async (t) => {
    const { id, conversationId, emptyQueue, otherEmptyQueue } = await setUpIndeterminate()
    t.match(await app.transfers.settle(id, 'initiated', 'seen in the other queue', operator), { state: 'initiated', code: null })
    t.equal(await moveByHand(system, conversationId, otherEmptyQueue, 'acd'), 202)
    const userId = system.control.addAgent({ queueIds: [otherEmptyQueue], answers: [{ after: 5, with: 'pickup' }] }).id
    const transfer = await waitForState(system, id, 'picked_up')
    t.match(transfer, { agentUserId: userId })
    t.strictSame(summarizeHops(transfer), [`1 ${emptyQueue} overflowed`, `2 ${otherEmptyQueue} picked_up`])
  })

  t.test('as not moved, then the pickup at the place before is recorded', async (t) => {
    const { id, conversationId, emptyQueue } = await setUpIndeterminate()
    t.match(await app.transfers.settle(id, 'rejected', 'still in the first queue', operator), {
      state: 'initiated',
      code: null,
      message: null,
      resolvedTarget: { queueId: emptyQueue },
    })
    t.strictSame(summarizeHops(await readTransfer(system, id)), [`1 ${emptyQueue} null`])
    const userId = system.control.addAgent({ queueIds: [emptyQueue], answers: [{ after: 5, with: 'pickup' }] }).id
    system.control.setAgent(userId, { routingStatus: 'IDLE' })
    t.match(await waitForState(system, id, 'picked_up'), { agentUserId: userId })
    t.strictSame(movesOf(system, conversationId), [emptyQueue])
  })

  t.test('as given up by the caller, then the transfer is abandoned at the place before', async (t) => {
    const { id, emptyQueue } = await setUpIndeterminate()
    await app.transfers.settle(id, 'abandoned', 'the caller had hung up', operator)
    const transfer = await readTransfer(system, id)
    t.match(transfer, { state: 'abandoned', code: 'CALLER_ABANDONED' })
    t.strictSame(summarizeHops(transfer), [`1 ${emptyQueue} abandoned`], 'the call was never seen at another place')
  })
})
