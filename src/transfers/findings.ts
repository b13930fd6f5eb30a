/** What validation and verification found out about a transfer, and what of it goes into the record and the audit trail. */
import { isQueuedTarget, toStoredTarget } from '../model/target.ts'
import { numberHash } from './number-hash.ts'
import type { Validated } from './stages/validation.ts'
import type { Verified } from './stages/verification.ts'
import type { Detail, Patch } from './patch.ts'
import type { Rules } from './stage-context.ts'

export type Findings = Validated & Verified

/** What the findings add to the record. An update that the call does not need counts as done. */
export const findingsPatch = (
  { history, customer, snapshot, resolvedTarget, place }: Findings,
  { writesLoopGuardAttributes }: Pick<Rules, 'writesLoopGuardAttributes'>,
): Patch => ({
  resolvedTarget: toStoredTarget(resolvedTarget),
  customerId: customer.id,
  snapshot,
  transferDepth: history.depth + 1,
  transferPath: [...history.path, place],
  ...(!isQueuedTarget(resolvedTarget) && { routing: 'done' as const }),
  ...(!writesLoopGuardAttributes && { mirror: 'done' as const }),
})

/** The caller's number as a keyed hash, for the audit trail; empty if the platform does not show the number. */
export function callerNumberHash({ customer }: Findings, secret: string): Record<string, string> {
  const hash = numberHash(customer.legs.find(({ address }) => address !== undefined)?.address ?? '', secret)
  return hash === undefined ? {} : { callerNumber: hash }
}

/** How the target was chosen, for the audit trail. */
export const choiceDetail = ({ considered, availabilityAgeMs, isAssumed }: Verified): Detail => ({
  ...(considered.length > 0 && { passedOver: considered.join('; ') }),
  ...(availabilityAgeMs !== null && { availabilityAgeMs: Math.round(availabilityAgeMs) }),
  ...(isAssumed && { availability: 'not read: throttled' }),
})
