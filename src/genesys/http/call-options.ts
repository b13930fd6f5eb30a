/** The options of a call to the platform, and how they reach the HTTP client through the SDK. */
import { AsyncLocalStorage } from 'node:async_hooks'
import type { Family } from './rate-limit/families.ts'
import type { Lane } from './rate-limit/lanes.ts'

export interface CallOptions {
  /** When the call must be over, in epoch ms. */
  deadline: number
  /** Default: 'read' for operations that read, 'command' for those that change a call, 'watch' for those of the notification service; 'bulk' for all calls of bulk transfers. */
  lane?: Lane | undefined
  signal?: AbortSignal | undefined
  /**
   * Whether the call waits while the platform throttles its family of operations for the whole organization. If not, the call fails at
   * once, so that a command does not have to wait for a throttled read (docs/genesys-cloud.md rule 99). Default true.
   */
  canWaitForFamily?: boolean | undefined
  /** Sent as a header if it is valid (W3C Trace Context). */
  traceparent?: string | undefined
  /**
   * Called immediately before the first byte is written; if it returns false, nothing is sent. A process that was suspended must not
   * send a command whose time has passed (docs/reliability.md#late-commands).
   */
  canSend?: (() => boolean) | undefined
}

/** The options of a running call, completed by the client. */
export interface CallContext extends CallOptions {
  operation: string
  lane: Lane
  /** The operations that the platform limits together with this one. */
  family: Family
  /** Whether a 2xx response must hold a JSON object; 'nothing' if its body is ignored, as that of a 202 (docs/genesys-cloud.md rule 2). */
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
