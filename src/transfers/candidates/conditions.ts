/** Whether the conditions of a candidate are met: is it open, and is the estimated wait short enough (docs/architecture.md#conditions)? */
import type { CallOptions } from '../../genesys/client.ts'
import { GenesysError } from '../../genesys/http/errors.ts'
import type { Considered, PassedOverReason } from '../../model/considered.ts'
import { Problem } from '../../model/problems.ts'
import { isQueuedTarget, type NormalizedTarget } from '../../model/target.ts'
import type { TransferRecord } from '../../model/transfer.ts'
import type { OpenHours, OpenHoursReason } from '../../schedules/open-hours.ts'
import type { Candidate } from '../request/candidates.ts'
import { logFields, optionalCallOptions, type StageContext } from '../stage-context.ts'

export interface PassedOver {
  reason: PassedOverReason
  message: string
}

/** What the reads show about the conditions of one candidate. */
export interface ConditionResult extends Pick<Considered, 'opensAt' | 'estimatedWaitSeconds' | 'warnings'> {
  /** The first condition that is not met; undefined if all are met. */
  passedOver: PassedOver | undefined
  readAgesMs: Pick<Considered['readAgesMs'], 'openHours' | 'estimatedWait'>
}

/** The result of a read, if there was one. */
interface ReadResult<T> {
  /** Undefined if there was no read, or if the read failed. */
  value: T | undefined
  /** How old the value is, ms; null if there is none. */
  ageMs: number | null
  warnings: string[]
}
const notRead = { value: undefined, ageMs: null, warnings: [] }

/**
 * Reads what a condition depends on. If the read fails, the condition counts as met: it is worse to leave a caller behind than to move one
 * to a place that turns out to be closed.
 * @param start starts the read
 * @param notFound makes the refusal for a 404; if absent, a 404 is a failure like any other
 * @throws Problem TARGET_NOT_FOUND, as `notFound` makes it
 */
export async function readForCondition<T extends { ageMs: number }>(
  condition: 'openHours' | 'maxWaitSeconds' | 'preferredUserIds',
  start: (options: CallOptions) => Promise<T>,
  record: TransferRecord,
  context: StageContext,
  notFound?: (error: GenesysError) => Problem,
): Promise<ReadResult<T>> {
  try {
    const value = await start({ ...optionalCallOptions(context, 'read'), canWaitForFamily: false })
    return { value, ageMs: Math.max(0, Math.round(value.ageMs)), warnings: [] }
  } catch (error) {
    if (!(error instanceof GenesysError)) throw error
    if (error.reason === 'not_found' && notFound) throw notFound(error)
    context.log.warn(
      { ...logFields(record), stage: 'verification', condition, reason: error.message },
      'a condition could not be checked, and counts as met',
    )
    return { ...notRead, warnings: [`${condition} not checked: ${error.message}`] }
  }
}

/** The refusal for a schedule group or an emergency group that does not exist: ignoring that would hide a broken configuration. */
const groupNotFound = ({ operation }: GenesysError, { scheduleGroupId, emergencyGroupId }: NonNullable<NormalizedTarget['openHours']>) =>
  new Problem(
    'TARGET_NOT_FOUND',
    operation === 'getArchitectEmergencygroup'
      ? `The platform has no emergency group ${emergencyGroupId}.`
      : `The platform has no schedule group ${scheduleGroupId}.`,
  )

/**
 * Checks the conditions of a candidate, all at the same time. Conditions that the request overrides are not read and count as met.
 * @throws Problem TARGET_NOT_FOUND for a schedule group or an emergency group that does not exist
 */
export async function checkConditions(
  record: TransferRecord,
  { target, place }: Candidate,
  context: StageContext,
): Promise<ConditionResult> {
  const { openHours, maxWaitSeconds } = target
  const { override = [] } = record
  const [hours, wait] = await Promise.all([
    openHours && !override.includes('openHours')
      ? readForCondition(
          'openHours',
          (options) => context.conditions.openHours(openHours, options),
          record,
          context,
          (error) => groupNotFound(error, openHours),
        )
      : notRead,
    isQueuedTarget(target) && maxWaitSeconds !== undefined && !override.includes('maxWait')
      ? readForCondition('maxWaitSeconds', (options) => context.conditions.estimatedWait(target.queueId, options), record, context)
      : notRead,
  ])
  const estimatedWaitSeconds = wait.value?.seconds == null ? null : Math.round(wait.value.seconds)
  const hasNoEstimate = wait.value?.seconds === null
  return {
    passedOver: findUnmet(place, hours.value, estimatedWaitSeconds, maxWaitSeconds),
    opensAt: hours.value?.opensAt ?? null,
    estimatedWaitSeconds,
    readAgesMs: { openHours: hours.ageMs, estimatedWait: wait.ageMs },
    warnings: [...hours.warnings, ...wait.warnings, ...(hasNoEstimate ? ['maxWaitSeconds not checked: the platform has no estimate'] : [])],
  }
}

/** Why a place is closed, in words for the message. */
const closureTexts: Readonly<Record<OpenHoursReason, string>> = {
  emergency: 'closed by an emergency',
  holiday: 'closed for a holiday',
  closed: 'closed',
  'no schedule': 'closed at this time',
  open: 'open',
}

function findUnmet(
  place: string,
  hours: OpenHours | undefined,
  estimatedWaitSeconds: number | null,
  maxWaitSeconds = Infinity,
): PassedOver | undefined {
  if (hours && !hours.isOpen) {
    const opening = hours.opensAt === undefined ? '' : `, and opens at ${hours.opensAt}`
    return { reason: 'closed', message: `${place} is ${closureTexts[hours.reason]}${opening}` }
  }
  if (estimatedWaitSeconds !== null && estimatedWaitSeconds > maxWaitSeconds)
    return {
      reason: 'wait_too_long',
      message: `${place} has an estimated wait of ${estimatedWaitSeconds} s, more than ${maxWaitSeconds} s`,
    }
  return undefined
}
