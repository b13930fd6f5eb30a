/** What happens around a change of a waiting call: other changes, the updates of the request, a pickup, a hang-up, the next hop, another node. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import t from 'tap'
import { StoreUnavailable } from '../../../src/ledger/contract/errors.ts'
import type { Ledger } from '../../../src/ledger/contract/ledger.ts'
import type { Problem } from '../../../src/model/problems.ts'
import type { Target } from '../../../src/model/target-schema.ts'
import type { TestContext } from '../../support/build.ts'
import { holdQueueCommands } from '../../support/hold-queue-commands.ts'
import { overrideWriteChange } from '../../support/override-write-change.ts'
import { startService } from '../../support/service.ts'
import { testSettings } from '../../support/settings.ts'
import { startTestSystem } from '../../support/test-system.ts'
import { waitFor } from '../../support/wait-for.ts'
import { movesOf, queueCommand, readTransfer, requestInOrder, setUpScene, summarizeHops, toQueue, waitForHop } from '../overflow/scene.ts'
import { addQueue, countRoutingCommands, followTransfer, holdRoutingCommands, routingCommand, setUpWaitingCall } from './scene.ts'

t.setTimeout(240_000)

t.test('given two changes in a row, then the later one wins', async (t) => {
  t.test('when the platform is slow to take the first one', async (t) => {
    const { system, change, readRouting, waitUntilApplied } = await setUpWaitingCall(t)
    const held = holdRoutingCommands(t, system)
    t.equal((await change({ priority: 5 })).status, 202)
    await waitFor(() => held.priorities.includes(5), 'the command of the first change')
    t.match(await change({ priority: 6 }), { status: 202, body: { resolvedTarget: { priority: 6 } } })
    held.release()
    await waitUntilApplied()
    t.strictSame(held.priorities, [5, 6], 'one after the other')
    t.match(await readRouting(), { priority: 6 })
  })

  t.test('when they arrive at the same time, many times', async (t) => {
    const { system, id, change, readRouting, waitUntilApplied } = await setUpWaitingCall(t)
    for (let round = 0; round < 10; round++) {
      const responses = await Promise.all([change({ priority: 100 + round }), change({ skillIds: [] }), change({ priority: 200 + round })])
      t.strictSame(
        responses.map(({ status }) => status),
        [202, 202, 202],
      )
      await waitUntilApplied()
      const { body } = await system.request('GET', `/v1/transfers/${id}`)
      t.match(await readRouting(), { priority: body.resolvedTarget?.priority })
    }
  })

  t.test('when the second one takes the first one back, then an event that is older than both does not count', async (t) => {
    const system = await startTestSystem(t)
    const { conversationId, queueId } = addQueue(system)
    await system.postTransfer({
      conversationId: system.control.addConversation({ in: 'ivr' }).conversationId,
      target: { type: 'queue', queueId },
    })
    await waitFor(() => system.app.genesys.feed?.state().subscribed === 1, 'the events about the queue')
    // What an event shows was true a while ago.
    system.control.notifications.addEventFault({ times: 'always', fault: { kind: 'delay', ms: 6_000 } })
    const { body } = await system.postTransfer({ conversationId, target: { type: 'queue', queueId }, priority: 3 })
    const { change, readRouting, waitUntilApplied } = followTransfer(system, body.id, conversationId)
    await waitUntilApplied()
    t.equal((await change({ priority: 9 })).status, 202)
    await waitUntilApplied()
    system.control.addFault({ operation: routingCommand, times: 'always', fault: { kind: 'status', status: 503 } })
    t.equal((await change({ priority: 3 })).status, 202)
    const eventsBefore = Number(system.app.genesys.feed?.state().events)
    await waitFor(() => Number(system.app.genesys.feed?.state().events) > eventsBefore + 1, 'events about the first priority')
    system.control.clearFaults()
    await waitUntilApplied()
    t.match(await readRouting(), { priority: 3 })
  })
})

t.test(
  'given skills and priority of the request that are not on the call yet, when they are changed, then the call gets the changed ones',
  async (t) => {
    const system = await startTestSystem(t)
    const { conversationId, queueId, skillId } = addQueue(system)
    const held = holdRoutingCommands(t, system)
    const { body } = await system.postTransfer({ conversationId, target: { type: 'queue', queueId, skillIds: [skillId] }, priority: 3 })
    const { change, readRouting, waitUntilApplied } = followTransfer(system, body.id, conversationId)
    await waitFor(() => held.priorities.includes(3), 'the command of the request')
    t.equal((await change({ priority: 8 })).status, 202)
    held.release()
    await waitUntilApplied()
    t.strictSame(await readRouting(), { priority: 8, skillIds: [skillId], preferredUserIds: [] })
    t.strictSame(held.priorities, [3, 8])
  },
)

t.test('given a change that is stored and not on the call yet', async (t) => {
  t.test('when an agent picks up, then that is recorded, and the audit trail says that the change came too late', async (t) => {
    const { system, id, change, userId, readAudit } = await setUpWaitingCall(t)
    system.control.addFault({ operation: routingCommand, times: 'always', fault: { kind: 'status', status: 503 } })
    t.equal((await change({ priority: 9 })).status, 202)
    system.control.setAgent(userId, { routingStatus: 'IDLE' })
    await system.waitForState(id, 'picked_up')
    t.match(await system.app.ledger.findTransfer(id), { routing: 'too_late' })
    t.match(
      (await readAudit()).findLast(({ status }) => status === 'picked_up'),
      { detail: { routing: /before/ } },
    )
  })

  t.test('when the caller hangs up, then the transfer is abandoned', async (t) => {
    const { system, id, change, conversationId } = await setUpWaitingCall(t)
    system.control.addFault({ operation: routingCommand, times: 'always', fault: { kind: 'status', status: 503 } })
    t.equal((await change({ priority: 9 })).status, 202)
    system.control.hangUp(conversationId)
    await system.waitForState(id, 'abandoned')
    t.match(await change({ priority: 10 }), { status: 409, body: { code: 'STATE_CONFLICT' } })
  })
})

t.test(
  'given a pickup that an event shows, when the call is changed before that is written, then the pickup is recorded at once',
  async (t) => {
    const whenPickedUp: { change?: () => Promise<unknown> } = {}
    const wrapLedger = (ledger: Ledger): Ledger =>
      overrideWriteChange(ledger, async (change, others) => {
        if (change.record.state === 'picked_up') {
          const { change: changeFirst } = whenPickedUp
          delete whenPickedUp.change
          await changeFirst?.()
        }
        return ledger.writeChange(change, others)
      })
    const rarePolls = { PICKUP_POLL_INTERVAL_MS: '60000', PICKUP_TIMEOUT_MS: '120000' }
    const { system, id, userId } = await setUpWaitingCall(t, rarePolls, undefined, { wrapLedger })
    await waitFor(() => system.app.genesys.feed?.state().subscribed === 1, 'the events about the queue')
    whenPickedUp.change = () => {
      // No later event shows the pickup once more.
      system.control.notifications.addEventFault({ times: 'always', fault: { kind: 'drop' } })
      return system.app.transfers.change(id, { priority: 9 }, { id: 'ops', queues: null })
    }
    system.control.setAgent(userId, { routingStatus: 'IDLE' })
    t.match(await system.waitForState(id, 'picked_up'), { resolvedTarget: { priority: 9 } })
  },
)

t.test('given a call that was picked up or has ended, which Handoff does not know yet, then the platform is not asked', async (t) => {
  // Nothing is polled during the test.
  const unwatched = { PICKUP_EVENTS: 'off', PICKUP_POLL_INTERVAL_MS: '60000', PICKUP_TIMEOUT_MS: '120000' }
  for (const [happening, happen] of [
    ['picked up', ({ system, userId }) => system.control.setAgent(userId, { routingStatus: 'IDLE' })],
    ['ended', ({ system, conversationId }) => system.control.hangUp(conversationId)],
  ] as const satisfies ReadonlyArray<[string, (call: Awaited<ReturnType<typeof setUpWaitingCall>>) => void]>)
    t.test(happening, async (t) => {
      const call = await setUpWaitingCall(t, unwatched)
      const { system, conversationId, change } = call
      happen(call)
      await waitFor(
        async () =>
          (await system.getConversation(conversationId)).participants.some(
            ({ purpose, calls }) => purpose === 'acd' && calls[0]?.state !== 'connected',
          ),
        'the end of the wait',
      )
      const before = countRoutingCommands(system)
      const readsBefore = system.control.requests().counts['GET /conversations/{id}'] ?? 0
      t.equal((await change({ priority: 9 })).status, 202, 'as far as the ledger knows, the call waits')
      await waitFor(() => (system.control.requests().counts['GET /conversations/{id}'] ?? 0) > readsBefore + 2, 'reads of the conversation')
      t.equal(countRoutingCommands(system), before)
    })
})

/** A call that moves on after a moment. The HTTP routes know only the times of the contract, so it is changed and read without them. */
async function setUpMovingCall(t: TestContext, toPlaces: (scene: ReturnType<typeof setUpScene>) => Target[]) {
  const system = await startTestSystem(t)
  const scene = setUpScene(system)
  const id = await requestInOrder(system, scene.conversationId, toPlaces(scene), { priority: 3 })
  const change = (priority: number) => system.app.transfers.change(id, { priority }, { id: 'ops', queues: null })
  return { system, ...scene, id, ...followTransfer(system, id, scene.conversationId), change }
}

