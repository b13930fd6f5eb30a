/** A question with its answer, as a report lists it. */
import type { Answer } from '../questions/question.ts'

export type AnsweredQuestion = { id: string; readme?: number; asks: string; needs: string } & Answer

/** The `value` of an answer; empty if the question is unanswered. */
export function valueOf(answers: readonly AnsweredQuestion[], id: string): Readonly<Record<string, unknown>> {
  const answer = answers.find((candidate) => candidate.id === id)
  return answer?.status === 'answered' ? answer.value : {}
}
