/** Which parts a running simulator consists of. */
import type { OperationContext } from '../operations/operation.ts'
import type { FaultQueue } from './fault-queue.ts'
import type { RateWindow } from './rate-window.ts'
import type { RequestLog } from './request-log.ts'
import type { TokenStore } from './token-store.ts'

/** The parts of a running simulator. */
export interface SimulatorContext extends OperationContext {
  readonly tokens: TokenStore
  /** The requests of all tokens to the routes of the assignment service. */
  readonly assignmentWindow: RateWindow
  readonly faults: FaultQueue
  readonly requestLog: RequestLog
  /** The secrets of the clients that can log in, by id. */
  readonly clients: Map<string, string>
}
