/** Calls that nobody picks up, and that move on to the next place: without anything going wrong. */
import t from 'tap'
import { annotate } from '../../../src/transfers/transition.ts'
import { startTestSystem } from '../../support/test-system.ts'
import { waitFor } from '../../support/wait-for.ts'
import {
  movesOf,
  overflowAfterSeconds,
  readAudit,
  readStatuses,
  readTransfer,
  requestInOrder,
  requestTransfer,
  setUpScene,
  summarizeHops,
  toQueue,
  waitForEntry,
  waitForHop,
  waitForState,
} from './scene.ts'

for (const events of ['on', 'off'])
  t.test(`given calls that nobody picks up, with events ${events}`, async (t) => {
    const system = await startTestSystem(t, { PICKUP_EVENTS: events })
    const { control, crm } = system

    t.test("when the time is over, then the call moves on, and the pickup there is the transfer's", async (t) => {
      const { conversationId, emptyQueue, staffedQueue, userId } = setUpScene(system)
      const id = await requestInOrder(system, conversationId, [toQueue(emptyQueue), toQueue(staffedQueue)])
      const transfer = await waitForState(system, id, 'picked_up')
      t.match(transfer, { agentUserId: userId, resolvedTarget: { queueId: staffedQueue, usedFallback: true }, transferDepth: 1 })
      t.strictSame(summarizeHops(transfer), [`1 ${emptyQueue} overflowed`, `2 ${staffedQueue} picked_up`])
      t.strictSame(transfer.transferPath, [`queue:${emptyQueue}`, `queue:${staffedQueue}`])
      t.strictSame(movesOf(system, conversationId), [emptyQueue, staffedQueue])
      t.strictSame(await readStatuses(system, id), ['accepted', 'executing', 'initiated', 'executing', 'initiated', 'picked_up'])
      const [hop, next] = transfer.hops
      t.equal(hop?.endedAt, next?.initiatedAt)
      t.ok(Date.parse(String(next?.initiatedAt)) - Date.parse(String(hop?.initiatedAt)) >= 1_000 * overflowAfterSeconds)
      t.ok(Number(transfer.pickupMs) >= 1_000 * overflowAfterSeconds, 'the time to the pickup counts from the first hop')
      const acceptances = (await readAudit(system, id)).filter(({ status }) => status === 'initiated')
      t.strictSame(
        acceptances.map(({ latencyMs }) => latencyMs),
        [transfer.latencyMs, transfer.latencyMs],
        'the latency is that of the first hop',
      )
      await waitFor(() => crm.eventTypesFor(id).length === 3, 'three events')
      t.strictSame(crm.eventTypesFor(id), ['transfer.initiated', 'transfer.overflowed', 'transfer.picked_up'])
      t.match(crm.accepted.find(({ type, data }) => type === 'transfer.overflowed' && data.actionId === id)?.data, {
        state: 'initiated',
        hop: 2,
        targetQueueId: staffedQueue,
        transferDepth: 1,
      })
    })

    t.test('when it overflows twice, then it can be picked up at the third place', async (t) => {
      const { conversationId, emptyQueue, otherEmptyQueue, staffedQueue } = setUpScene(system)
      const id = await requestInOrder(system, conversationId, [toQueue(emptyQueue), toQueue(otherEmptyQueue), toQueue(staffedQueue)])
      const transfer = await waitForState(system, id, 'picked_up')
      t.strictSame(summarizeHops(transfer), [
        `1 ${emptyQueue} overflowed`,
        `2 ${otherEmptyQueue} overflowed`,
        `3 ${staffedQueue} picked_up`,
      ])
      t.match(transfer, { transferDepth: 1 })
      t.strictSame(movesOf(system, conversationId), [emptyQueue, otherEmptyQueue, staffedQueue])
      await waitFor(() => crm.eventTypesFor(id).length === 4, 'four events')
    })

    t.test('when an agent is being offered the call, then it moves on from the queue, and the offer ends', async (t) => {
      const { conversationId, emptyQueue, staffedQueue, userId } = setUpScene(system)
      control.addAgent({ queueIds: [emptyQueue], answers: ['never'] })
      const id = await requestInOrder(system, conversationId, [toQueue(emptyQueue), toQueue(staffedQueue)])
      t.match(await waitForState(system, id, 'picked_up'), { agentUserId: userId, bounces: 0 })
    })

    t.test('when agents decline, then the offers that were declined at all places count', async (t) => {
      const { conversationId, emptyQueue, otherEmptyQueue, staffedQueue } = setUpScene(system)
      for (const queueId of [emptyQueue, otherEmptyQueue])
        control.addAgent({ queueIds: [queueId], answers: [{ after: 10, with: 'decline' }, 'never'] })
      const id = await requestInOrder(system, conversationId, [toQueue(emptyQueue), toQueue(otherEmptyQueue), toQueue(staffedQueue)])
      t.match(await waitForState(system, id, 'picked_up'), { bounces: 2 })
    })

    t.test('when it moves on, then the skills and the priority of the new place are put on the call once it is there', async (t) => {
      const { conversationId, emptyQueue, otherEmptyQueue } = setUpScene(system)
      const skill = control.addSkill().id
      const id = await requestInOrder(
        system,
        conversationId,
        [toQueue(emptyQueue), { type: 'queue', queueId: otherEmptyQueue, skillIds: [skill] }],
        { priority: 5 },
      )
      await waitForHop(system, id, 2)
      const acd = await waitFor(async () => {
        const { participants } = await system.getConversation(conversationId)
        const waiting = participants.find(({ queueId, purpose }) => purpose === 'acd' && queueId === otherEmptyQueue)
        return waiting?.conversationRoutingData?.skills.length === 1 && waiting
      }, 'the skills on the call')
      t.match(acd.conversationRoutingData, { priority: 5, skills: [{ id: skill }] })
      const left = (await system.getConversation(conversationId)).participants.find(({ queueId }) => queueId === emptyQueue)
      t.match(left?.conversationRoutingData, { skills: [] }, 'the queue that the call has left never had them')
      control.hangUp(conversationId)
      t.match(summarizeHops(await waitForState(system, id, 'abandoned')), [`1 ${emptyQueue} overflowed`, `2 ${otherEmptyQueue} abandoned`])
    })

    t.test(
      'when the next place is the same queue with other skills, then the call keeps its place, and only its skills change',
      async (t) => {
        const { conversationId, emptyQueue } = setUpScene(system)
        const skill = control.addSkill().id
        control.addAgent({ queueIds: [emptyQueue], skillIds: [skill], answers: ['never'] })
        const id = await requestInOrder(system, conversationId, [
          { type: 'skill', skillId: skill, queueId: emptyQueue },
          toQueue(emptyQueue),
        ])
        await waitForHop(system, id, 2)
        const helper = control.addAgent({ queueIds: [emptyQueue], answers: [{ after: 10, with: 'pickup' }] }).id
        t.strictSame(movesOf(system, conversationId), [emptyQueue], 'no second command was sent')
        control.setAgent(helper, { routingStatus: 'IDLE' })
        await waitFor(
          async () => (await readAudit(system, id)).filter(({ status }) => status.startsWith('routing_')).length === 2,
          'new skills',
        )
        t.strictSame(summarizeHops(await readTransfer(system, id)), [`1 ${emptyQueue} overflowed`, `2 ${emptyQueue} null`])
        control.hangUp(conversationId)
        await waitForState(system, id, 'abandoned')
      },
    )

    t.test('when the last place is a number, then the call is dialed there', async (t) => {
      const numbers = await startTestSystem(t, { PICKUP_EVENTS: events, ALLOWED_NUMBERS: '+49*' })
      const { conversationId, emptyQueue } = setUpScene(numbers)
      const id = await requestInOrder(numbers, conversationId, [toQueue(emptyQueue), { type: 'number', address: '+4930123456' }])
      t.match(summarizeHops(await waitForState(numbers, id, 'picked_up')), [`1 ${emptyQueue} overflowed`, '2 number picked_up'])
    })

    t.test("when a decision was followed by the flow, then later hops are Handoff's", async (t) => {
      const { conversationId, emptyQueue, staffedQueue } = setUpScene(system)
      const id = await requestInOrder(system, conversationId, [toQueue(emptyQueue), toQueue(staffedQueue)], { mode: 'decide' })
      t.strictSame((await readTransfer(system, id)).hops, [], 'the call has not been moved yet')
      control.transferByFlow(conversationId, { queueId: emptyQueue })
      const transfer = await waitForState(system, id, 'picked_up')
      t.strictSame(summarizeHops(transfer), [`1 ${emptyQueue} overflowed`, `2 ${staffedQueue} picked_up`])
      t.strictSame(movesOf(system, conversationId), [staffedQueue], "the first move was the flow's")
    })

    t.test('when it has waited for minutes, then it enters the next queue with a point of priority for each', async (t) => {
      const { conversationId, emptyQueue, otherEmptyQueue } = setUpScene(system)
      const minuteMs = 60_000
      const id = await requestTransfer(system, {
        conversationId,
        target: { type: 'queue', queueId: emptyQueue, overflowAfterSeconds: 600 },
        fallback: [toQueue(otherEmptyQueue)],
        priority: 5,
      })
      await waitFor(async () => {
        const record = await system.app.ledger.findTransfer(id)
        if (record?.routing !== 'done') return false
        // As if the platform had accepted it so long ago.
        const change = annotate(record, { initiatedAt: Number(record.initiatedAt) - 10.5 * minuteMs })
        return system.app.ledger.writeChange(change).then(
          () => true,
          () => false,
        )
      }, 'a write that no other one came before')
      const transfer = await waitForHop(system, id, 2)
      t.match(transfer, { priority: 5, resolvedTarget: { queueId: otherEmptyQueue, priority: 15 } })
      await waitFor(async () => {
        const { participants } = await system.getConversation(conversationId)
        return participants.some(
          ({ queueId, conversationRoutingData }) => queueId === otherEmptyQueue && conversationRoutingData?.priority === 15,
        )
      }, 'the priority on the call')
      control.hangUp(conversationId)
      await waitForState(system, id, 'abandoned')
    })

    t.test('when hops have ended, then they are counted by number and outcome, and transfers once', async (t) => {
      const own = await startTestSystem(t, { PICKUP_EVENTS: events })
      const { conversationId, emptyQueue, otherEmptyQueue, staffedQueue } = setUpScene(own)
      const id = await requestInOrder(own, conversationId, [toQueue(emptyQueue), toQueue(otherEmptyQueue), toQueue(staffedQueue)])
      await waitForState(own, id, 'picked_up')
      const { body } = await own.request<string>('GET', '/metrics')
      for (const line of [
        'handoff_hops_total{hop="1",outcome="overflowed"} 1',
        'handoff_hops_total{hop="2",outcome="overflowed"} 1',
        'handoff_hops_total{hop="3",outcome="picked_up"} 1',
        'handoff_transfers_total{state="initiated",code="none"} 1',
        'handoff_transfers_total{state="executing",code="none"} 1',
      ])
        t.ok(body.includes(line), line)
    })

    t.test('when a request with the same key is repeated, then its answer stays the first one', async (t) => {
      const { conversationId, emptyQueue, staffedQueue } = setUpScene(system)
      const body = {
        conversationId,
        target: { type: 'queue', queueId: emptyQueue, overflowAfterSeconds: 5 },
        fallback: [toQueue(staffedQueue)],
      }
      const first = await system.request('POST', '/v1/transfers', body, { 'idempotency-key': conversationId })
      t.equal(first.status, 202)
      await system.waitForState(first.body.id, 'picked_up')
      const repeated = await system.request('POST', '/v1/transfers', body, { 'idempotency-key': conversationId })
      t.strictSame(repeated.body, first.body)
    })
  })

