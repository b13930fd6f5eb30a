/** Which fault applies to a request. */
import type { Conversation } from '../model/conversation.ts'
import type { FaultSpec } from '../specs/fault-spec.ts'
import { createFaultEffect, type FaultEffect } from './fault-effect.ts'

interface PendingFault {
  readonly operation: string
  readonly conversationId: string | undefined
  readonly heldBy: FaultSpec['heldBy']
  readonly effect: FaultEffect
  /** How many matching requests still pass before the fault begins. */
  skip: number
  /** How many requests the fault still applies to. */
  remaining: number
}

/** The purpose of the participant that got the call last and still has it. */
const findHolderPurpose = (conversation: Conversation | undefined): string | undefined =>
  conversation?.legs.findLast(({ purpose, state }) => purpose !== 'customer' && state === 'connected')?.purpose

/** The pending faults, in the order in which they were set. The first one that matches a request applies to it. */
export class FaultQueue {
  #faults: PendingFault[] = []

  add({ operation = '*', conversationId, heldBy, skip = 0, times = 1, fault }: FaultSpec): void {
    const remaining = times === 'always' ? Infinity : times
    this.#faults.push({ operation, conversationId, heldBy, effect: createFaultEffect(fault), skip, remaining })
  }

  /**
   * Takes the effect of the fault for one request, if any. A matching fault that still skips requests counts this one as skipped.
   *
   * @param operation The name of the operation.
   * @param conversationId The conversation that the path names.
   * @param conversation That conversation, if it exists.
   */
  take(operation: string, conversationId: string | undefined, conversation: Conversation | undefined): FaultEffect | undefined {
    for (const pending of this.#faults) {
      if (pending.operation !== '*' && pending.operation !== operation) continue
      if (pending.conversationId !== undefined && pending.conversationId !== conversationId) continue
      if (pending.heldBy !== undefined && pending.heldBy !== findHolderPurpose(conversation)) continue
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