t.test('given a call that is changed at its first place', async (t) => {
  t.test('when it moves on, then it keeps its priority at the next place, and can be changed there, too', async (t) => {
    const { system, id, change, readRouting, waitUntilApplied, emptyQueue, otherEmptyQueue } = await setUpMovingCall(t, (scene) => [
      toQueue(scene.emptyQueue),
      toQueue(scene.otherEmptyQueue),
    ])
    t.match(await change(9), { resolvedTarget: { queueId: emptyQueue, priority: 9 } })
    await waitForHop(system, id, 2)
    await waitUntilApplied()
    t.match(await readRouting(), { priority: 9 })
    await change(7)
    await waitUntilApplied()
    t.match(await readRouting(), { priority: 7 })
    const transfer = await readTransfer(system, id)
    t.strictSame(summarizeHops(transfer), [`1 ${emptyQueue} overflowed`, `2 ${otherEmptyQueue} null`])
    t.strictSame(
      transfer.hops.map(({ resolvedTarget }) => resolvedTarget.priority),
      [9, 7],
    )
  })

  t.test('when the platform does not move it on, then it keeps what was changed', async (t) => {
    const { system, id, change, readRouting, waitUntilApplied, emptyQueue } = await setUpMovingCall(t, (scene) => [
      toQueue(scene.emptyQueue),
      toQueue(scene.staffedQueue),
    ])
    system.control.addFault({ operation: queueCommand, times: 'always', fault: { kind: 'status', status: 400, body: { status: 400 } } })
    await change(9)
    await waitFor(async () => typeof (await system.app.ledger.findTransfer(id))?.hop.returnedAt === 'number', 'the end of the move')
    await waitUntilApplied()
    t.match(await readRouting(), { priority: 9 })
    t.match(await readTransfer(system, id), { state: 'initiated', resolvedTarget: { queueId: emptyQueue, priority: 9 } })
  })

  t.test('when the change is asked for while the call moves on, then it is refused, and the call gets it at neither place', async (t) => {
    const system = await startTestSystem(t)
    const { conversationId, emptyQueue, otherEmptyQueue } = setUpScene(system)
    const held = holdQueueCommands(t, system, 1)
    const id = await requestInOrder(system, conversationId, [toQueue(emptyQueue), toQueue(otherEmptyQueue)], { priority: 3 })
    await waitFor(() => held.heldCount === 1, 'the command that moves the call on')
    const requester = { id: 'ops', queues: null }
    await t.rejects(system.app.transfers.change(id, { priority: 9 }, requester), { code: 'STATE_CONFLICT' })
    held.release()
    await waitForHop(system, id, 2)
    const { readRouting, waitUntilApplied } = followTransfer(system, id, conversationId)
    await waitUntilApplied()
    t.match(await readRouting(), { priority: 3 })
  })

  t.test('when it is changed again and again while it moves on, then it moves once', async (t) => {
    const { system, id, change, conversationId, emptyQueue, otherEmptyQueue, readRouting, waitUntilApplied } = await setUpMovingCall(
      t,
      (scene) => [toQueue(scene.emptyQueue), toQueue(scene.otherEmptyQueue)],
    )
    let last = 3
    while ((await readTransfer(system, id)).hops.length === 1) {
      await change(last + 1).then(
        () => last++,
        (error: Problem) => t.equal(error.code, 'STATE_CONFLICT'),
      )
      await waitUntilApplied()
    }
    t.ok(last > 3, `${last - 3} changes`)
    await waitForHop(system, id, 2)
    await waitUntilApplied()
    t.strictSame(movesOf(system, conversationId), [emptyQueue, otherEmptyQueue])
    t.match(await readRouting(), { priority: (await readTransfer(system, id)).resolvedTarget?.priority })
  })
})

