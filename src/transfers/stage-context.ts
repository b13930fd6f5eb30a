/** What a stage may use: narrow, declared here by its consumers, filled in by the plugins. */
import type { Directory } from '../genesys/directory.ts'
import type { CallOptions, GenesysClient } from '../genesys/client.ts'
import { traceIdOf } from '../telemetry/trace-context.ts'
import type { TransferRecord } from '../model/transfer.ts'

/** The settings that the pipeline goes by. */
export interface Rules {
  maxDepth: number
  defaultQueueId: string | undefined
  fallbackQueueId: string | undefined
  allowedNumbers: readonly RegExp[]
  deadlineMs: number
  pollIntervalMs: number
  pickupTimeoutMs: number
  loopSecret: string
  /** Wait before a call that an unknown command left where it was counts as not moved, ms (reliability §4.2 step 4). */
  settleMs: number
  /** Wait before a command that met a conflict is tried again, ms (design §1: 2 s). */
  conflictPauseMs: number
}

/** What every log line about a transfer says. */
export const logFields = ({ id, traceparent }: Pick<TransferRecord, 'id' | 'traceparent'>) => ({
  transferId: id,
  'trace.id': traceIdOf(traceparent),
})

export interface Log {
  info(facts: object, message: string): void
  warn(facts: object, message: string): void
  error(facts: object, message: string): void
}

/** One transfer's line to the platform: what its stages call, by when, and where they write what they saw. */
export interface StageContext {
  genesys: GenesysClient
  directory: Directory
  rules: Rules
  clock: () => number
  log: Log
  /** Epoch ms. */
  deadline: number
  /** Queues that the caller's key may transfer to; null: all. */
  allowedQueues: readonly string[] | null
  traceparent: string | null
}

/** How a stage's call is to be made: by the line's deadline, in the lane of its urgency. */
export const callOptions = ({ deadline, traceparent }: StageContext, lane: NonNullable<CallOptions['lane']>): CallOptions => ({
  deadline,
  lane,
  ...(traceparent && { traceparent }),
})
