/** The findings of validation and verification about a transfer, and what they add to its record and to the audit trail. */
import type { Considered } from '../model/considered.ts'
import { firstHop } from '../model/hop.ts'
import { isQueuedTarget, toStoredTarget } from '../model/target.ts'
import { numberHash } from './number-hash.ts'
import type { Validated } from './stages/validation.ts'
import type { Verified } from './stages/verification.ts'
import type { Detail, Patch } from './patch.ts'
import type { Rules } from './stage-context.ts'

export interface Findings extends Validated, Verified {
  /** From the platform's acceptance until the call moves on to the next hop if nobody picks up, ms; null: the call stays. */
  overflowAfterMs: number | null
}

/** What the findings add to the record. Routing or loop-guard attributes that the call does not need count as done. */
export const findingsPatch = (
  { history, customer, snapshot, resolvedTarget, considered, place, index, overflowAfterMs }: Findings,
  { writesLoopGuardAttributes }: Pick<Rules, 'writesLoopGuardAttributes'>,
): Patch => ({
  resolvedTarget: toStoredTarget(resolvedTarget),
  considered,
  customerId: customer.id,
  snapshot,
  transferDepth: history.depth + 1,
  transferPath: [...history.path, place],
  hop: { ...firstHop, candidateIndex: index, overflowAfterMs },
  ...(!isQueuedTarget(resolvedTarget) && { routing: 'done' as const }),
  ...((!writesLoopGuardAttributes || resolvedTarget.type === 'callback') && { mirror: 'done' as const }),
})

/** The caller's number as a keyed hash, for the audit trail; empty if the platform does not show the number. */
export function callerNumberHash({ customer }: Findings, secret: string): Record<string, string> {
  const hash = numberHash(customer.legs.find(({ address }) => address !== undefined)?.address ?? '', secret)
  return hash === undefined ? {} : { callerNumber: hash }
}

/**
 * How old the reads about a candidate were, as a list with one text such as `queue:<id>: openHours 1200 ms, availability 5 ms`; the list is
 * empty if nothing was read.
 */
const describeReadAges = ({ place, readAgesMs }: Considered): string[] => {
  const ages = Object.entries(readAgesMs).flatMap(([read, ageMs]) => (ageMs === null ? [] : `${read} ${ageMs} ms`))
  return ages.length > 0 ? [`${place}: ${ages.join(', ')}`] : []
}

/** Why candidates were passed over, what the answer warns of, and how old the reads were, for the audit trail. */
export function consideredDetail(considered: readonly Considered[]): Detail {
  const passedOver = considered.flatMap(({ taken, message }) => (taken ? [] : (message ?? [])))
  const warnings = considered.flatMap(({ place, warnings: ofCandidate }) => ofCandidate.map((warning) => `${place}: ${warning}`))
  const readAges = considered.flatMap(describeReadAges)
  return {
    ...(passedOver.length > 0 && { passedOver: passedOver.join('; ') }),
    ...(warnings.length > 0 && { warnings: warnings.join('; ') }),
    ...(readAges.length > 0 && { readAges: readAges.join('; ') }),
  }
}

/** How the target was chosen, for the audit trail. If the platform throttles the read of its availability, the target is assumed to be available. */
export const choiceDetail = ({ considered, isAssumed }: Verified): Detail => {
  const availabilityAgeMs = considered.find(({ taken }) => taken)?.readAgesMs.availability ?? null
  return {
    ...consideredDetail(considered),
    ...(availabilityAgeMs !== null && { availabilityAgeMs }),
    ...(isAssumed && { availability: 'not read: throttled' }),
  }
}
