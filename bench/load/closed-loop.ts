/** Closed-loop load: as many requests at once as there are clients, each of which sends its next one when the last is answered. */
import { setTimeout } from 'node:timers/promises'
import type { TransferClient } from '../harness/handoff-client.ts'
import type { TestCall } from '../harness/test-calls.ts'

export interface ClosedLoopResult {
  done: number
  perSecond: number
  /** How often each refusal happened. */
  refusals: Record<string, number>
}

/** How long a client waits that was refused, ms. */
const refusedPauseMs = 100

/** @throws Error when there are not enough calls, or when a request fails */
export async function runClosedLoop(
  clients: number,
  seconds: number,
  calls: readonly TestCall[],
  transfer: TransferClient,
): Promise<ClosedLoopResult> {
  const startedAt = performance.now()
  const refusals: Record<string, number> = {}
  let next = 0
  let done = 0
  async function runClient(): Promise<void> {
    while (performance.now() - startedAt < seconds * 1_000) {
      const call = calls[next++]
      if (!call) throw new Error('there are not enough calls')
      const refusal = await transfer(call)
      if (refusal === undefined) done++
      else {
        refusals[refusal] = (refusals[refusal] ?? 0) + 1
        await setTimeout(refusedPauseMs)
      }
    }
  }
  await Promise.all(Array.from({ length: clients }, runClient))
  return { done, perSecond: done / ((performance.now() - startedAt) / 1_000), refusals }
}
