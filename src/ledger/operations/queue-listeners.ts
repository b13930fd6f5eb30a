/** Notifies this node's listeners and the other nodes when a delivery was queued. */
import type { DeliveryLane } from '../contract/deliveries.ts'
import type { Engine } from '../engine/engine.ts'

/** Called when deliveries may have been queued in this lane. Returns true if this node claims them itself. */
export type QueueListener = (lane: DeliveryLane) => unknown

export interface QueueListeners {
  add(listener: QueueListener): void
  /** Calls this node's listeners, and notifies the other nodes unless this one claims the deliveries of all its endpoints itself. */
  notify(lane: DeliveryLane): void
}

/** Creates the list of listeners. They are also called when another node has queued a delivery. */
export function createQueueListeners(engine: Pick<Engine, 'notifyOtherNodes' | 'onNotified'>): QueueListeners {
  const listeners: QueueListener[] = []
  const callAll = (lane: DeliveryLane): unknown[] => listeners.map((listener) => listener(lane))
  // Another node notifies this one because it cannot claim everything itself, so there may be any number of deliveries.
  engine.onNotified(() => void callAll('backlog'))
  return {
    add: (listener) => void listeners.push(listener),
    notify(lane) {
      const results = callAll(lane)
      if (results.length === 0 || results.some((willClaim) => willClaim !== true)) engine.notifyOtherNodes()
    },
  }
}
