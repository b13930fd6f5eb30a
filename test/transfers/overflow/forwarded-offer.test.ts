/** A call that is forwarded to the number of an agent is not moved on while that number rings (docs/genesys-cloud.md rules 98 and 102). */
import t from 'tap'
import { startTestSystem } from '../../support/test-system.ts'
import { movesOf, requestInOrder, setUpScene, summarizeHops, toQueue, waitForEntry, waitForState } from './scene.ts'

t.test('given a queue whose agent forwards calls to another number, and a next place', async (t) => {
  const system = await startTestSystem(t)
  const { control } = system

  t.test('when the time is over while the number rings, then the call stays, and the answer is recorded as the pickup', async (t) => {
    control.configure({ dialMs: 8_000, dialFails: false })
    const { conversationId, emptyQueue, staffedQueue } = setUpScene(system)
    control.addAgent({ queueIds: [emptyQueue], answers: [{ after: 5, with: 'forward' }] })
    const id = await requestInOrder(system, conversationId, [toQueue(emptyQueue), toQueue(staffedQueue)])
    t.match(await waitForEntry(system, id, 'overflow_blocked'), { detail: { blockedBy: /replaced while it rings/ } })
    const transfer = await waitForState(system, id, 'picked_up')
    t.match(transfer, { agentUserId: null, resolvedTarget: { queueId: emptyQueue } })
    t.strictSame(summarizeHops(transfer), [`1 ${emptyQueue} picked_up`])
    t.strictSame(movesOf(system, conversationId), [emptyQueue])
  })

  t.test('when the number cannot be reached, then the call moves on', async (t) => {
    control.configure({ dialMs: 1_000, dialFails: true })
    const { conversationId, emptyQueue, staffedQueue, userId } = setUpScene(system)
    control.addAgent({ queueIds: [emptyQueue], answers: [{ after: 5, with: 'forward' }, 'never'] })
    const id = await requestInOrder(system, conversationId, [toQueue(emptyQueue), toQueue(staffedQueue)])
    const transfer = await waitForState(system, id, 'picked_up')
    t.match(transfer, { agentUserId: userId })
    t.strictSame(summarizeHops(transfer), [`1 ${emptyQueue} overflowed`, `2 ${staffedQueue} picked_up`])
    t.strictSame(movesOf(system, conversationId), [emptyQueue, staffedQueue])
  })
})
