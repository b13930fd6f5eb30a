/** When the next call or connection attempt for a notification channel may start: after each failure in a row, later. */
import type { Clock } from '../http/clock.ts'
import { GenesysError } from '../http/errors.ts'
import type { NotificationTiming } from './timing.ts'

export interface Backoff {
  /** The time before which nothing may start, in ms of the clock. */
  notBefore(): number
  /** Records a call, so that the next one waits for `timing.spacingMs`. */
  recordCall(): void
  /** Records that calls and connections work. */
  recordSuccess(): void
  /** Records a failed call or a lost connection. Returns how many ms to wait. */
  recordFailure(error?: unknown): number
  /** Records a connection that ended as announced. A short one counts as a failure; otherwise repeated announcements cause a busy loop. */
  recordEnd(): void
}

const firstWaitMs = 1000
const maximumWaitMs = 60_000
const permanentWaitMs = 10 * 60_000
/** Failures that do not go away by themselves: a person has to grant a permission or repair something. */
const permanentReasons: ReadonlySet<string> = new Set(['forbidden', 'login_failed', 'rejected', 'malformed'])

/** Exponential with full jitter: up to 1 s after the first failure (`earlierFailures` 0), up to 60 s after later ones; `random` returns 0 to 1. */
function computeWaitMs(error: unknown, earlierFailures: number, random: () => number): number {
  const jitteredMs = random() * Math.min(maximumWaitMs, firstWaitMs * 2 ** Math.min(earlierFailures, 16))
  if (!(error instanceof GenesysError)) return jitteredMs
  return Math.max(jitteredMs, error.retryAfterMs ?? 0, permanentReasons.has(error.reason) ? permanentWaitMs : 0)
}

/** Creates a backoff without failures. Failures are forgotten once everything has worked for `timing.stableAfterMs`. */
export function createBackoff({
  clock,
  timing,
  random,
}: {
  clock: Clock
  timing: Pick<NotificationTiming, 'spacingMs' | 'stableAfterMs'>
  random: () => number
}): Backoff {
  let notBefore = -Infinity
  let failures = 0
  let workingSince = Infinity

  const waitAtLeast = (ms: number) => void (notBefore = Math.max(notBefore, clock.now() + ms))
  /** Ends a period without failures. Returns whether it was long enough to forget earlier ones. */
  const endStablePeriod = (): boolean => {
    const wasStable = clock.now() - workingSince >= timing.stableAfterMs
    if (wasStable) failures = 0
    workingSince = Infinity
    return wasStable
  }
  const addFailure = (error: unknown): number => {
    const waitMs = computeWaitMs(error, failures, random)
    failures += 1
    waitAtLeast(waitMs)
    return waitMs
  }
  return {
    notBefore: () => notBefore,
    recordCall: () => waitAtLeast(timing.spacingMs),
    recordSuccess: () => void (workingSince = Math.min(workingSince, clock.now())),
    recordFailure(error) {
      endStablePeriod()
      return addFailure(error)
    },
    recordEnd() {
      if (!endStablePeriod()) addFailure(undefined)
    },
  }
}
