/** How long the results of one kind of read are cached, and how concurrent calls share a request. */
import type { CallOptions } from './http/call-options.ts'
import type { Clock } from './http/clock.ts'
import { withDeadline } from './http/deadline.ts'
import { GenesysError, type GenesysReason } from './http/errors.ts'

export interface CachePolicy {
  /** How long a result is used. */
  foundMs: number
  /** How long "not found" is remembered. */
  notFoundMs: number
  /** How long a missing permission is remembered; absent: not at all. */
  forbiddenMs?: number
  /** How long any other failure is remembered, unless there is a result that can still be used; absent: not at all. */
  failedMs?: number
  /** From this age on, using a result also reads it again in the background, so that no call has to wait. Absent: no such reads. */
  refreshAfterMs?: number
  /** How many results are kept; the oldest ones are dropped first. */
  maximumEntries: number
}

export interface CachedRead<T> {
  /** Returns the cached result, or reads it. @throws GenesysError as `read` does, or `expired` at the deadline of `options` */
  get: (id: string, options: CallOptions) => Promise<T>
  /** How old the cached result is, ms, even if it has expired or is a remembered failure; undefined if there is none. */
  ageMs: (id: string) => number | undefined
}

interface Entry<T> {
  readAt: number
  expiresAt: number
  /** Returns the value, or throws the "not found" error. */
  getValue: () => T
}

/**
 * Creates the cache of one kind of read.
 * @param operation the name of the read in errors
 * @param clock in epoch ms, as deadlines are
 */
export function createCachedRead<T>({
  operation,
  read,
  policy,
  clock,
}: {
  operation: string
  read: (id: string, options: CallOptions) => Promise<T>
  policy: CachePolicy
  clock: Clock
}): CachedRead<T> {
  const entries = new Map<string, Entry<T>>()
  const requests = new Map<string, { deadline: number; result: Promise<T> }>()

  const store = (id: string, forMs: number, getValue: () => T) => {
    // Deleting first moves the entry to the end, so that the first one is the oldest.
    entries.delete(id)
    entries.set(id, { readAt: clock.now(), expiresAt: clock.now() + forMs, getValue })
    const [oldest] = entries.keys()
    if (entries.size > policy.maximumEntries && oldest !== undefined) entries.delete(oldest)
  }

  /** How long a failure is remembered, ms; undefined: not at all. */
  const rememberedFor = (id: string, reason: GenesysReason | undefined): number | undefined => {
    if (reason === 'not_found') return policy.notFoundMs
    if (reason === 'forbidden') return policy.forbiddenMs
    const known = entries.get(id)
    return known && clock.now() < known.expiresAt ? undefined : policy.failedMs
  }

  /** Starts a request that other calls can join. It does not get the signal: a caller that aborts must not end it for the others. */
  const startRequest = (id: string, { deadline, lane, traceparent, canWaitForFamily }: CallOptions): Promise<T> => {
    const result = (async () => {
      try {
        const value = await read(id, { deadline, canWaitForFamily, ...(lane && { lane }), ...(traceparent && { traceparent }) })
        store(id, policy.foundMs, () => value)
        return value
      } catch (error) {
        const rememberedMs = rememberedFor(id, reasonOf(error))
        if (rememberedMs !== undefined)
          store(id, rememberedMs, () => {
            throw error
          })
        throw error
      } finally {
        requests.delete(id)
      }
    })()
    requests.set(id, { deadline, result })
    return result
  }

  /** A refresh that fails is tried again by the next call; until it expires, the cached result is used. */
  const refreshIfDue = (id: string, { readAt }: Entry<T>, options: CallOptions): void => {
    const isDue = clock.now() >= readAt + (policy.refreshAfterMs ?? Infinity)
    if (isDue && !requests.has(id)) startRequest(id, { ...options, canWaitForFamily: false }).catch(() => {})
  }

  return {
    async get(id, options) {
      const { deadline, signal } = options
      const entry = entries.get(id)
      if (entry && clock.now() < entry.expiresAt) {
        refreshIfDue(id, entry, options)
        return entry.getValue()
      }
      const waitFor = (result: Promise<T>) => withDeadline(result, operation, { deadline, signal, clock })
      const shared = requests.get(id)
      if (!shared) return waitFor(startRequest(id, options))
      try {
        return await waitFor(shared.result)
      } catch (error) {
        // The request may have failed because of the deadline or the lane of the call that started it; this call may have more time.
        const isCausedByStarter = clock.now() >= shared.deadline || ['rate_limited', 'expired'].includes(String(reasonOf(error)))
        if (!isCausedByStarter || signal?.aborted || clock.now() >= deadline) throw error
        return waitFor(requests.get(id)?.result ?? startRequest(id, options))
      }
    },
    ageMs(id) {
      const entry = entries.get(id)
      return entry && clock.now() - entry.readAt
    },
  }
}

const reasonOf = (error: unknown): GenesysReason | undefined => (error instanceof GenesysError ? error.reason : undefined)
