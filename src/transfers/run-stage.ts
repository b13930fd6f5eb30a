/** How a stage is reported: one log line, one metric and one span with its outcome and duration. */
import { Problem, type Stage } from '../model/problems.ts'
import type { TransferRecord } from '../model/transfer.ts'
import { logFields, type Log } from './stage-context.ts'
import { recordStage, type Observers } from './stage-metrics.ts'
import { UnknownOutcome } from './stages/execution.ts'

/** Waits for a stage that has begun, and reports how it ended. Resolves and rejects as the stage does. */
export type RunStage = <T>(stage: Stage, record: TransferRecord, work: Promise<T>) => Promise<T>

function outcomeOf(error: unknown): string {
  if (error instanceof Problem) return error.code
  return error instanceof UnknownOutcome ? 'unknown' : 'error'
}

/** @param clock epoch ms */
export function createRunStage(log: Log, observers: Observers, clock: () => number): RunStage {
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
