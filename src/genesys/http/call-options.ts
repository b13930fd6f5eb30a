/** What a call to the platform carries besides its arguments, and how that reaches the HTTP client through the SDK. */
import { AsyncLocalStorage } from 'node:async_hooks'
import type { Family } from './rate-limit/families.ts'
import type { Lane } from './rate-limit/lanes.ts'

export interface CallOptions {
  /** When the call must be over, in epoch ms. */
  deadline: number
  /** Without it: 'read' for operations that read, 'command' for operations that change something. */
  lane?: Lane | undefined
  signal?: AbortSignal | undefined
  /**
   * False: while the platform throttles this family of operations for the whole organization, the call fails at once instead of
   * waiting. For reads that a command must not wait for (docs/genesys-cloud.md rule 99). Default true.
   */
  canWaitForFamily?: boolean | undefined
  /** Sent along as a header if it is a valid one (W3C Trace Context). */
  traceparent?: string | undefined
  /**
   * Asked immediately before the first byte is written; if it returns false, nothing is sent. A process that was suspended for
   * long must not send a command that it was about to send before (docs/reliability.md#late-commands).
   */
  canSend?: (() => boolean) | undefined
}

/** The options of a running call, completed by the client. */
export interface CallContext extends CallOptions {
  operation: string
  lane: Lane
  /** The operations that the platform limits together with this one. */
  family: Family
  /** Whether a 2xx response must hold a JSON object; 'nothing' for commands, which get 202 and no body (docs/genesys-cloud.md rule 2). */
  expects: 'object' | 'nothing'
  /** The correlation id of the last response; set by the HTTP client. */
  correlationId?: string | undefined
}

/** The methods of the SDK have no parameter for a context. */
const contexts = new AsyncLocalStorage<CallContext>()

/** Runs `call`, which calls the SDK, so that `currentContext` returns `context` inside. */
export const runInContext = <T>(context: CallContext, call: () => Promise<T>): Promise<T> => contexts.run(context, async () => call())

/** The context of the running call. @throws Error outside of `runInContext` */
export function currentContext(): CallContext {
  const context = contexts.getStore()
  if (!context) throw new Error('the SDK was called outside of runInContext')
  return context
}