t.test('given a call that cannot move on', async (t) => {
  const system = await startTestSystem(t)
  const { control } = system
  const addSkilledAgent = (queueId: string, skillId: string, routingStatus: 'IDLE' | 'OFF_QUEUE') =>
    control.addAgent({ queueIds: [queueId], skillIds: [skillId], routingStatus, answers: [{ after: 10, with: 'pickup' }] }).id

  t.test('when no later place can take it, then it stays, the audit trail says so once, and the timeout comes in the end', async (t) => {
    const system = await startTestSystem(t, { PICKUP_TIMEOUT_MS: '1000' })
    const { conversationId, emptyQueue, staffedQueue } = setUpScene(system)
    const skill = system.control.addSkill().id
    const id = await requestInOrder(system, conversationId, [toQueue(emptyQueue), { type: 'skill', skillId: skill, queueId: staffedQueue }])
    const transfer = await waitForState(system, id, 'timeout')
    t.strictSame(summarizeHops(transfer), [`1 ${emptyQueue} timeout`])
    const { hops, updatedAt } = transfer
    t.ok(Date.parse(updatedAt) - Date.parse(String(hops[0]?.initiatedAt)) >= 1_400, 'the timeout counts from when it was to move on')
    const entries = (await readAudit(system, id)).filter(({ status }) => status === 'overflow_blocked')
    t.match(entries, [{ detail: { blockedBy: /no idle member/ } }])
    t.equal(entries.length, 1)
  })

  t.test('when a later place can take it before the timeout, then it moves on then', async (t) => {
    const { conversationId, emptyQueue, otherEmptyQueue } = setUpScene(system)
    const skill = control.addSkill().id
    const userId = addSkilledAgent(otherEmptyQueue, skill, 'OFF_QUEUE')
    const id = await requestInOrder(system, conversationId, [
      toQueue(emptyQueue),
      { type: 'skill', skillId: skill, queueId: otherEmptyQueue },
    ])
    await waitForEntry(system, id, 'overflow_blocked')
    control.setAgent(userId, { routingStatus: 'IDLE' })
    t.match(await waitForState(system, id, 'picked_up'), { agentUserId: userId, resolvedTarget: { type: 'skill' } })
  })

  t.test('when a later place does not exist, then it is passed over', async (t) => {
    const { conversationId, emptyQueue, staffedQueue } = setUpScene(system)
    const gone = control.addQueue().id
    const id = await requestInOrder(system, conversationId, [toQueue(emptyQueue), toQueue(gone), toQueue(staffedQueue)])
    control.removeQueue(gone)
    const transfer = await waitForState(system, id, 'picked_up')
    t.strictSame(summarizeHops(transfer), [`1 ${emptyQueue} overflowed`, `2 ${staffedQueue} picked_up`])
    const executing = (await readAudit(system, id)).findLast(({ status }) => status === 'executing')
    t.match(executing?.detail, { passedOver: /has no queue/, hop: 2, overflowFrom: `queue:${emptyQueue}` })
  })

  t.test('when the only later place is a callback, then it stays, because the call has moved already', async (t) => {
    const { conversationId, emptyQueue } = setUpScene(system)
    const id = await requestTransfer(system, {
      conversationId,
      target: { ...toQueue(emptyQueue), overflowAfterSeconds } as never,
      fallback: [{ type: 'callback', queueId: emptyQueue }],
    }).catch((error: Error) => error.message)
    t.match(id, /needs a later fallback/)
  })

  t.test('when it rings at an agent directly, then it stays, because nothing but the caller can be taken from there', async (t) => {
    const { conversationId, staffedQueue } = setUpScene(system)
    const userId = control.addAgent({ answers: ['never'] }).id
    const id = await requestInOrder(system, conversationId, [{ type: 'agent', userId }, toQueue(staffedQueue)])
    t.match(await waitForEntry(system, id, 'overflow_blocked'), { detail: { blockedBy: /no participant of the call can be replaced/ } })
    t.strictSame(movesOf(system, conversationId), [userId])
    control.hangUp(conversationId)
    await waitForState(system, id, 'abandoned')
  })
})
