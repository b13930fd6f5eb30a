/** Stage 2, verification: can the target take the call, and if it only cannot now, which fallback can? (design §2) */
import { Problem } from '../../model/problems.ts'
import { normalizeTarget, type NormalizedTarget } from '../request/normalize-request.ts'
import { callOptions, type StageContext } from '../stage-context.ts'
import { guardLoop, placeOf } from '../loop-guard.ts'
import { platformProblem } from '../platform-problem.ts'
import type { ResolvedTarget, TransferRecord } from '../../model/transfer.ts'

export interface Verified {
  resolvedTarget: ResolvedTarget
  /** What was considered and why it was passed over, in order: for the audit trail. */
  considered: string[]
  /** How old what it was judged by was, ms; null: nothing that is remembered was asked. */
  availabilityAgeMs: number | null
}

/** Undefined: it can take the call. A text: why nobody there can, now. A wrong target is thrown. */
type Judgement = Promise<string | undefined>
type Judge = (place: NormalizedTarget, line: StageContext) => Judgement

/** Presences in which an agent is away from the desk (genesys-api §5). */
const absent = ['OFFLINE', 'AWAY']

const known = <T>(reading: Promise<T>, what: string): Promise<T> =>
  reading.catch((error: unknown) =>
    Promise.reject(platformProblem(error, 'verification', { code: 'TARGET_NOT_FOUND', detail: `The platform knows no ${what}.` })),
  )

function activeSkills(place: NormalizedTarget, line: StageContext): Promise<void[]> {
  return Promise.all(
    place.skillIds.map(async (skillId) => {
      const skill = await known(line.directory.skill(skillId, callOptions(line, 'read')), `skill ${skillId}`)
      if (skill.state !== 'active') throw new Problem('TARGET_INACTIVE', `Skill ${skillId} is ${skill.state}.`)
    }),
  )
}

function allowQueue({ queueId }: NormalizedTarget, { allowedQueues }: StageContext): void {
  if (queueId && allowedQueues && !allowedQueues.includes(queueId))
    throw new Problem('TARGET_NOT_ALLOWED', `This key may not transfer to queue ${queueId}.`)
}

const judges: Readonly<Record<NormalizedTarget['type'], Judge>> = {
  async queue(place, line) {
    allowQueue(place, line)
    await Promise.all([
      known(line.directory.queue(String(place.queueId), callOptions(line, 'read')), `queue ${place.queueId}`),
      activeSkills(place, line),
    ])
    return undefined
  },
  async skill(place, line) {
    allowQueue(place, line)
    const [members] = await Promise.all([
      known(line.directory.idleMembers(String(place.queueId), callOptions(line, 'read')), `queue ${place.queueId}`),
      activeSkills(place, line),
    ])
    const able = members.some((member) => place.skillIds.every((skillId) => member.skillIds.includes(skillId)))
    return able ? undefined : `no idle member of queue ${place.queueId} has every skill`
  },
  async agent({ userId }, line) {
    const user = await known(line.directory.user(String(userId), callOptions(line, 'read')), `user ${userId}`)
    if (user.state !== 'active') throw new Problem('TARGET_INACTIVE', `User ${userId} is ${user.state}.`)
    if (user.routingStatus !== 'IDLE') return `agent ${userId} is ${user.routingStatus}`
    return absent.includes(user.presence.toUpperCase()) ? `agent ${userId} is ${user.presence}` : undefined
  },
  async number({ address }, { rules }) {
    if (!rules.allowedNumbers.some((pattern) => pattern.test(String(address))))
      throw new Problem('TARGET_NOT_ALLOWED', 'ALLOWED_NUMBERS has no pattern for this number.')
    return undefined
  },
}

/** Skills and queues change rarely; whether somebody is there is what may have changed since. */
function availabilityAge({ type, queueId, userId }: NormalizedTarget, { directory }: StageContext): number | undefined {
  if (type === 'skill') return directory.age('idleMembers', String(queueId))
  return type === 'agent' ? directory.age('user', String(userId)) : undefined
}

function candidates(record: TransferRecord, { rules, allowedQueues }: StageContext): NormalizedTarget[] {
  const places = [record.target, ...record.fallback].map((target) => normalizeTarget(target, rules))
  const last = rules.fallbackQueueId?.toLowerCase()
  // Not the caller's choice, and so no reason to refuse: a key that may not use the configured fallback has none.
  return last && (!allowedQueues || allowedQueues.includes(last))
    ? [...places, normalizeTarget({ type: 'queue', queueId: last }, rules)]
    : places
}

/**
 * The first of target, fallbacks and fallback queue that can take the call.
 * A fallback that would close a loop is passed over.
 * @throws Problem for the first wrong one (a fallback would hide a broken configuration), or NO_AGENT_AVAILABLE
 */
export async function verification(record: TransferRecord, line: StageContext): Promise<Verified> {
  const considered: string[] = []
  for (const [index, place] of candidates(record, line).entries()) {
    try {
      guardLoop({ depth: 0, path: record.transferPath }, placeOf(place, line.rules.loopSecret))
    } catch (loop) {
      if (index === 0) throw loop
      considered.push(`${place.type === 'number' ? 'the number' : placeOf(place, line.rules.loopSecret)} was visited before`)
      continue
    }
    // In order, not at once: a fallback is asked only when those before it cannot.
    const unavailable = await judges[place.type](place, line)
    if (unavailable === undefined)
      return {
        resolvedTarget: { ...place, priority: record.priority, usedFallback: index > 0 },
        considered,
        availabilityAgeMs: availabilityAge(place, line) ?? null,
      }
    considered.push(unavailable)
  }
  throw new Problem('NO_AGENT_AVAILABLE', `Nobody can take the call now: ${considered.join('; ')}.`, { retryAfterSeconds: 10 })
}
