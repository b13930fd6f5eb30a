/** Measures how fast events reach the receiver: at a steady rate, and from a queue that has built up. */
import { setTimeout } from 'node:timers/promises'
import { startReceiver, waitForArrivals, type Receiver } from './receiver-process.ts'
import { createSender, type Sender } from './sender.ts'

/** The time from `initiated` to `picked_up`. */
export const pickupAfterMs = 1_000

export interface DeliveryLatency {
  /** From the ledger to the receiver, sorted, ms. */
  latenciesMs: number[]
  /** How late, at most, the benchmark itself was in starting a transfer, ms. If it is not small, the load itself was too slow. */
  longestStartDelayMs: number
}

async function withDelivery<T>(
  folder: string,
  answerAfterMs: number,
  work: (sender: Sender, receiver: Receiver) => Promise<T>,
): Promise<T> {
  const receiver = await startReceiver(answerAfterMs)
  try {
    const sender = await createSender(folder, receiver.url)
    const result = await work(sender, receiver)
    await sender.close()
    return result
  } finally {
    receiver.stop()
  }
}

/** Starts transfers at a steady rate, whether or not earlier events have arrived. Each causes two events. */
export function measureLatency(folder: string, eventsPerSecond: number, seconds: number): Promise<DeliveryLatency> {
  return withDelivery(folder, 0, async (sender, receiver) => {
    sender.startDelivery()
    const transfers = (eventsPerSecond * seconds) / 2
    const intervalMs = 2_000 / eventsPerSecond
    const running: Array<Promise<unknown>> = []
    let longestStartDelayMs = 0
    async function runTransfer(): Promise<void> {
      const record = await sender.initiateTransfer()
      await setTimeout(pickupAfterMs)
      await sender.moveTo(record, 'picked_up')
    }
    const startedAt = performance.now()
    for (let index = 0; index < transfers; index++) {
      const dueAt = startedAt + index * intervalMs
      const waitMs = dueAt - performance.now()
      if (waitMs > 0) await setTimeout(waitMs)
      longestStartDelayMs = Math.max(longestStartDelayMs, performance.now() - dueAt)
      running.push(runTransfer())
    }
    await Promise.all(running)
    await waitForArrivals(receiver, 2 * transfers)
    const latenciesMs = [...sender.queuedAt].map(([id, queuedAt]) => Number(receiver.arrivedAt.get(id)) - queuedAt)
    return { latenciesMs: latenciesMs.toSorted((a, b) => a - b), longestStartDelayMs }
  })
}

/** Queues `eventCount` events of as many transfers, then delivers them. Returns how many arrived a second. */
export function measureDrain(folder: string, eventCount: number, answerAfterMs: number): Promise<number> {
  return withDelivery(folder, answerAfterMs, async (sender, receiver) => {
    await Promise.all(Array.from({ length: eventCount }, () => sender.initiateTransfer()))
    const startedAt = performance.now()
    sender.startDelivery()
    await waitForArrivals(receiver, eventCount)
    return (eventCount * 1000) / (performance.now() - startedAt)
  })
}
