/** What a report says. It is made from the recording alone, so that a recording in `test/recordings/` is a test by itself. */
import { createEvidence } from '../evidence/evidence.ts'
import { questions } from '../questions/table.ts'
import type { Outcome, Recording } from '../recording/recording.ts'
import type { AnsweredQuestion } from './answered-question.ts'
import { deriveBehavior, type RecordedBehavior } from './behavior.ts'
import { describeCallState } from './call-state.ts'
import { deriveSettings, type FollowingSetting } from './settings-that-follow.ts'

export interface Report {
  version: 1
  startedAt: string
  outcome: Outcome
  /** Why the run did not get to its end. */
  reason?: string
  /** Where the run has left the call. */
  callState: string
  /** How many commands were sent that could move the call. */
  commands: number
  answers: AnsweredQuestion[]
  settings: FollowingSetting[]
  behavior: RecordedBehavior
}

/** Makes the report of a recording. */
export function createReport(recording: Recording): Report {
  const evidence = createEvidence(recording)
  const answers = questions.map(({ answer, id, readme, asks, needs }): AnsweredQuestion => ({
    id,
    ...(readme !== undefined && { readme }),
    asks,
    needs,
    ...answer(evidence),
  }))
  const { outcome, reason } = recording.end
  return {
    version: 1,
    startedAt: recording.startedAt,
    outcome,
    ...(reason !== undefined && { reason }),
    callState: describeCallState(evidence),
    commands: evidence.moves.length,
    answers,
    settings: deriveSettings(answers, recording),
    behavior: deriveBehavior(answers),
  }
}