t.test('given a ledger that two services use', async (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'handoff-'))
  t.teardown(() => rmSync(folder, { recursive: true }))
  let files = 0
  const shared = () => ({ DATABASE_URL: `sqlite:${join(folder, `${files++}.db`)}` })

  t.test('when a change is asked for at the one that does not own the transfer, then it is on the call at once', async (t) => {
    const settings = { ...shared(), PICKUP_POLL_INTERVAL_MS: '60000', PICKUP_TIMEOUT_MS: '120000' }
    const { system, id, readRouting, userId } = await setUpWaitingCall(t, settings)
    const other = await startService(t, { ...testSettings(system.simulator.url), ...settings })
    t.equal((await other.request('PATCH', `/v1/transfers/${id}`, { priority: 9 })).status, 202)
    await waitFor(async () => (await readRouting()).priority === 9, 'the new priority')
    t.equal((await system.request('PATCH', `/v1/transfers/${id}`, { priority: 10 })).status, 202, 'and back')
    await waitFor(async () => (await readRouting()).priority === 10, 'the new priority')
    await other.stop()
    await waitFor(() => system.app.genesys.feed?.state().subscribed === 1, 'the events about the queue')
    system.control.setAgent(userId, { routingStatus: 'IDLE' })
    await system.waitForState(id, 'picked_up')
  })

  t.test(
    'when the one that stored the change ends before it is on the call, then the other one, which watches the call, goes on',
    async (t) => {
      const settings = { ...shared(), PICKUP_EVENTS: 'off', PICKUP_POLL_INTERVAL_MS: '60000', PICKUP_TIMEOUT_MS: '120000' }
      const { system, id, readRouting } = await setUpWaitingCall(t, settings)
      const other = await startService(t, { ...testSettings(system.simulator.url), ...settings })
      system.control.addFault({ operation: routingCommand, times: 'always', fault: { kind: 'status', status: 503 } })
      t.equal((await other.request('PATCH', `/v1/transfers/${id}`, { priority: 9 })).status, 202)
      await other.stop()
      system.control.clearFaults()
      await waitFor(async () => (await readRouting()).priority === 9, 'the new priority')
      t.equal((await system.app.ledger.findTransfer(id))?.owner, system.app.ledger.nodeId)
    },
  )

  t.test('when the write is committed and reported as failed, then the service that stored it goes on with the transfer', async (t) => {
    const settings = { ...shared(), PICKUP_POLL_INTERVAL_MS: '300' }
    const { system, id, readRouting, userId } = await setUpWaitingCall(t, settings)
    let losses = 1
    const wrapLedger = (ledger: Ledger): Ledger => {
      const { updateTransfer } = ledger
      return Object.assign(ledger, {
        async updateTransfer(...parameters: Parameters<typeof updateTransfer>) {
          const updated = await updateTransfer(...parameters)
          if (losses-- > 0) throw new StoreUnavailable('the connection was lost')
          return updated
        },
      })
    }
    const other = await startService(t, { ...testSettings(system.simulator.url), ...settings }, {}, { wrapLedger })
    t.match(await other.request('PATCH', `/v1/transfers/${id}`, { priority: 9 }), { status: 503, body: { code: 'STORE_UNAVAILABLE' } })
    await waitFor(async () => (await readRouting()).priority === 9, 'the new priority')
    t.equal((await system.app.ledger.findTransfer(id))?.owner, other.app.ledger.nodeId)
    system.control.setAgent(userId, { routingStatus: 'IDLE' })
    await system.waitForState(id, 'picked_up')
    await other.stop()
  })

  t.test('when the owner is putting earlier values on the call, then the owner puts the changed ones on it afterwards', async (t) => {
    const settings = shared()
    const system = await startTestSystem(t, settings)
    const { conversationId, queueId } = addQueue(system)
    const held = holdRoutingCommands(t, system)
    const { body } = await system.postTransfer({ conversationId, target: { type: 'queue', queueId }, priority: 3 })
    await waitFor(() => held.priorities.includes(3), 'the command of the request')
    const other = await startService(t, { ...testSettings(system.simulator.url), ...settings })
    t.equal((await other.request('PATCH', `/v1/transfers/${body.id}`, { priority: 9 })).status, 202)
    held.release()
    const { readRouting, waitUntilApplied } = followTransfer(system, body.id, conversationId)
    await waitUntilApplied()
    t.match(await readRouting(), { priority: 9 })
    t.strictSame(held.priorities, [3, 9])
    await other.stop()
  })

  t.test('when the service ends before the change is on the call, then the next one puts it there', async (t) => {
    const settings = shared()
    const { system, id, change, readRouting } = await setUpWaitingCall(t, settings)
    const { control, simulator } = system
    control.addFault({ operation: routingCommand, times: 'always', fault: { kind: 'status', status: 503 } })
    t.equal((await change({ priority: 9 })).status, 202)
    await system.stop()
    control.clearFaults()
    t.match(await readRouting(), { priority: 3 })
    const next = await startService(t, { ...testSettings(simulator.url), ...settings })
    await waitFor(async () => (await next.app.ledger.findTransfer(id))?.routing === 'done', 'the change')
    t.match(await readRouting(), { priority: 9 })
    await next.stop()
  })
})
