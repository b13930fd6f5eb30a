/** How the results of one kind of read are cached and shared between calls. */
import type { CallOptions } from './http/call-options.ts'
import type { Clock } from './http/clock.ts'
import { withDeadline } from './http/deadline.ts'
import { GenesysError, type GenesysReason } from './http/errors.ts'

export interface CachePolicy {
  /** How long a result is used. */
  foundMs: number
  /** How long "not found" is remembered. */
  notFoundMs: number
  /** How long it is remembered that a permission is missing; absent: not at all. Other failures never are. */
  forbiddenMs?: number
  /** A result that is used at this age or later is also read again in the background, so that nobody waits for it. Absent: it is not. */
  refreshAfterMs?: number
  /** With more entries the oldest ones are dropped. */
  maximumEntries: number
}

export interface CachedRead<T> {
  /** @throws GenesysError as `read` does, or `expired` at the deadline of `options` */
  get: (id: string, options: CallOptions) => Promise<T>
  /** How old the cached result is; undefined if there is none. */
  ageMs: (id: string) => number | undefined
}

interface Entry<T> {
  readAt: number
  expiresAt: number
  /** Returns the value, or throws the "not found" error. */
  getValue: () => T
}

/** `clock` is in epoch ms, as deadlines are. `operation` names the call in errors. */
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

  /** The signal is not passed on: a caller that aborts must not end the request for the others. */
  const startRequest = (id: string, { deadline, lane, traceparent, canWaitForFamily }: CallOptions): Promise<T> => {
    const result = (async () => {
      try {
        const value = await read(id, { deadline, canWaitForFamily, ...(lane && { lane }), ...(traceparent && { traceparent }) })
        store(id, policy.foundMs, () => value)
        return value
      } catch (error) {
        const rememberedMs = { not_found: policy.notFoundMs, forbidden: policy.forbiddenMs }[String(reasonOf(error))]
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

  /** What fails in the background is tried again by the next call; the result that is known is used until it expires. */
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
        const isFailureOfStarter = clock.now() >= shared.deadline || ['rate_limited', 'expired'].includes(String(reasonOf(error)))
        if (!isFailureOfStarter || signal?.aborted || clock.now() >= deadline) throw error
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
