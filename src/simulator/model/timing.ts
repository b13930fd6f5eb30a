/** Which of the times that were set applies to a call. */
import type { Agent, Queue } from './directory.ts'
import type { PlatformState } from './platform-state.ts'
import type { Timing } from './settings.ts'

/** One time that applies to a call: the agent's own if set, else the queue's, else the platform's. */
export function getTiming<K extends keyof Timing>(platform: PlatformState, key: K, queue?: Queue, agent?: Agent): Timing[K] {
  const override = [agent?.timing[key], queue?.timing[key]].find((time) => time !== undefined)
  return override === undefined ? platform.settings[key] : override
}
