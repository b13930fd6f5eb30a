/** How long it takes until an agent picks up. */
import { findStatus } from '../evidence/moves.ts'
import { answered, unanswered, whyNotReached, type Question } from './question.ts'

export const pickupTime: Question = {
  id: 'pickup-time',
  asks: 'How long after the command does an agent pick up?',
  needs: 'an agent who picks up',
  answer(evidence) {
    const [first] = evidence.moves
    if (first === undefined) return unanswered(whyNotReached(evidence))
    const pickup = evidence.moves.map((move) => findStatus(move, ['picked_up'])).find(Boolean)
    if (pickup === undefined) return unanswered(evidence.whySkipped('pickup') ?? evidence.whySkipped('move') ?? whyNotReached(evidence))
    const ringing = evidence.moves.map((move) => findStatus(move, ['ringing'])).find(Boolean)
    const pickedUpAfterMs = Math.max(0, pickup.atMs - first.answeredAtMs)
    const ringsAfterMs = ringing && Math.max(0, ringing.atMs - first.answeredAtMs)
    const rings = ringsAfterMs === undefined ? '' : `, and it rings after ${ringsAfterMs} ms`
    return answered(`After ${pickedUpAfterMs} ms${rings}.`, { pickedUpAfterMs, ...(ringsAfterMs !== undefined && { ringsAfterMs }) })
  },
}
