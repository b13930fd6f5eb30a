/** Why a run ends before its last step. */
import type { Outcome } from './recording.ts'

/** Ends the run. The message is part of the report, so it contains nothing of the platform but statuses and codes. */
export class RunStopped extends Error {
  override readonly name = 'RunStopped'
  readonly outcome: Outcome

  constructor(outcome: Outcome, reason: string) {
    super(reason)
    this.outcome = outcome
  }
}
