/** What the stages of a transfer may use: the platform, the settings, the clock, the log and a deadline. plugins/transfers.ts makes it. */
import type { NumberPattern } from '../environment/number-pattern.ts'
import type { ConditionDirectory } from '../genesys/condition-directory.ts'
import type { CallOptions, GenesysClient } from '../genesys/client.ts'
import type { Directory } from '../genesys/directory.ts'
import type { TransferRecord } from '../model/transfer.ts'
import { parseTraceId } from '../telemetry/trace-context.ts'

type Lane = NonNullable<CallOptions['lane']>

/** The settings that the pipeline obeys. */
export interface Rules {
  /** How many transfers one conversation may have. */
  maxDepth: number
  /** The queue of a skill target that names none. */
  defaultQueueId: string | undefined
  /** The queue that is the last fallback of every transfer. */
  fallbackQueueId: string | undefined
  /** Numbers that calls may be transferred to. */
  allowedNumbers: readonly NumberPattern[]
  /** From the request until the platform must have accepted the transfer, ms. */
  deadlineMs: number
  /** Between two polls of a call, ms, at first. */
  pollIntervalMs: number
  /** From the acceptance of a transfer until it has timed out if nobody has picked up, ms. */
  pickupTimeoutMs: number
  /** The secret key of the loop guard's token and of the phone number hashes. */
  loopSecret: string
  /** Secrets that were `loopSecret` before: tokens and hashes of numbers that were made with them still count. */
  previousLoopSecrets?: readonly string[]
  /** Whether depth and path are written to the customer's attributes (docs/architecture.md#loop-guard). */
  writesLoopGuardAttributes: boolean
  /** Whether webhooks contain summary and reason. */
  includesSummaryInEvents: boolean
  /**
   * How long a call must have stayed where it was before a command without an answer counts as not executed, ms
   * (docs/reliability.md#unknown-outcomes).
   */
  notExecutedAfterMs: number
  /**
   * How long the platform has to answer what a transfer can go on without, ms: a read for a condition, which counts as met otherwise, and
   * the attributes that are written before the move. The caller is waiting meanwhile (docs/architecture.md#conditions, #summary-and-reason).
   */
  optionalCallTimeoutMs: number
  /** The pause before a command that the platform refused with a conflict is sent again, ms (docs/architecture.md#life-of-a-request). */
  conflictPauseMs: number
}

/** The fields that every log line about a transfer has. */
export const logFields = ({ id, traceparent }: Pick<TransferRecord, 'id' | 'traceparent'>) => ({
  transferId: id,
  'trace.id': parseTraceId(traceparent),
})

export interface Log {
  info(fields: object, message: string): void
  warn(fields: object, message: string): void
  error(fields: object, message: string): void
}

/** The operations of the platform that stages use. */
export type Platform = Pick<
  GenesysClient,
  | 'conversation'
  | 'replaceWithQueue'
  | 'replaceWithAgent'
  | 'transferToNumber'
  | 'createCallback'
  | 'setAttributes'
  | 'setRouting'
  | 'prepareCommand'
>

/** What the stages of one transfer may use. */
export interface StageContext {
  genesys: Platform
  directory: Directory
  /** Opening hours and estimated waits. */
  conditions: ConditionDirectory
  rules: Rules
  /** Epoch ms. */
  clock: () => number
  log: Log
  /** By when the platform must have answered, epoch ms. */
  deadline: number
  traceparent: string | null
}

/** @param deadline epoch ms */
export type CreateStageContext = (record: TransferRecord, deadline: number) => StageContext

/**
 * The lane for moving a call to its first place: a bulk transfer uses what all others leave. Once its call has moved, its calls to the
 * platform are as urgent as those of other transfers, because the caller must not wait for skills and priority.
 */
export const laneFor = <L extends Lane>({ bulk, initiatedAt }: Pick<TransferRecord, 'bulk' | 'initiatedAt'>, lane: L): L | 'bulk' =>
  bulk && initiatedAt === null ? 'bulk' : lane

/** The options of a call to the platform: the context's deadline and trace, and the lane, which says how urgent the call is. */
export const callOptions = ({ deadline, traceparent }: StageContext, lane: Lane): CallOptions => ({
  deadline,
  lane,
  ...(traceparent && { traceparent }),
})

/** The options of a call that the transfer can go on without, see `optionalCallTimeoutMs`. */
export const optionalCallOptions = (context: StageContext, lane: Lane): CallOptions => ({
  ...callOptions(context, lane),
  deadline: Math.min(context.deadline, context.clock() + context.rules.optionalCallTimeoutMs),
})
