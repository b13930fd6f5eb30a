import type { IdleMember, Queue, Skill, User } from './responses.ts'
import type { CallOptions } from './client.ts'
import { clockOver, wallClock } from './clock.ts'
import type { Clock } from './clock.ts'
import { within } from './http/deadline.ts'
import { GenesysError } from './http/errors.ts'
import type { GenesysReason } from './http/errors.ts'

/** The reads whose answers may be a moment old. */
export interface Lookups {
  skill(skillId: string, options: CallOptions): Promise<Skill>
  queue(queueId: string, options: CallOptions): Promise<Queue>
  user(userId: string, options: CallOptions): Promise<User>
  idleMembers(queueId: string, options: CallOptions): Promise<IdleMember[]>
}
export interface Directory extends Lookups {
  /** How old the answer is that is remembered, ms; undefined: none is. */
  age(what: keyof Lookups, id: string): number | undefined
}

/** How long an answer is good, in ms, and how many are kept. Definitions change rarely, availability all the time (design §6). */
const KEPT = {
  skill: { found: 5 * 60_000, missing: 10_000, most: 2000 },
  queue: { found: 5 * 60_000, missing: 10_000, most: 2000 },
  user: { found: 1000, missing: 1000, most: 2000 },
  idleMembers: { found: 1000, missing: 1000, most: 200 },
}

/** The client's reads, remembered for as long as `KEPT` says, and asked once however many ask at the same time. `clock` in epoch ms. */
export function createDirectory(client: Lookups, { clock: now }: { clock?: () => number } = {}): Directory {
  const clock = now ? clockOver(now) : wallClock
  const known = {
    skill: remembered((id, options) => client.skill(id, options), KEPT.skill, 'getRoutingSkill', clock),
    queue: remembered((id, options) => client.queue(id, options), KEPT.queue, 'getRoutingQueue', clock),
    user: remembered((id, options) => client.user(id, options), KEPT.user, 'getUser', clock),
    idleMembers: remembered((id, options) => client.idleMembers(id, options), KEPT.idleMembers, 'getRoutingQueueMembers', clock),
  }
  return {
    skill: known.skill.ask,
    queue: known.queue.ask,
    user: known.user.ask,
    idleMembers: known.idleMembers.ask,
    age: (what, id) => known[what].age(id),
  }
}

type Lookup<T> = (id: string, options: CallOptions) => Promise<T>

/** Only answers and "not found" are kept. Any other failure is told to those who wait for it and forgotten. */
function remembered<T>(
  ask: Lookup<T>,
  kept: { found: number; missing: number; most: number },
  operation: string,
  clock: Clock,
): { ask: Lookup<T>; age: (id: string) => number | undefined } {
  const answers = new Map<string, { at: number; until: number; tell: () => T }>()
  const flights = new Map<string, { deadline: number; answer: Promise<T> }>()

  const keep = (id: string, forMs: number, tell: () => T) => {
    answers.delete(id)
    answers.set(id, { at: clock.now(), until: clock.now() + forMs, tell })
    const [oldest] = answers.keys()
    if (answers.size > kept.most && oldest !== undefined) answers.delete(oldest)
  }
  const fly = (id: string, { deadline, lane, traceparent }: CallOptions): Promise<T> => {
    const answer = (async () => {
      try {
        const value = await ask(id, { deadline, ...(lane && { lane }), ...(traceparent && { traceparent }) })
        keep(id, kept.found, () => value)
        return value
      } catch (error) {
        if (reasonOf(error) === 'not_found')
          keep(id, kept.missing, () => {
            throw error
          })
        throw error
      } finally {
        flights.delete(id)
      }
    })()
    flights.set(id, { deadline, answer })
    return answer
  }

  const lookUp: Lookup<T> = async (id, options) => {
    const { deadline, signal } = options
    const known = answers.get(id)
    if (known && clock.now() < known.until) return known.tell()
    const patiently = (answer: Promise<T>) => within(answer, operation, { deadline, signal, clock })
    const joined = flights.get(id)
    if (!joined) return patiently(fly(id, options))
    try {
      return await patiently(joined.answer)
    } catch (error) {
      // It may have failed for its first passenger's deadline or lane, which say nothing about ours.
      const theirs = clock.now() >= joined.deadline || reasonOf(error) === 'rate_limited' || reasonOf(error) === 'expired'
      if (!theirs || signal?.aborted || clock.now() >= deadline) throw error
      return patiently(flights.get(id)?.answer ?? fly(id, options))
    }
  }
  return {
    ask: lookUp,
    age(id) {
      const answer = answers.get(id)
      return answer && clock.now() - answer.at
    },
  }
}

const reasonOf = (error: unknown): GenesysReason | undefined => (error instanceof GenesysError ? error.reason : undefined)
