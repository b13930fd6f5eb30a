/** Calls that nobody picks up move on to the next place, and calls that cannot move on stay; the platform works without faults. */
import { randomUUID } from 'node:crypto'
import t from 'tap'
import type { Target } from '../../../src/model/target-schema.ts'
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

// The tests mostly wait, each for a system of its own.
t.jobs = 3

for (const events of ['on', 'off'])
  t.test(`given calls that nobody picks up, with events ${events}`, async (t) => {
    const system = await startTestSystem(t, { PICKUP_EVENTS: events })
    const { control, crm } = system

    t.test(
      'when the time at the first place is over, then the call moves on, and the pickup at the second place is recorded',
      async (t) => {
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
      },
    )

    t.test('when the time is over at two places, then the call is picked up at the third', async (t) => {
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

    t.test('when the call is being offered to an agent, then it still moves on, and the offer is not counted as declined', async (t) => {
      const { conversationId, emptyQueue, staffedQueue, userId } = setUpScene(system)
      control.addAgent({ queueIds: [emptyQueue], answers: ['never'] })
      const id = await requestInOrder(system, conversationId, [toQueue(emptyQueue), toQueue(staffedQueue)])
      t.match(await waitForState(system, id, 'picked_up'), { agentUserId: userId, bounces: 0 })
    })

    t.test('when agents decline at two places, then both offers are counted', async (t) => {
      const { conversationId, emptyQueue, otherEmptyQueue, staffedQueue } = setUpScene(system)
      for (const queueId of [emptyQueue, otherEmptyQueue])
        control.addAgent({ queueIds: [queueId], answers: [{ after: 10, with: 'decline' }, 'never'] })
      const id = await requestInOrder(system, conversationId, [toQueue(emptyQueue), toQueue(otherEmptyQueue), toQueue(staffedQueue)])
      t.match(await waitForState(system, id, 'picked_up'), { bounces: 2 })
    })

    t.test('when the call arrives at the new place, then it gets the skills and the priority of that place', async (t) => {
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
        const unskilledAgent = control.addAgent({ queueIds: [emptyQueue], answers: [{ after: 10, with: 'pickup' }] }).id
        t.strictSame(movesOf(system, conversationId), [emptyQueue], 'no second command was sent')
        control.setAgent(unskilledAgent, { routingStatus: 'IDLE' })
        await waitFor(
          async () => (await readAudit(system, id)).filter(({ status }) => status.startsWith('routing_')).length === 2,
          'new skills',
        )
        t.strictSame(summarizeHops(await readTransfer(system, id)), [`1 ${emptyQueue} overflowed`, `2 ${emptyQueue} null`])
        control.hangUp(conversationId)
        await waitForState(system, id, 'abandoned')
      },
    )

    // The loop guard has the queue on its path before the call moves on: as the first place, or as the one from which the call comes.
    for (const [description, isFromQueue] of [
      ['a queue with skills and the same queue without', false],
      ['a skill and the queue from which the call comes', true],
    ] as const)
      t.test(`when the places are ${description}, then after the first time anybody of the queue may pick up`, async (t) => {
        const { emptyQueue, conversationId: fromIvr } = setUpScene(system)
        const skill = control.addSkill().id
        control.addAgent({ queueIds: [emptyQueue], skillIds: [skill], answers: [{ after: 10, with: 'decline' }, 'never'] })
        const conversationId = isFromQueue
          ? control.addConversation({ in: { userId: control.addAgent().id, queueId: emptyQueue } }).conversationId
          : fromIvr
        const target: Target = isFromQueue
          ? { type: 'skill', skillId: skill, queueId: emptyQueue }
          : { ...toQueue(emptyQueue), skillIds: [skill] }
        const id = await requestInOrder(system, conversationId, [target, toQueue(emptyQueue)])
        const transfer = await waitForHop(system, id, 2)
        t.strictSame(summarizeHops(transfer), [`1 ${emptyQueue} overflowed`, `2 ${emptyQueue} null`])
        t.equal(transfer.transferPath.at(-1), `queue:${emptyQueue}`)
        const unskilled = control.addAgent({ queueIds: [emptyQueue], answers: [{ after: 10, with: 'pickup' }] }).id
        t.match(await waitForState(system, id, 'picked_up'), { agentUserId: unskilled })
        t.strictSame(movesOf(system, conversationId), [emptyQueue], 'no second command was sent')
        t.notOk((await readStatuses(system, id)).includes('overflow_blocked'))
      })

    t.test('when the next place asks for no language, then the language of the first one is taken off the call', async (t) => {
      for (const isSameQueue of [true, false]) {
        const { conversationId, emptyQueue, otherEmptyQueue } = setUpScene(system)
        const languageId = randomUUID()
        const nextQueue = isSameQueue ? emptyQueue : otherEmptyQueue
        const readLanguage = async (queueId: string) => {
          const { participants } = await system.getConversation(conversationId)
          return participants.findLast((participant) => participant.queueId === queueId)?.conversationRoutingData?.language?.id
        }
        const id = await requestInOrder(system, conversationId, [{ ...toQueue(emptyQueue), languageId }, toQueue(nextQueue)])
        await waitFor(async () => (await readLanguage(emptyQueue)) === languageId, 'the language on the call')
        await waitForHop(system, id, 2)
        await waitFor(async () => (await system.app.ledger.findTransfer(id))?.routing === 'done', 'the routing of the next place')
        t.equal(await readLanguage(nextQueue), undefined)
        control.hangUp(conversationId)
        await waitForState(system, id, 'abandoned')
      }
    })

    t.test('when the last place is a number, then the call is dialed there', async (t) => {
      const numbers = await startTestSystem(t, { PICKUP_EVENTS: events, ALLOWED_NUMBERS: '+49*' })
      const { conversationId, emptyQueue } = setUpScene(numbers)
      const id = await requestInOrder(numbers, conversationId, [toQueue(emptyQueue), { type: 'number', address: '+4930123456' }])
      t.match(summarizeHops(await waitForState(numbers, id, 'picked_up')), [`1 ${emptyQueue} overflowed`, '2 number picked_up'])
    })

    t.test('when the flow has carried out a decision, then Handoff moves the call to later places itself', async (t) => {
      const { conversationId, emptyQueue, staffedQueue } = setUpScene(system)
      const id = await requestInOrder(system, conversationId, [toQueue(emptyQueue), toQueue(staffedQueue)], { mode: 'decide' })
      t.strictSame((await readTransfer(system, id)).hops, [], 'the call has not been moved yet')
      control.transferByFlow(conversationId, { queueId: emptyQueue })
      const transfer = await waitForState(system, id, 'picked_up')
      t.strictSame(summarizeHops(transfer), [`1 ${emptyQueue} overflowed`, `2 ${staffedQueue} picked_up`])
      t.strictSame(movesOf(system, conversationId), [staffedQueue], "the first move was the flow's")
    })

    t.test('when the call has waited for minutes, then its priority in the next queue is higher by one for each minute', async (t) => {
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
      }, 'a write of initiatedAt that no other write outdated')
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

    t.test('when hops have ended, then the metrics count hops by number and outcome, and the transfer only once', async (t) => {
      const newSystem = await startTestSystem(t, { PICKUP_EVENTS: events })
      const { conversationId, emptyQueue, otherEmptyQueue, staffedQueue } = setUpScene(newSystem)
      const id = await requestInOrder(newSystem, conversationId, [toQueue(emptyQueue), toQueue(otherEmptyQueue), toQueue(staffedQueue)])
      await waitForState(newSystem, id, 'picked_up')
      const { body } = await newSystem.request<string>('GET', '/metrics')
      for (const line of [
        'handoff_hops_total{hop="1",outcome="overflowed"} 1',
        'handoff_hops_total{hop="2",outcome="overflowed"} 1',
        'handoff_hops_total{hop="3",outcome="picked_up"} 1',
        'handoff_transfers_total{state="initiated",code="none"} 1',
        'handoff_transfers_total{state="executing",code="none"} 1',
      ])
        t.ok(body.includes(line), line)
    })

    t.test('when a request is repeated with its key after the call moved on, then it gets the first response again', async (t) => {
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

  t.test(
    'when no later place can take the call, then it stays, the audit trail says so once, and the pickup timeout ends the transfer',
    async (t) => {
      const system = await startTestSystem(t, { PICKUP_TIMEOUT_MS: '1000' })
      const { conversationId, emptyQueue, staffedQueue } = setUpScene(system)
      const skill = system.control.addSkill().id
      const id = await requestInOrder(system, conversationId, [
        toQueue(emptyQueue),
        { type: 'skill', skillId: skill, queueId: staffedQueue },
      ])
      const transfer = await waitForState(system, id, 'timeout')
      t.strictSame(summarizeHops(transfer), [`1 ${emptyQueue} timeout`])
      const { hops, updatedAt } = transfer
      // PICKUP_TIMEOUT_MS and `overflowAfterSeconds`.
      const leastMs = 1_000 + 1_000 * overflowAfterSeconds
      t.ok(
        Date.parse(updatedAt) - Date.parse(String(hops[0]?.initiatedAt)) >= leastMs,
        'the timeout counts from when the call was to move on',
      )
      const entries = (await readAudit(system, id)).filter(({ status }) => status === 'overflow_blocked')
      t.match(entries, [{ detail: { blockedBy: /no idle member/ } }])
      t.equal(entries.length, 1)
    },
  )

  t.test('when a later place can take the call only after a while, then the call moves on at that time', async (t) => {
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

  t.test('when a later place does not exist any more, then it is passed over', async (t) => {
    const { conversationId, emptyQueue, staffedQueue } = setUpScene(system)
    const gone = control.addQueue().id
    const id = await requestInOrder(system, conversationId, [toQueue(emptyQueue), toQueue(gone), toQueue(staffedQueue)])
    control.removeQueue(gone)
    const transfer = await waitForState(system, id, 'picked_up')
    t.strictSame(summarizeHops(transfer), [`1 ${emptyQueue} overflowed`, `2 ${staffedQueue} picked_up`])
    const executing = (await readAudit(system, id)).findLast(({ status }) => status === 'executing')
    t.match(executing?.detail, { passedOver: /has no queue/, hop: 2, overflowFrom: `queue:${emptyQueue}` })
  })

  t.test(
    'when the only later place is a callback, then the request is refused, because a call that has moved gets no callback',
    async (t) => {
      const { conversationId, emptyQueue } = setUpScene(system)
      const refusal = await requestTransfer(system, {
        conversationId,
        target: { ...toQueue(emptyQueue), overflowAfterSeconds },
        fallback: [{ type: 'callback', queueId: emptyQueue }],
      }).catch((error: Error) => error.message)
      t.match(refusal, /needs a later fallback/)
    },
  )

  t.test('when every later place is the same queue with the same skills, then it stays, and the response warns of that', async (t) => {
    const ownQueue = await startTestSystem(t, { PICKUP_TIMEOUT_MS: '1000' })
    const { emptyQueue } = setUpScene(ownQueue)
    const withSettings = await startTestSystem(t, {
      PICKUP_TIMEOUT_MS: '1000',
      FALLBACK_QUEUE_ID: emptyQueue,
      GENESYS_GATEWAY_URL: ownQueue.simulator.url,
    })
    const target = { ...toQueue(emptyQueue), overflowAfterSeconds: 3_600 }
    const warning = 'overflowAfterSeconds has no effect: each later place is the same queue with the same skills'
    for (const [system, fallback] of [
      [ownQueue, [toQueue(emptyQueue)]],
      [withSettings, []],
    ] as const) {
      const { conversationId } = ownQueue.control.addConversation({ in: 'ivr' })
      const { status, body } = await system.postTransfer({ conversationId, target, fallback })
      t.match({ status, body }, { status: 202, body: { considered: [{ taken: true, warnings: [warning] }] } })
      // If it waited for the time at this place, the transfer would time out after an hour.
      t.strictSame(summarizeHops(await waitForState(system, body.id, 'timeout')), [`1 ${emptyQueue} timeout`])
      t.notOk((await readStatuses(system, body.id)).includes('overflow_blocked'))
    }
  })

  t.test('when the only later place was visited before, then it stays, and the audit trail says so', async (t) => {
    const { emptyQueue, staffedQueue, userId } = setUpScene(system)
    const { conversationId } = control.addConversation({ in: { userId, queueId: staffedQueue } })
    const id = await requestInOrder(system, conversationId, [toQueue(emptyQueue), toQueue(staffedQueue)])
    t.match(await waitForEntry(system, id, 'overflow_blocked'), { detail: { blockedBy: `queue:${staffedQueue} was visited before` } })
    control.hangUp(conversationId)
    await waitForState(system, id, 'abandoned')
  })

  t.test('when the call rings at an agent or a number directly, then it stays, and the response warns of that', async (t) => {
    const system = await startTestSystem(t, { ALLOWED_NUMBERS: '+49*', PICKUP_TIMEOUT_MS: '1000' })
    const { control, postTransfer, request } = system
    const { staffedQueue } = setUpScene(system)
    const userId = control.addAgent({ answers: ['never'] }).id
    control.configure({ dialMs: 60_000, alertingTimeoutMs: 60_000 })
    const addCall = () => control.addConversation({ in: 'ivr' }).conversationId
    const warning = /overflowAfterSeconds has no effect: .* stays there/
    for (const [targetId, place] of [
      [userId, { type: 'agent', userId }],
      ['+4930123456', { type: 'number', address: '+4930123456' }],
    ] as const)
      await t.test(place.type, async (t) => {
        const targets = { target: { ...place, overflowAfterSeconds: 3_600 }, fallback: [toQueue(staffedQueue)] }
        for (const mode of ['dryRun', 'decide']) {
          const { body } = await postTransfer({ conversationId: addCall(), mode, ...targets })
          t.match(body, { state: 'decided', considered: [{ taken: true, warnings: [warning] }] }, mode)
        }
        const flat = { targetType: place.type, targetId, overflowAfterSeconds: 60, fallbackQueueId: staffedQueue, mode: 'decide' }
        t.match((await request('POST', '/v1/architect/transfers', { conversationId: addCall(), ...flat })).body, {
          ok: true,
          message: warning,
        })
        const conversationId = addCall()
        const { status, body } = await postTransfer({ conversationId, ...targets })
        t.match({ status, body }, { status: 202, body: { considered: [{ taken: true, warnings: [warning] }], target: targets.target } })
        t.match(await waitForEntry(system, body.id, 'executing'), { detail: { warnings: warning } })
        // If it waited for the time at this place, the transfer would time out after an hour.
        t.match(summarizeHops(await waitForState(system, body.id, 'timeout')), [/^1 \S+ timeout$/])
        t.equal(movesOf(system, conversationId).length, 1)
        t.notOk((await readStatuses(system, body.id)).includes('overflow_blocked'))
      })
  })

  t.test('when the call has moved on to an agent, then it stays there, and the audit trail warns of that', async (t) => {
    const system = await startTestSystem(t, { PICKUP_TIMEOUT_MS: '1000' })
    const { conversationId, emptyQueue, staffedQueue } = setUpScene(system)
    const userId = system.control.addAgent({ answers: ['never'] }).id
    const id = await requestInOrder(system, conversationId, [toQueue(emptyQueue), { type: 'agent', userId }, toQueue(staffedQueue)])
    t.strictSame(summarizeHops(await waitForState(system, id, 'timeout')), [`1 ${emptyQueue} overflowed`, `2 ${userId} timeout`])
    const executing = (await readAudit(system, id)).findLast(({ status }) => status === 'executing')
    t.match(executing?.detail, { warnings: /overflowAfterSeconds has no effect/ })
  })
})
