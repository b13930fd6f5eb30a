/** Which duration applies to a call: the agent's, the queue's or the platform's. */
import type { Agent, Queue } from './directory.ts'
import type { PlatformState } from './platform-state.ts'
import type { Timing } from './settings.ts'

/** The duration that applies to a call: the agent's if set, else the queue's if set, else the platform's. */
export function getTiming<K extends keyof Timing>(platform: PlatformState, key: K, queue?: Queue, agent?: Agent): Timing[K] {
  const override = [agent?.timing[key], queue?.timing[key]].find((duration) => duration !== undefined)
  return override === undefined ? platform.settings[key] : override
}
