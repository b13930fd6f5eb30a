/** Reports each stage with its outcome and duration: in one log line, one metric and one span. */
import { Problem, type Stage } from '../model/problems.ts'
import type { TransferRecord } from '../model/transfer.ts'
import { logFields, type Log } from './stage-context.ts'
import { recordStage, type PipelineObservers } from './stage-metrics.ts'
import { UnknownOutcome } from './stages/execution.ts'

/** Waits for `work`, which is a stage that has begun, and reports how it ended. Resolves and rejects as `work` does. */
export type RunStage = <T>(stage: Stage, record: TransferRecord, work: Promise<T>) => Promise<T>

/** The outcome of a stage that has thrown this error, as a metric's label. */
function outcomeOf(error: unknown): string {
  if (error instanceof Problem) return error.code
  return error instanceof UnknownOutcome ? 'unknown' : 'error'
}

/** @param clock epoch ms */
export function createRunStage(log: Log, observers: PipelineObservers, clock: () => number): RunStage {
  return async (stage, record, work) => {
    const startedAt = clock()
    const report = (outcome: string, hasFailed: boolean): void => {
      const endedAt = clock()
      log.info(
        { ...logFields(record), conversationId: record.conversationId, stage, outcome, durationMs: endedAt - startedAt },
        hasFailed ? `${stage} did not pass` : `${stage} passed`,
      )
      recordStage(observers, record, { stage, outcome, startedAt, endedAt, hasFailed })
    }
    try {
      const result = await work
      report('passed', false)
      return result
    } catch (error) {
      report(outcomeOf(error), true)
      throw error
    }
  }
}
