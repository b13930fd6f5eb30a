/** Closed-loop load: each client sends its next request when the last one is answered, so there are as many requests at once as clients. */
import { setTimeout } from 'node:timers/promises'
import type { TransferClient } from '../harness/handoff-client.ts'
import type { TestCall } from '../harness/test-calls.ts'

export interface ClosedLoopResult {
  /** How many transfers were accepted. */
  accepted: number
  /** Accepted transfers a second. */
  perSecond: number
  /** How often each refusal happened. */
  refusals: Record<string, number>
}

/** How long a client waits after a refusal, ms. */
const refusedPauseMs = 100

/** Runs the load. @throws Error when there are not enough calls, or when a request fails */
export async function runClosedLoop(
  clients: number,
  seconds: number,
  calls: readonly TestCall[],
  transfer: TransferClient,
): Promise<ClosedLoopResult> {
  const startedAt = performance.now()
  const refusals: Record<string, number> = {}
  let next = 0
  let accepted = 0
  async function runClient(): Promise<void> {
    while (performance.now() - startedAt < seconds * 1_000) {
      const call = calls[next++]
      if (!call) throw new Error('there are not enough calls')
      const refusal = await transfer(call)
      if (refusal === undefined) accepted++
      else {
        refusals[refusal] = (refusals[refusal] ?? 0) + 1
        await setTimeout(refusedPauseMs)
      }
    }
  }
  await Promise.all(Array.from({ length: clients }, runClient))
  return { accepted, perSecond: accepted / ((performance.now() - startedAt) / 1_000), refusals }
}
