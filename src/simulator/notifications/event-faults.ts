import { fitsPattern } from './topics.ts'
import type { EventFault, EventFaultSpec } from '../control/scene-shapes.ts'

interface SetEventFault {
  readonly topic: string
  readonly fault: EventFault
  skip: number
  left: number
}

/** What goes wrong with events on their way, in the order in which it was set; the first that fits an event is spent on it. */
export class EventFaults {
  #faults: SetEventFault[] = []

  add({ topic = '*', skip = 0, times = 1, fault }: EventFaultSpec): void {
    this.#faults.push({ topic, fault, skip, left: times === 'always' ? Infinity : times })
  }

  /** The fault that this event meets on its way to one channel, if any. One that still lets events through counts this one. */
  next(topicName: string): EventFault | undefined {
    for (const one of this.#faults) {
      if (!fitsPattern(topicName, one.topic)) continue
      if (one.skip > 0) {
        one.skip -= 1
        continue
      }
      one.left -= 1
      if (one.left <= 0) this.#faults = this.#faults.filter((other) => other !== one)
      return one.fault
    }
    return undefined
  }

  clear(): void {
    this.#faults = []
  }
}
