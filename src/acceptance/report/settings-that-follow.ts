/** Which settings follow from the answers. */
import type { Recording } from '../recording/recording.ts'
import { valueOf, type AnsweredQuestion } from './answered-question.ts'

export interface FollowingSetting {
  /** A setting, a field of a request, or `permissions`. */
  name: string
  value: string
  because: string
}

/** Handoff's own attributes have at most this many characters (docs/architecture.md#summary-and-reason). */
const ownAttributeLength = 250
/** Handoff repeats the routing command for this long. */
const routingRetryMs = 10_000

/** @param answers all answers of the report */
export function deriveSettings(answers: readonly AnsweredQuestion[], { settings }: Recording): FollowingSetting[] {
  const following: FollowingSetting[] = []
  const add = (name: string, value: string | number, because: string): void => void following.push({ name, value: String(value), because })

  const { moves } = valueOf(answers, 'replace-in-flow')
  if (moves === true) add('mode', 'execute', 'replace/queue moves a call that is in a flow')
  else if (moves === false) add('mode', 'decide', 'the platform does not take a call from a flow: let the flow transfer it')
  else add('mode', 'decide', 'it is not known whether the platform takes a call from a flow; this works in any case')

  const { isAvailable, missing: missingForEvents } = valueOf(answers, 'events')
  if (isAvailable === true) add('PICKUP_EVENTS', 'on', 'events about the call arrive')
  if (isAvailable === false) add('PICKUP_EVENTS', 'off', 'no events arrive; polling finds every pickup')

  const { pickedUpAfterMs } = valueOf(answers, 'pickup-time')
  if (typeof pickedUpAfterMs === 'number') {
    const isEnough = pickedUpAfterMs * 1.5 <= settings.pickupTimeoutMs
    const needed = isEnough ? settings.pickupTimeoutMs : Math.ceil((pickedUpAfterMs * 1.5) / 1_000) * 1_000
    add('PICKUP_TIMEOUT_MS', needed, isEnough ? 'the pickup came well within it' : 'the pickup took about as long as it allows, or longer')
  }
  const { requestsPerMinute } = valueOf(answers, 'limits')
  if (typeof requestsPerMinute === 'number')
    add('GENESYS_REQUESTS_PER_MINUTE', requestsPerMinute, 'the platform allows as many for a token')

  const { atLeast } = valueOf(answers, 'attribute-size')
  if (typeof atLeast === 'number' && atLeast < ownAttributeLength)
    add('LOOP_GUARD_ATTRIBUTES', 'off', `attributes of ${ownAttributeLength} characters are not kept; do not send summary either`)

  const { acceptedAfterMs } = valueOf(answers, 'routing-before-arrival')
  if (typeof acceptedAfterMs === 'number' && acceptedAfterMs > routingRetryMs)
    add('skills and priority', 'by the flow', 'the platform takes them later than Handoff tries to set them')

  const missing = new Set(
    [valueOf(answers, 'permissions')['missing'], missingForEvents].flatMap((list) => (Array.isArray(list) ? list.map(String) : [])),
  )
  for (const permission of missing) add('permission', permission, 'add it to the role of the OAuth client, in every division that matters')
  return following
}
