/** Stage 2, verification: can the target take the call and, if it cannot now, which fallback can (docs/architecture.md#modes-and-targets)? */
import { canTransferTo } from '../../auth/restriction.ts'
import { GenesysError } from '../../genesys/http/errors.ts'
import { Problem } from '../../model/problems.ts'
import { callByType, isQueuedTarget, type ByTargetType, type NormalizedTarget, type ResolvedTarget } from '../../model/target.ts'
import type { TransferRecord } from '../../model/transfer.ts'
import { platformProblem } from '../platform-problem.ts'
import type { Candidate } from '../request/candidates.ts'
import type { CallOptions } from '../../genesys/client.ts'
import { callOptions, type StageContext } from '../stage-context.ts'

export interface Verified {
  resolvedTarget: ResolvedTarget
  /** The resolved target as an entry of the transfer path. */
  place: string
  /** Why each candidate before the resolved target was passed over, in order, for the audit trail. */
  considered: string[]
  /** Age of the availability data by which the target was chosen, ms; null if there are none for its type, or they were not read. */
  availabilityAgeMs: number | null
  /** Whether it is only assumed that the target can take the call, because the platform throttles the reads that would show it. */
  isAssumed: boolean
}

/** Whether a target can take a call now. `isAssumed`: it was not read, because such reads are throttled. */
type Assessment = { canTake: true; isAssumed?: boolean } | { canTake: false; reason: string }
const able: Assessment = { canTake: true }
const unable = (reason: string): Assessment => ({ canTake: false, reason })

/** Presences of a user who is away from the desk (docs/genesys-cloud.md rule 51). */
const awayPresences: ReadonlySet<string> = new Set(['OFFLINE', 'AWAY'])
/** Routing statuses of a user who can be called directly: one who is off queue is at work, but takes no calls from queues. */
const reachableStatuses: ReadonlySet<string> = new Set(['IDLE', 'OFF_QUEUE'])

/** Waits for the read of a skill, queue or user that a target names. @throws Problem TARGET_NOT_FOUND, or what the failure means */
const readTargetPart = <T>(reading: Promise<T>, name: string): Promise<T> =>
  reading.catch((error: unknown) =>
    Promise.reject(platformProblem(error, 'verification', { code: 'TARGET_NOT_FOUND', detail: `The platform has no ${name}.` })),
  )

/**
 * Reads a queue or its members, unless the platform throttles such reads for the whole organization: the transfer does not wait for that
 * (docs/genesys-cloud.md rule 99). It can do without: the platform refuses a command that names a queue which does not exist.
 * @param read gets the options of the call
 * @returns undefined if the read is throttled
 */
async function readUnlessThrottled<T>(
  read: (options: CallOptions) => Promise<T>,
  name: string,
  context: StageContext,
): Promise<T | undefined> {
  const reading = read({ ...callOptions(context, 'read'), canWaitForFamily: false }).catch((error: unknown) => {
    if (error instanceof GenesysError && error.limitScope === 'family') return undefined
    throw error
  })
  return readTargetPart(reading, name)
}

/** @throws Problem TARGET_INACTIVE, TARGET_NOT_FOUND */
function requireActiveSkills(skillIds: readonly string[], context: StageContext): Promise<void[]> {
  return Promise.all(
    skillIds.map(async (skillId) => {
      const skill = await readTargetPart(context.directory.skill(skillId, callOptions(context, 'read')), `skill ${skillId}`)
      if (skill.state !== 'active') throw new Problem('TARGET_INACTIVE', `Skill ${skillId} is ${skill.state}.`)
    }),
  )
}

/** @throws Problem TARGET_NOT_ALLOWED */
function requireAllowed(target: NormalizedTarget, { allowedQueues }: StageContext): void {
  if (canTransferTo(allowedQueues, target)) return
  const name = isQueuedTarget(target) ? `to queue ${target.queueId}` : `to ${target.type === 'agent' ? 'an agent' : 'a number'}`
  throw new Problem('TARGET_NOT_ALLOWED', `This key is limited to queues, and may not transfer ${name}.`)
}

