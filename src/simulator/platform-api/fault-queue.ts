/** Which fault a request meets. */
import type { FaultSpec } from '../specs/fault-spec.ts'
import { createFaultEffect, type FaultEffect } from './fault-effect.ts'

interface PendingFault {
  readonly operation: string
  readonly conversationId: string | undefined
  readonly effect: FaultEffect
  /** How many matching requests still pass before the fault begins. */
  skip: number
  /** How many requests the fault still applies to. */
  remaining: number
}

/** The faults that wait for requests, in the order in which they were set; the first that matches a request is used for it. */
export class FaultQueue {
  #faults: PendingFault[] = []

  add({ operation = '*', conversationId, skip = 0, times = 1, fault }: FaultSpec): void {
    const remaining = times === 'always' ? Infinity : times
    this.#faults.push({ operation, conversationId, effect: createFaultEffect(fault), skip, remaining })
  }

  /**
   * The effect of the fault for this request, if any. A matching fault that still skips requests counts this one.
   *
   * @param operation The name of the operation.
   * @param conversationId The conversation that the path names.
   */
  take(operation: string, conversationId: string | undefined): FaultEffect | undefined {
    for (const pending of this.#faults) {
      if (pending.operation !== '*' && pending.operation !== operation) continue
      if (pending.conversationId !== undefined && pending.conversationId !== conversationId) continue
      if (pending.skip > 0) {
        pending.skip -= 1
        continue
      }
      pending.remaining -= 1
      if (pending.remaining <= 0) this.#faults = this.#faults.filter((other) => other !== pending)
      return pending.effect
    }
    return undefined
  }

  clear(): void {
    this.#faults = []
  }
}
