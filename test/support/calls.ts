/** The situations of calls, queues and agents in the simulator that several tests start from. */
import type { Simulator } from '../../src/simulator/simulator.ts'
import type { AgentSpec } from '../../src/simulator/specs/agent-spec.ts'
import type { TestSystem } from './test-system.ts'
import { waitFor } from './wait-for.ts'

type Control = Simulator['control']

/**
 * Adds a billing skill, a support queue with one agent who has that skill, a second queue without agents, and a call in the IVR.
 * @param answers how the agent reacts to offers; by default as the simulator does
 */
export function setUpIvrCall(control: Control, answers?: AgentSpec['answers']) {
  const skill = control.addSkill({ name: 'Billing' })
  const queue = control.addQueue({ name: 'Support' })
  const otherQueue = control.addQueue({ name: 'Sales' })
  const agent = control.addAgent({ name: 'Alex', skillIds: [skill.id], queueIds: [queue.id], ...(answers && { answers }) })
  const { conversationId } = control.addConversation({ in: 'ivr', ani: '+4915112345678' })
  return { skillId: skill.id, queueId: queue.id, otherQueueId: otherQueue.id, userId: agent.id, conversationId }
}

/** Waits until a call waits in a queue. */
export const waitUntilQueued = ({ getConversation }: Pick<TestSystem, 'getConversation'>, conversationId: string, queueId: string) =>
  waitFor(
    async () =>
      (await getConversation(conversationId)).participants.find(
        (participant) => participant.purpose === 'acd' && participant.queueId === queueId && participant.calls[0]?.state === 'connected',
      ),
    'the call in the queue',
  )

/**
 * Offers another call to the only agent of a queue. The platform still shows the agent as idle, but a call that is transferred to the queue
 * waits until the other caller hangs up, however long the test takes. The agent's first answer must be `never`.
 * @returns a function by which the other caller hangs up
 */
export async function occupyAgent(
  { control, getConversation }: Pick<TestSystem, 'control' | 'getConversation'>,
  queueId: string,
): Promise<() => void> {
  const { conversationId } = control.addConversation({ in: { queueId } })
  await waitFor(
    async () => (await getConversation(conversationId)).participants.some(({ purpose }) => purpose === 'agent'),
    'the offer of the other call to the agent',
  )
  return () => control.hangUp(conversationId)
}