/** The functions throw a Problem for a wrong target: one that does not exist, is inactive, or is not allowed. */
const assessments: ByTargetType<Promise<Assessment>, [context: StageContext]> = {
  async queue({ queueId, skillIds }, context) {
    const [queue] = await Promise.all([
      readUnlessThrottled((options) => context.directory.queue(queueId, options), `queue ${queueId}`, context),
      requireActiveSkills(skillIds, context),
    ])
    return { canTake: true, isAssumed: queue === undefined }
  },
  async skill({ queueId, skillIds }, context) {
    const [members] = await Promise.all([
      readUnlessThrottled((options) => context.directory.idleMembers(queueId, options), `queue ${queueId}`, context),
      requireActiveSkills(skillIds, context),
    ])
    if (members === undefined) return { canTake: true, isAssumed: true }
    const isAnyoneSkilled = members.some((member) => skillIds.every((skillId) => member.skillIds.includes(skillId)))
    return isAnyoneSkilled ? able : unable(`no idle member of queue ${queueId} has every skill`)
  },
  async agent({ userId, requireOnQueue }, context) {
    const user = await readTargetPart(context.directory.user(userId, callOptions(context, 'read')), `user ${userId}`)
    if (user.state !== 'active') throw new Problem('TARGET_INACTIVE', `User ${userId} is ${user.state}.`)
    const isReachable = requireOnQueue ? user.routingStatus === 'IDLE' : reachableStatuses.has(user.routingStatus)
    if (!isReachable) return unable(`agent ${userId} is ${user.routingStatus}`)
    return awayPresences.has(user.presence.toUpperCase()) ? unable(`agent ${userId} is ${user.presence}`) : able
  },
  async number({ address }, { rules }) {
    if (!rules.allowedNumbers.some((pattern) => pattern.test(address)))
      throw new Problem('TARGET_NOT_ALLOWED', 'ALLOWED_NUMBERS has no pattern for this number.')
    return able
  },
}

/** Age of the availability data in the directory, ms. Skills and queues change rarely, so their age does not matter. */
const availabilityAge: ByTargetType<number | undefined, [context: StageContext]> = {
  queue: () => undefined,
  skill: ({ queueId }, { directory }) => directory.ageMs('idleMembers', queueId),
  agent: ({ userId }, { directory }) => directory.ageMs('user', userId),
  number: () => undefined,
}

/**
 * Finds the first candidate that can take the call. A fallback that would close a loop is passed over.
 * @param candidates the target, then the fallbacks in order; validation checks the target itself for a loop
 * @throws Problem for a wrong candidate, since a fallback would hide a broken configuration; NO_AGENT_AVAILABLE when none is left
 */
export async function verification(record: TransferRecord, candidates: readonly Candidate[], context: StageContext): Promise<Verified> {
  // Also a fallback that would not be needed: what a key may request must not depend on who is available.
  for (const { target } of candidates) requireAllowed(target, context)
  const considered: string[] = []
  for (const [index, { target, place }] of candidates.entries()) {
    const isFallback = index > 0
    if (isFallback && record.transferPath.includes(place)) {
      considered.push(`${target.type === 'number' ? 'the number' : place} was visited before`)
      continue
    }
    // One after the other: a fallback is only read when the candidates before it cannot take the call.
    const assessment = await callByType(assessments, target, context)
    if (assessment.canTake) {
      const { isAssumed = false } = assessment
      return {
        resolvedTarget: { ...target, priority: record.priority, usedFallback: isFallback },
        place,
        considered,
        availabilityAgeMs: isAssumed ? null : (callByType(availabilityAge, target, context) ?? null),
        isAssumed,
      }
    }
    considered.push(assessment.reason)
  }
  throw new Problem('NO_AGENT_AVAILABLE', `No agent can take the call now: ${considered.join('; ')}.`, { retryAfterSeconds: 10 })
}
