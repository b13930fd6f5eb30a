/** The calls of the demo, as a table: who works in which queue, what is asked of Handoff, and what must come of it. */
import type { AgentSpec } from '../simulator/control/scene-shapes.ts'
import type { FaultSetting } from '../simulator/control/scene.ts'
import type { State } from '../model/states.ts'

type Answers = NonNullable<AgentSpec['answers']>
export interface DemoAgent {
  name: string
  skills?: readonly string[]
  answers: Answers
}
/** One request to Handoff; queues and skills by name. */
export interface DemoTransfer {
  to: { skill: string; queue: string } | { queue: string }
  priority?: number
  /** What the CRM must hear of it, in order; the last one is the end. */
  hears: readonly State[]
}
export interface DemoCall {
  title: string
  /** In the words of `outcomeOf`. */
  expected: string
  /** Who works where; the queues belong to this call alone. */
  queues: Readonly<Record<string, readonly DemoAgent[]>>
  /** After the call came in, ms. */
  callerHangsUpAfter?: number
  fault?: FaultSetting
  /** One after the other, each when the one before has ended. */
  transfers: readonly DemoTransfer[]
}

const picksUp = (after: number): Answers[number] => ({ after, with: 'pickup' })
const declines = (after: number): Answers[number] => ({ after, with: 'decline' })
const agent = (name: string, answers: Answers, ...skills: string[]): DemoAgent => ({ name, answers, skills })

const gone = ['initiated', 'picked_up'] as const
const refused = ['rejected'] as const

export const demoCalls: readonly DemoCall[] = [
  {
    title: 'An agent picks up at once',
    expected: 'picked up',
    queues: { Invoices: [agent('Ana Alder', [picksUp(700)], 'Billing')] },
    transfers: [{ to: { skill: 'Billing', queue: 'Invoices' }, priority: 10, hears: gone }],
  },
  {
    title: 'Declined twice, then picked up',
    expected: 'picked up, 2 offers declined',
    queues: { Claims: [agent('Ben Birch', [declines(600), declines(600), picksUp(600)], 'Claims')] },
    transfers: [{ to: { skill: 'Claims', queue: 'Claims' }, priority: 5, hears: gone }],
  },
  {
    title: 'Nobody has the skill: fallback',
    expected: 'picked up, by the fallback',
    queues: { Mortgages: [agent('Cleo Cedar', [picksUp(600)], 'Savings')] },
    transfers: [{ to: { skill: 'Mortgages', queue: 'Mortgages' }, hears: gone }],
  },
  {
    title: 'A loop is refused',
    expected: 'LOOP_DETECTED',
    queues: { Orders: [agent('Dan Dogwood', [picksUp(400)])], Returns: [agent('Eve Elm', [picksUp(400)])] },
    transfers: [
      { to: { queue: 'Orders' }, hears: gone },
      { to: { queue: 'Returns' }, hears: gone },
      { to: { queue: 'Orders' }, hears: refused },
    ],
  },
  {
    title: 'A fourth transfer is refused',
    expected: 'DEPTH_LIMIT_REACHED',
    queues: {
      Reception: [agent('Fay Fir', [picksUp(400)])],
      Repairs: [agent('Gus Gum', [picksUp(400)])],
      Parts: [agent('Hal Hazel', [picksUp(400)])],
      Complaints: [],
    },
    transfers: [
      { to: { queue: 'Reception' }, hears: gone },
      { to: { queue: 'Repairs' }, hears: gone },
      { to: { queue: 'Parts' }, hears: gone },
      { to: { queue: 'Complaints' }, hears: refused },
    ],
  },
  {
    title: 'The caller gives up waiting',
    expected: 'CALLER_ABANDONED',
    queues: { Weekend: [] },
    callerHangsUpAfter: 2_000,
    transfers: [{ to: { queue: 'Weekend' }, hears: ['initiated', 'abandoned'] }],
  },
  {
    title: 'Genesys says 429, Retry-After',
    expected: 'picked up, after 429',
    queues: { Delivery: [agent('Ivy Ivywood', [picksUp(600)], 'Delivery')] },
    fault: { operation: 'POST /conversations/{id}/participants/{id}/replace/queue', fault: { kind: 'rate-limited', retryAfterSeconds: 1 } },
    transfers: [{ to: { skill: 'Delivery', queue: 'Delivery' }, priority: 20, hears: gone }],
  },
  {
    title: 'Nobody picks up',
    expected: 'PICKUP_TIMEOUT',
    queues: { Night: [agent('Jo Juniper', ['never'], 'Emergency')] },
    transfers: [{ to: { skill: 'Emergency', queue: 'Night' }, priority: 50, hears: ['initiated', 'timeout'] }],
  },
]
