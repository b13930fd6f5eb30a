/** Whether anyone is available at a target now, as far as the platform shows that (docs/architecture.md#modes-and-targets). */
import { GenesysError } from '../../genesys/http/errors.ts'
import { isReachable } from '../../genesys/presence.ts'
import type { User } from '../../genesys/responses.ts'
import { Problem } from '../../model/problems.ts'
import { callByType, type ByTargetType, type NormalizedTarget } from '../../model/target.ts'
import { platformProblem } from '../platform-problem.ts'
import type { CallOptions } from '../../genesys/client.ts'
import { callOptions, type Rules, type StageContext } from '../stage-context.ts'

export interface Availability {
  /** Why the target cannot take a call now; undefined: it can. */
  unavailable: string | undefined
  /** Whether it is only assumed that the target can take the call, because the platform throttles the reads that would show it. */
  isAssumed: boolean
}
const available: Availability = { unavailable: undefined, isAssumed: false }
const assumed: Availability = { unavailable: undefined, isAssumed: true }
const unavailable = (reason: string): Availability => ({ unavailable: reason, isAssumed: false })

/** Routing statuses of a user who can be called directly: one who is off queue is at work, but takes no calls from queues. */
const reachableStatuses: ReadonlySet<string> = new Set(['IDLE', 'OFF_QUEUE'])

/**
 * Waits for the read of a skill, queue or user that a target names.
 * @throws Problem TARGET_NOT_FOUND, or the refusal for another failure
 */
const readTargetPart = <T>(reading: Promise<T>, name: string): Promise<T> =>
  reading.catch((error: unknown) =>
    Promise.reject(platformProblem(error, 'verification', { code: 'TARGET_NOT_FOUND', detail: `The platform has no ${name}.` })),
  )

/**
 * Reads a queue or its members. If the platform throttles these reads for the whole organization, the transfer does not wait for the result
 * (docs/genesys-cloud.md rule 99). It can go on without: the platform refuses a command that names a queue which does not exist.
 * @param read gets the options of the call
 * @param name what is read, for the message if it does not exist
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

/** Requires that skills exist and are active. @throws Problem TARGET_INACTIVE, TARGET_NOT_FOUND */
export function requireActiveSkills(skillIds: readonly string[], context: StageContext): Promise<void[]> {
  return Promise.all(
    skillIds.map(async (skillId) => {
      const skill = await readTargetPart(context.directory.skill(skillId, callOptions(context, 'read')), `skill ${skillId}`)
      if (skill.state !== 'active') throw new Problem('TARGET_INACTIVE', `Skill ${skillId} is ${skill.state}.`)
    }),
  )
}

/** @throws Problem TARGET_INACTIVE, TARGET_NOT_FOUND */
async function readActiveUser(userId: string, context: StageContext): Promise<User> {
  const user = await readTargetPart(context.directory.user(userId, callOptions(context, 'read')), `user ${userId}`)
  if (user.state !== 'active') throw new Problem('TARGET_INACTIVE', `User ${userId} is ${user.state}.`)
  return user
}

/**
 * Requires that a queue and the skills exist. The queue then counts as available even if none of its agents is idle: the call can wait there.
 * @throws Problem TARGET_NOT_FOUND, TARGET_INACTIVE
 */
async function assessQueue(queueId: string, skillIds: readonly string[], context: StageContext): Promise<Availability> {
  const [queue] = await Promise.all([
    readUnlessThrottled((options) => context.directory.queue(queueId, options), `queue ${queueId}`, context),
    requireActiveSkills(skillIds, context),
  ])
  return queue === undefined ? assumed : available
}

/** Whether ALLOWED_NUMBERS has a pattern for this number. */
export const isAllowedNumber = (address: string, { allowedNumbers }: Pick<Rules, 'allowedNumbers'>): boolean =>
  allowedNumbers.some((pattern) => pattern.test(address))

/** Each function throws a Problem if the target does not exist, is inactive, or is not allowed. */
const assessmentByType: ByTargetType<Promise<Availability>, [context: StageContext]> = {
  queue: ({ queueId, skillIds }, context) => assessQueue(queueId, skillIds, context),
  async skill({ queueId, skillIds }, context) {
    const [members] = await Promise.all([
      readUnlessThrottled((options) => context.directory.idleMembers(queueId, options), `queue ${queueId}`, context),
      requireActiveSkills(skillIds, context),
    ])
    if (members === undefined) return assumed
    const isAnyoneSkilled = members.some((member) => skillIds.every((skillId) => member.skillIds.includes(skillId)))
    return isAnyoneSkilled ? available : unavailable(`no idle member of queue ${queueId} has every skill`)
  },
  async agent({ userId, requireOnQueue }, context) {
    const user = await readActiveUser(userId, context)
    const canBeOffered = requireOnQueue ? user.routingStatus === 'IDLE' : reachableStatuses.has(user.routingStatus)
    if (!canBeOffered) return unavailable(`agent ${userId} is ${user.routingStatus}`)
    return isReachable(user.presence) ? available : unavailable(`agent ${userId} is ${user.presence}`)
  },
  async number({ address }, { rules }) {
    if (!isAllowedNumber(address, rules)) throw new Problem('TARGET_NOT_ALLOWED', 'ALLOWED_NUMBERS has no pattern for this number.')
    return available
  },
  // An agent is needed only later, when the caller is called back.
  callback: ({ queueId, skillIds }, context) => assessQueue(queueId, skillIds, context),
}

/** How old the directory's data about idle agents is, ms. Skills and queues change rarely, so their age does not matter: undefined. */
const ageMsByType: ByTargetType<number | undefined, [context: StageContext]> = {
  queue: () => undefined,
  skill: ({ queueId }, { directory }) => directory.ageMs('idleMembers', queueId),
  agent: ({ userId }, { directory }) => directory.ageMs('user', userId),
  number: () => undefined,
  callback: () => undefined,
}

/**
 * Reads whether anyone is available at a target.
 * @returns `ageMs`: how old the data about idle agents is; null for a target without such data, or if it was not read
 * @throws Problem TARGET_NOT_FOUND, TARGET_INACTIVE or TARGET_NOT_ALLOWED for a wrong target; the refusal for a read that failed otherwise
 */
export async function readAvailability(target: NormalizedTarget, context: StageContext): Promise<Availability & { ageMs: number | null }> {
  const availability = await callByType(assessmentByType, target, context)
  const ageMs = availability.isAssumed ? undefined : callByType(ageMsByType, target, context)
  return { ...availability, ageMs: ageMs === undefined ? null : Math.round(ageMs) }
}
