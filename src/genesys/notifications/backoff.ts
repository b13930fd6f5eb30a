import type { Clock } from '../clock.ts'
import { waitAfter } from './timing.ts'
import type { NotificationTiming } from './timing.ts'

/** When the next thing may be done at the platform; times in ms of the clock. */
export interface Backoff {
  /** Nothing before this, whatever happens. */
  notBefore(): number
  /** A call was made: the next one keeps its distance. */
  called(): void
  well(): void
  /** Something failed or was lost. Returns how long to stay away. */
  stumble(error?: unknown): number
  /** Something ended as it may. Like a stumble if it had hardly begun, or two sides that disagree would keep each other busy. */
  ended(): void
}

/** Waits grow with every stumble until all went well for `calmMs`. */
export function createBackoff({ clock, timing, random }: { clock: Clock; timing: NotificationTiming; random: () => number }): Backoff {
  let [notBefore, tries, calmSince] = [-Infinity, 0, Infinity]
  const later = (ms: number) => void (notBefore = Math.max(notBefore, clock.now() + ms))
  const wasCalm = (): boolean => {
    const calm = clock.now() - calmSince >= timing.calmMs
    if (calm) tries = 0
    calmSince = Infinity
    return calm
  }
  const stumble = (error?: unknown): number => {
    wasCalm()
    const wait = waitAfter(error, tries, random)
    tries += 1
    later(wait)
    return wait
  }
  return {
    notBefore: () => notBefore,
    called: () => later(timing.spacingMs),
    well: () => void (calmSince = Math.min(calmSince, clock.now())),
    stumble,
    ended() {
      if (!wasCalm()) stumble()
    },
  }
}
