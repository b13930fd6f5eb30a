/** Stage 2, verification: can the target take the call and, if it cannot now, which fallback can (docs/architecture.md#modes-and-targets)? */
import { canTransferTo } from '../../auth/restriction.ts'
import { Problem } from '../../model/problems.ts'
import { callByType, isQueuedTarget, type ByTargetType, type NormalizedTarget, type ResolvedTarget } from '../../model/target.ts'
import type { TransferRecord } from '../../model/transfer.ts'
import { platformProblem } from '../platform-problem.ts'
import type { Candidate } from '../request/candidates.ts'
import { callOptions, type StageContext } from '../stage-context.ts'

export interface Verified {
  resolvedTarget: ResolvedTarget
  /** The resolved target as an entry of the transfer path. */
  place: string
  /** Why each candidate before it was passed over, in order, for the audit trail. */
  considered: string[]
  /** Age of the availability that it was chosen by, ms; null if its type has no availability. */
  availabilityAgeMs: number | null
}

/** Presences of a user who is away from the desk (docs/genesys-cloud.md rule 51). */
const awayPresences: ReadonlySet<string> = new Set(['OFFLINE', 'AWAY'])
/** Routing statuses of a user who can be called directly: one who is off queue is at work, but takes no calls from queues. */
const reachableStatuses: ReadonlySet<string> = new Set(['IDLE', 'OFF_QUEUE'])

/** Reads a part of the target. @throws Problem TARGET_NOT_FOUND, or what the failure of the platform means */
const readTargetPart = <T>(reading: Promise<T>, name: string): Promise<T> =>
  reading.catch((error: unknown) =>
    Promise.reject(platformProblem(error, 'verification', { code: 'TARGET_NOT_FOUND', detail: `The platform has no ${name}.` })),
  )

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

/**
 * Why the target cannot take a call now; undefined if it can. The functions throw a Problem for a wrong target: one that does not
 * exist, is inactive, or is not allowed.
 */
const reasonsAgainst: ByTargetType<Promise<string | undefined>, [context: StageContext]> = {
  async queue({ queueId, skillIds }, context) {
    await Promise.all([
      readTargetPart(context.directory.queue(queueId, callOptions(context, 'read')), `queue ${queueId}`),
      requireActiveSkills(skillIds, context),
    ])
    return undefined
  },
  async skill({ queueId, skillIds }, context) {
    const [members] = await Promise.all([
      readTargetPart(context.directory.idleMembers(queueId, callOptions(context, 'read')), `queue ${queueId}`),
      requireActiveSkills(skillIds, context),
    ])
    const isAnyoneSkilled = members.some((member) => skillIds.every((skillId) => member.skillIds.includes(skillId)))
    return isAnyoneSkilled ? undefined : `no idle member of queue ${queueId} has every skill`
  },
  async agent({ userId, requireOnQueue }, context) {
    const user = await readTargetPart(context.directory.user(userId, callOptions(context, 'read')), `user ${userId}`)
    if (user.state !== 'active') throw new Problem('TARGET_INACTIVE', `User ${userId} is ${user.state}.`)
    const isReachable = requireOnQueue ? user.routingStatus === 'IDLE' : reachableStatuses.has(user.routingStatus)
    if (!isReachable) return `agent ${userId} is ${user.routingStatus}`
    return awayPresences.has(user.presence.toUpperCase()) ? `agent ${userId} is ${user.presence}` : undefined
  },
  async number({ address }, { rules }) {
    if (!rules.allowedNumbers.some((pattern) => pattern.test(address)))
      throw new Problem('TARGET_NOT_ALLOWED', 'ALLOWED_NUMBERS has no pattern for this number.')
    return undefined
  },
}

/** Age of the availability in the directory, ms. Skills and queues change rarely, so that their age says nothing. */
const availabilityAge: ByTargetType<number | undefined, [context: StageContext]> = {
  queue: () => undefined,
  skill: ({ queueId }, { directory }) => directory.ageMs('idleMembers', queueId),
  agent: ({ userId }, { directory }) => directory.ageMs('user', userId),
  number: () => undefined,
}

/**
 * Finds the first candidate that can take the call. A fallback that would close a loop is passed over.
 * @param candidates the target, then the fallbacks in order; validation has checked the target's own loop
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
    const reason = await callByType(reasonsAgainst, target, context)
    if (reason === undefined)
      return {
        resolvedTarget: { ...target, priority: record.priority, usedFallback: isFallback },
        place,
        considered,
        availabilityAgeMs: callByType(availabilityAge, target, context) ?? null,
      }
    considered.push(reason)
  }
  throw new Problem('NO_AGENT_AVAILABLE', `No agent can take the call now: ${considered.join('; ')}.`, { retryAfterSeconds: 10 })
}
