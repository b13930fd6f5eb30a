/** Queues with agents in the simulator, and calls in the IVR to transfer to them. */
import type { Simulator } from './simulator-process.ts'

export interface QueueOptions {
  agents?: number
  /** From the offer of a call until the agent picks up, ms. */
  pickupAfterMs?: number
  /** How long a call waits before it is offered to an agent, ms. The default is so long that no call is offered and all agents stay idle. */
  offerDelayMs?: number
  /** How long an agent talks, ms. */
  talkMs?: number
}

export interface TestQueue {
  skillId: string
  queueId: string
}

/** A call in the IVR, and the queue and skill that it is to be transferred to. */
export interface TestCall extends TestQueue {
  conversationId: string
}

/** How many conversations are added in one request; the simulator is busy meanwhile. */
const batchSize = 5_000

/** Adds a queue whose agents all have one skill. */
export async function addQueue(
  simulator: Simulator,
  { agents = 5, pickupAfterMs = 600, offerDelayMs = 3_600_000, talkMs = 500 }: QueueOptions = {},
): Promise<TestQueue> {
  const { id: skillId } = await simulator.control<{ id: string }>('POST', '/skills', {})
  const { id: queueId } = await simulator.control<{ id: string }>('POST', '/queues', { offerDelayMs, talkMs, afterCallWorkMs: 0 })
  for (let added = 0; added < agents; added++)
    await simulator.control('POST', '/agents', {
      skillIds: [skillId],
      queueIds: [queueId],
      answers: [{ after: pickupAfterMs, with: 'pickup' }],
    })
  return { skillId, queueId }
}

/** Adds calls in the IVR. @param options fields of the simulator's conversation; `callerHangsUpAfter` in ms */
export async function addCalls(
  simulator: Simulator,
  queue: TestQueue,
  count: number,
  options: { callerHangsUpAfter?: number } = {},
): Promise<TestCall[]> {
  const calls: TestCall[] = []
  for (let left = count; left > 0; left -= batchSize) {
    const { conversationIds } = await simulator.control<{ conversationIds: string[] }>('POST', '/conversations', {
      ...options,
      in: 'ivr',
      count: Math.min(left, batchSize),
    })
    calls.push(...conversationIds.map((conversationId) => ({ conversationId, ...queue })))
  }
  return calls
}
