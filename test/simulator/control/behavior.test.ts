/** The simulator behaves as a recording says. */
import t from 'tap'
import { parseBehavior } from '../../../src/simulator/control/apply-behavior.ts'
import { ControlError } from '../../../src/simulator/specs/control-error.ts'
import { startSimulator } from '../../../src/simulator/simulator.ts'
import { createPlatformClient } from '../../support/platform-client.ts'
import { setUpIvrCall } from '../../support/calls.ts'

async function startPlatform(t: { teardown(work: () => unknown): void }) {
  const simulator = await startSimulator({ requestsPerMinute: 60_000, clock: 'manual' })
  t.teardown(() => simulator.close())
  return { simulator, ...createPlatformClient(simulator.url), ...setUpIvrCall(simulator.control, ['never']) }
}

t.test('given a command that is refused in a flow, when the call waits in a queue, then the command is accepted', async (t) => {
  const { simulator, conversationId, queueId, otherQueueId, getConversation, sendCommand } = await startPlatform(t)
  simulator.control.behave({ replaceInFlow: { status: 409, code: 'recorded' }, routingBeforeArrival: { status: 404, code: 'not.found' } })
  const replace = async (to: string): Promise<number> => {
    const { participants } = await getConversation(conversationId)
    const holder = participants.findLast(({ purpose }) => purpose !== 'customer')
    return sendCommand(`/conversations/${conversationId}/participants/${holder?.id}/replace/queue`, { queueId: to })
  }
  t.equal(await replace(queueId), 409)
  t.equal(await sendCommand(`/routing/conversations/${conversationId}`, { priority: 1 }, 'PATCH'), 404)
  simulator.control.transferByFlow(conversationId, { queueId })
  simulator.control.advance(60)
  t.equal(await sendCommand(`/routing/conversations/${conversationId}`, { priority: 1 }, 'PATCH'), 200)
  t.equal(await replace(otherQueueId), 202)
})

t.test('given permissions that are missing, when the behavior is set, then only these are refused', async (t) => {
  const { simulator, queueId, conversationId, sendCommand } = await startPlatform(t)
  simulator.control.behave({ missingPermissions: ['routing:conversation:edit'] })
  t.equal(await sendCommand(`/routing/conversations/${conversationId}`, { priority: 1 }, 'PATCH'), 403)
  t.not(await sendCommand(`/conversations/${conversationId}/participants/x/replace/queue`, { queueId }), 403)
})

t.test('given a behavior, when the simulator is reset, then it is forgotten', async (t) => {
  const { simulator, sendCommand } = await startPlatform(t)
  simulator.control.behave({ replaceInFlow: { status: 409 }, longestAttribute: 10, missingPermissions: ['routing:conversation:edit'] })
  simulator.control.reset()
  const { conversationId } = setUpIvrCall(simulator.control)
  t.equal(await sendCommand(`/routing/conversations/${conversationId}`, { priority: 1 }, 'PATCH'), 400)
})

t.test('given a report or a behavior as text, then the behavior is found; anything else is refused', async (t) => {
  const behavior = { replaceInFlow: 'ignored', arrivalMs: 80 }
  t.strictSame(parseBehavior(JSON.stringify({ version: 1, answers: [], behavior })), behavior)
  t.strictSame(parseBehavior(JSON.stringify(behavior)), behavior)
  t.throws(() => parseBehavior('no JSON'), ControlError)
  t.throws(() => parseBehavior('{"answers":[]}'), /answers is not known/)
  t.throws(() => parseBehavior('{"replaceInFlow":{"status":9}}'), ControlError)
})

t.test('given a fault for calls that a flow holds, when its operation is about no conversation, then it is refused', async (t) => {
  const { simulator } = await startPlatform(t)
  const fault = { operation: 'GET /routing/queues/{id}', heldBy: 'ivr', fault: { kind: 'status', status: 500 } } as const
  t.throws(() => simulator.control.addFault(fault), /heldBy/)
})
