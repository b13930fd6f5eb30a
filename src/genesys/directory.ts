/** How long skills, queues, users and idle members are cached. */
import { createCachedRead } from './cached-read.ts'
import type { CallOptions } from './http/call-options.ts'
import { createClock, epochClock } from './http/clock.ts'
import type { PlatformReads } from './reads.ts'

/** The reads whose results may be slightly old. */
export type CachedReads = Pick<PlatformReads, 'skill' | 'queue' | 'user' | 'idleMembers'>

export interface Directory extends CachedReads {
  /** The user as up to five minutes ago: enough to tell whether the user exists and is active, but not whether the user is free. */
  userDefinition: PlatformReads['user']
  /** How old the cached result is, in ms; undefined if there is none. */
  ageMs(read: keyof CachedReads, id: string): number | undefined
}

/** Definitions change rarely (docs/genesys-cloud.md rule 52), availability all the time (docs/genesys-cloud.md rule 49). */
const definitionPolicy = { foundMs: 5 * 60_000, notFoundMs: 10_000 }
const availabilityPolicy = { foundMs: 1000, notFoundMs: 1000 }
const policies = {
  skill: { ...definitionPolicy, maximumEntries: 2000 },
  queue: { ...definitionPolicy, maximumEntries: 2000 },
  user: { ...availabilityPolicy, maximumEntries: 2000 },
  userDefinition: { ...definitionPolicy, maximumEntries: 2000 },
  idleMembers: { ...availabilityPolicy, maximumEntries: 200 },
}

/** Caches reads of `client`; concurrent calls for the same id share one request. `clock` returns epoch ms. */
export function createDirectory(client: CachedReads, { clock: now }: { clock?: () => number } = {}): Directory {
  const clock = now ? createClock(now) : epochClock
  const cache = <T>(operation: string, read: (id: string, options: CallOptions) => Promise<T>, policy: typeof policies.skill) =>
    createCachedRead({ operation, read, policy, clock })
  const caches = {
    skill: cache('getRoutingSkill', (id, options) => client.skill(id, options), policies.skill),
    queue: cache('getRoutingQueue', (id, options) => client.queue(id, options), policies.queue),
    user: cache('getUser', (id, options) => client.user(id, options), policies.user),
    userDefinition: cache('getUser', (id, options) => client.user(id, options), policies.userDefinition),
    idleMembers: cache('getRoutingQueueMembers', (id, options) => client.idleMembers(id, options), policies.idleMembers),
  }
  return {
    skill: caches.skill.get,
    queue: caches.queue.get,
    user: caches.user.get,
    userDefinition: caches.userDefinition.get,
    idleMembers: caches.idleMembers.get,
    ageMs: (read, id) => caches[read].ageMs(id),
  }
}
