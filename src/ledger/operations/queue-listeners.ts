/** Who is told when a delivery was queued: listeners of this node, and the other nodes. */
import type { Engine } from '../engine/engine.ts'

export interface QueueListeners {
  add(listener: () => void): void
  /** Calls this node's listeners and tells the other nodes. */
  notify(): void
}

/** The listeners are also called when another node reports a delivery. */
export function createQueueListeners(engine: Pick<Engine, 'notifyOtherNodes' | 'onNotified'>): QueueListeners {
  const listeners: Array<() => void> = []
  const callAll = (): void => {
    for (const listener of listeners) listener()
  }
  engine.onNotified(callAll)
  return {
    add: (listener) => void listeners.push(listener),
    notify() {
      callAll()
      engine.notifyOtherNodes()
    },
  }
}
