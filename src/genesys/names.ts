/**
 * The names of queues, skills and agents, for people. No transfer waits for them: they are read in the lowest lane, few at a time, and a
 * name that is not known in time is left out.
 */
import { setTimeout } from 'node:timers/promises'
import { createCachedRead } from './cached-read.ts'
import type { CallOptions } from './http/call-options.ts'
import { epochClock } from './http/clock.ts'
import type { PlatformReads } from './reads.ts'

type NamedKind = 'queue' | 'skill' | 'user'
/** Something whose name is wanted. */
export interface NamedId {
  kind: NamedKind
  id: string
}
export type NamesById = Record<string, string>

export interface Names {
  /** The names that are known now. Those that are not are read meanwhile, so a later call has them. */
  known(ids: readonly NamedId[]): NamesById
  /** The names that are known within `waitMs`. It never throws. */
  find(ids: readonly NamedId[], waitMs: number): Promise<NamesById>
}

/** Names change rarely, and an old one does no harm: it is read again every few minutes while it is used. */
const policy = {
  foundMs: 12 * 3_600_000,
  refreshAfterMs: 10 * 60_000,
  notFoundMs: 10 * 60_000,
  forbiddenMs: 10 * 60_000,
  failedMs: 30_000,
  maximumEntries: 5_000,
}
/** How long one read may take, ms. */
const readTimeoutMs = 5_000
/** How many reads run at once, and how many may wait. More are refused: a page with many agents has all names after a few reads. */
const maxRunning = 4
const maxWaiting = 100

/** Runs few reads at once. */
function createGate() {
  const waiting: Array<() => void> = []
  let running = 0
  return async function run<T>(read: () => Promise<T>): Promise<T> {
    if (running < maxRunning) running += 1
    else if (waiting.length >= maxWaiting) throw new Error('too many names are being read')
    else await new Promise<void>((resolve) => void waiting.push(resolve))
    try {
      return await read()
    } finally {
      const next = waiting.shift()
      if (next) next()
      else running -= 1
    }
  }
}

export function createNames(client: Pick<PlatformReads, NamedKind>, clock = epochClock): Names {
  const run = createGate()
  const known = new Map<string, string>()
  const readers: Record<NamedKind, (id: string, options: CallOptions) => Promise<string>> = {
    queue: async (id, options) => (await client.queue(id, options)).name,
    skill: async (id, options) => (await client.skill(id, options)).name,
    user: async (id, options) => (await client.user(id, options)).name ?? '',
  }
  const createCache = (kind: NamedKind) =>
    createCachedRead({
      operation: `name of ${kind}`,
      // The time limit begins when it is the read's turn.
      read: (id, options) => run(() => readers[kind](id, { ...options, deadline: clock.now() + readTimeoutMs })),
      policy,
      clock,
    })
  const caches = { queue: createCache('queue'), skill: createCache('skill'), user: createCache('user') }

  async function read({ kind, id }: NamedId): Promise<void> {
    const options: CallOptions = { deadline: clock.now() + 60_000, lane: 'watch', canWaitForFamily: false }
    const name = await caches[kind].get(id, options).catch(() => undefined)
    // A name that cannot be read again is still the best that is known.
    if (!name) return
    known.delete(id)
    known.set(id, name)
    const [oldest] = known.keys()
    if (known.size > policy.maximumEntries && oldest !== undefined) known.delete(oldest)
  }

  const pickKnown = (ids: readonly NamedId[]): NamesById =>
    Object.fromEntries(ids.flatMap(({ id }) => (known.has(id) ? [[id, known.get(id) ?? '']] : [])))
  const readAll = (ids: readonly NamedId[]): Promise<unknown> =>
    Promise.all([...new Map(ids.map((named) => [named.id, named])).values()].map(read))

  return {
    known(ids) {
      void readAll(ids)
      return pickKnown(ids)
    },
    async find(ids, waitMs) {
      const reads = readAll(ids)
      if (ids.some(({ id }) => !known.has(id))) await Promise.race([reads, setTimeout(waitMs, undefined, { ref: false })])
      return pickKnown(ids)
    },
  }
}
