/** How soon the call arrives in the queue (docs/genesys-cloud.md rules 21 and 42). */
import { findArrival } from '../evidence/moves.ts'
import { answered, unanswered, whyNotReached, type Question } from './question.ts'

export const arrival: Question = {
  id: 'arrival',
  readme: 2,
  asks: 'How soon after the command does the call wait in the queue?',
  needs: 'a call that replace/queue moves',
  answer(evidence) {
    const [move] = evidence.moves
    if (move === undefined) return unanswered(whyNotReached(evidence))
    if (move.command.status >= 300 || move.command.status === 0) return unanswered('the platform did not accept the command')
    const look = findArrival(move)
    if (look === undefined) return unanswered('the call was not seen in the queue')
    const shownAfterMs = Math.max(0, look.atMs - move.answeredAtMs)
    const precision = look.source === 'read' ? `, within ${evidence.recording.pollIntervalMs} ms` : ', by an event'
    return answered(`After ${shownAfterMs} ms (measured${precision}).`, { shownAfterMs, commandTookMs: move.command.tookMs })
  },
}
