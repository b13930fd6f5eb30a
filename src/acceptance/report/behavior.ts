/** The answers as the simulator can be told to repeat them (docs/acceptance.md#the-simulator-behaves-as-recorded). */
import { valueOf, type AnsweredQuestion } from './answered-question.ts'

interface Refusal {
  status: number
  code?: string
}

/** What `npm run simulator -- --behavior FILE` understands. */
export interface RecordedBehavior {
  replaceInFlow?: Refusal | 'ignored'
  routingBeforeArrival?: Refusal
  arrivalMs?: number
  offerMs?: number
  eventsWithout?: string[]
  missingPermissions?: string[]
  longestAttribute?: number
  callback?: Refusal
}

/** A platform that does what the simulator does by itself gives an empty behavior, except for times. */
export function deriveBehavior(answers: readonly AnsweredQuestion[]): RecordedBehavior {
  const refusalOf = (id: string): Refusal | undefined => valueOf(answers, id)['refused'] as Refusal | undefined
  const { moves, isIgnored } = valueOf(answers, 'replace-in-flow')
  const replaceRefusal = refusalOf('replace-in-flow')
  const { accepted } = valueOf(answers, 'routing-before-arrival')
  const routingRefusal = refusalOf('routing-before-arrival') ?? (typeof accepted === 'number' ? { status: accepted } : undefined)
  const { shownAfterMs } = valueOf(answers, 'arrival')
  const { ringsAfterMs } = valueOf(answers, 'pickup-time')
  const { isAvailable, missing: missingForEvents } = valueOf(answers, 'events')
  const { missing } = valueOf(answers, 'permissions')
  const { atLeast, below } = valueOf(answers, 'attribute-size')
  const callback = refusalOf('callback')
  return {
    ...(moves === false && replaceRefusal && { replaceInFlow: replaceRefusal }),
    ...(moves === false && isIgnored === true && { replaceInFlow: 'ignored' as const }),
    ...(routingRefusal && { routingBeforeArrival: routingRefusal }),
    ...(typeof shownAfterMs === 'number' && { arrivalMs: shownAfterMs }),
    ...(typeof shownAfterMs === 'number' && typeof ringsAfterMs === 'number' && { offerMs: Math.max(0, ringsAfterMs - shownAfterMs) }),
    ...(isAvailable === false && { eventsWithout: missingForEvents as string[] }),
    ...(Array.isArray(missing) && missing.length > 0 && { missingPermissions: missing as string[] }),
    ...(typeof below === 'number' && typeof atLeast === 'number' && { longestAttribute: atLeast }),
    ...(callback && { callback }),
  }
}
