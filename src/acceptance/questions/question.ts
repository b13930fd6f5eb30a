/** What a question of an acceptance run is, and what an answer to it is. */
import type { Evidence } from '../evidence/evidence.ts'

/** `text` is for people; `value` is what tests and settings are made from. */
export type Answer =
  | { status: 'answered'; text: string; value: Readonly<Record<string, unknown>> }
  /** `why` says what prevented an answer, and what to do for one. */
  | { status: 'unanswered'; why: string }

export interface Question {
  id: string
  /** The number of the open question in the README that it belongs to; absent for one about this installation. */
  readme?: number
  asks: string
  /** What a run must be given or see, in a few words. */
  needs: string
  answer: (evidence: Evidence) => Answer
}

export const answered = (text: string, value: Readonly<Record<string, unknown>>): Answer => ({ status: 'answered', text, value })
export const unanswered = (why: string): Answer => ({ status: 'unanswered', why })

/** Why nothing is known about a step that the run did not come to. */
export function whyNotReached({ recording: { end } }: Evidence): string {
  switch (end.outcome) {
    case 'read_only':
      return 'the run was read-only'
    case 'declined':
      return 'the run was not allowed to move the call'
    case 'complete':
      return 'the run did not get so far'
    default:
      return `the run ended before: ${end.reason ?? end.outcome}`
  }
}

/** A status with the platform's code, as a person reads it. */
export const formatStatus = ({ status, code }: { status: number; code?: string | undefined }): string =>
  [status === 0 ? 'no answer' : status, code].filter((part) => part !== undefined).join(' ')

/** `{status, code}` of an exchange. */
export const refusalOf = ({ status, code }: { status: number; code?: string | undefined }) => ({
  status,
  ...(code !== undefined && { code }),
})
