/** Which permissions the role of the OAuth client lacks. */
import { answered, unanswered, whyNotReached, type Question } from './question.ts'

export const permissions: Question = {
  id: 'permissions',
  asks: "Which permissions does the OAuth client's role lack?",
  needs: 'nothing',
  answer(evidence) {
    const checks = evidence.entries('check')
    if (checks.length === 0) return unanswered(whyNotReached(evidence))
    const missing = [...new Set(checks.flatMap(({ missingPermissions = [] }) => missingPermissions))]
    if (missing.length === 0) return answered('None of those that Handoff uses.', { missing })
    return answered(`${missing.join(', ')}.`, { missing })
  },
}
