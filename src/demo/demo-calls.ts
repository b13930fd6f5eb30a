/** Which calls the demo makes: who works in which queue, what is requested of Handoff, and what is expected to happen. */
import type { AgentSpec } from '../simulator/specs/agent-spec.ts'
import type { FaultOptions } from '../simulator/control/fault-options.ts'
import type { State } from '../model/states.ts'

type Answers = NonNullable<AgentSpec['answers']>

export interface DemoAgent {
  name: string
  skills?: readonly string[]
  answers: Answers
}

/** One request to Handoff, which names queues and skills instead of their ids. */
export interface DemoTransfer {
  to: { skill: string; queue: string } | { queue: string }
  priority?: number
  /** The states that the CRM must receive an event of, in order; the last one is final. */
  expectedStates: readonly State[]
}

export interface DemoCall {
  title: string
  /** The expected outcome, in the words of `describeOutcome`. */
  expected: string
  /** The agents of each queue. No other call uses these queues. */
  queues: Readonly<Record<string, readonly DemoAgent[]>>
  /** Ms from the start of the call; absent: the caller stays. */
  callerHangsUpAfter?: number
  fault?: FaultOptions
  /** Each transfer is requested when the one before is final. */
  transfers: readonly DemoTransfer[]
}

const pickUp = (afterMs: number): Answers[number] => ({ after: afterMs, with: 'pickup' })
const letRing: Answers[number] = 'never'
const decline = (afterMs: number): Answers[number] => ({ after: afterMs, with: 'decline' })
const createAgent = (name: string, answers: Answers, ...skills: string[]): DemoAgent => ({ name, answers, skills })

const pickedUp = ['initiated', 'picked_up'] as const
const rejected = ['rejected'] as const

export const demoCalls: readonly DemoCall[] = [
  {
    title: 'An agent picks up at once',
    expected: 'picked up',
    queues: { Invoices: [createAgent('Ana Alder', [pickUp(700)], 'Billing')] },
    transfers: [{ to: { skill: 'Billing', queue: 'Invoices' }, priority: 10, expectedStates: pickedUp }],
  },
  {
    title: 'Declined twice, then picked up',
    expected: 'picked up, 2 offers declined',
    queues: { Claims: [createAgent('Ben Birch', [decline(600), decline(600), pickUp(600)], 'Claims')] },
    transfers: [{ to: { skill: 'Claims', queue: 'Claims' }, priority: 5, expectedStates: pickedUp }],
  },
  {
    title: 'No agent has the skill: fallback',
    expected: 'picked up, by the fallback',
    queues: { Mortgages: [createAgent('Cleo Cedar', [pickUp(600)], 'Savings')] },
    transfers: [{ to: { skill: 'Mortgages', queue: 'Mortgages' }, expectedStates: pickedUp }],
  },
  {
    title: 'A loop is refused',
    expected: 'LOOP_DETECTED',
    queues: { Orders: [createAgent('Dan Dogwood', [pickUp(400)])], Returns: [createAgent('Eve Elm', [pickUp(400)])] },
    transfers: [
      { to: { queue: 'Orders' }, expectedStates: pickedUp },
      { to: { queue: 'Returns' }, expectedStates: pickedUp },
      { to: { queue: 'Orders' }, expectedStates: rejected },
    ],
  },
  {
    title: 'A fourth transfer is refused',
    expected: 'DEPTH_LIMIT_REACHED',
    queues: {
      Reception: [createAgent('Fay Fir', [pickUp(400)])],
      Repairs: [createAgent('Gus Gum', [pickUp(400)])],
      Parts: [createAgent('Hal Hazel', [pickUp(400)])],
      Complaints: [],
    },
    transfers: [
      { to: { queue: 'Reception' }, expectedStates: pickedUp },
      { to: { queue: 'Repairs' }, expectedStates: pickedUp },
      { to: { queue: 'Parts' }, expectedStates: pickedUp },
      { to: { queue: 'Complaints' }, expectedStates: rejected },
    ],
  },
  {
    title: 'The caller hangs up while waiting',
    expected: 'CALLER_ABANDONED',
    queues: { Weekend: [] },
    callerHangsUpAfter: 4_000,
    transfers: [{ to: { queue: 'Weekend' }, expectedStates: ['initiated', 'abandoned'] }],
  },
  {
    title: 'Genesys says 429, Retry-After',
    expected: 'picked up, after 429',
    queues: { Delivery: [createAgent('Ivy Ivywood', [pickUp(600)], 'Delivery')] },
    fault: { operation: 'POST /conversations/{id}/participants/{id}/replace/queue', fault: { kind: 'rate-limited', retryAfterSeconds: 1 } },
    transfers: [{ to: { skill: 'Delivery', queue: 'Delivery' }, priority: 20, expectedStates: pickedUp }],
  },
  {
    title: 'No agent picks up',
    expected: 'PICKUP_TIMEOUT',
    queues: { Night: [createAgent('Jo Juniper', [letRing], 'Emergency')] },
    transfers: [{ to: { skill: 'Emergency', queue: 'Night' }, priority: 50, expectedStates: ['initiated', 'timeout'] }],
  },
]
