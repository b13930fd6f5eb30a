/** Which fault applies to an event on its way to a channel. */
import { matchesPattern } from './topics.ts'
import type { EventFault, EventFaultSpec } from '../specs/notification-specs.ts'

interface PendingEventFault {
  readonly topic: string
  readonly fault: EventFault
  /** How many matching events still pass before the fault begins. */
  skip: number
  /** How many events the fault still applies to. */
  remaining: number
}

/** The pending faults, in the order in which they were set. The first one that matches an event applies to it. */
export class EventFaultQueue {
  #faults: PendingEventFault[] = []

  add({ topic = '*', skip = 0, times = 1, fault }: EventFaultSpec): void {
    this.#faults.push({ topic, fault, skip, remaining: times === 'always' ? Infinity : times })
  }

  /** Takes the fault for one event on its way to one channel, if any. A matching fault that still skips events counts this one as skipped. */
  take(topicName: string): EventFault | undefined {
    for (const pending of this.#faults) {
      if (!matchesPattern(topicName, pending.topic)) continue
      if (pending.skip > 0) {
        pending.skip -= 1
        continue
      }
      pending.remaining -= 1
      if (pending.remaining <= 0) this.#faults = this.#faults.filter((other) => other !== pending)
      return pending.fault
    }
    return undefined
  }

  clear(): void {
    this.#faults = []
  }
}
