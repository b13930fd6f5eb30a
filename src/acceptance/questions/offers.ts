/** How an offer that an agent declined or did not answer looks, and one that was forwarded (docs/genesys-cloud.md rules 36 and 98). */
import type { Participant } from '../../conversations/conversation.ts'
import { isForwarded } from '../../conversations/disconnect-type.ts'
import { findOffers, isUnanswered } from '../../conversations/pickup.ts'
import { findNewcomers } from '../../conversations/snapshot.ts'
import type { Evidence } from '../evidence/evidence.ts'
import { answered, unanswered, whyNotReached, type Question } from './question.ts'

/** The offers to agents that ended unanswered before the next move, each as it was seen last. */
function findUnanswered({ moves }: Evidence): Participant[] {
  return moves.flatMap(({ looks, snapshot, destination }) => {
    const last = looks.at(-1)
    return last === undefined ? [] : findOffers(findNewcomers(last.conversation, snapshot), destination).filter(isUnanswered)
  })
}

const typesOf = (offers: Participant[]): string[] => [
  ...new Set(offers.flatMap(({ legs }) => legs.flatMap(({ disconnectType }) => disconnectType ?? 'none'))),
]

export const unansweredOffer: Question = {
  id: 'unanswered-offer',
  readme: 3,
  asks: 'Which disconnectType has an offer that was not answered?',
  needs: 'an agent who declines or does not answer first',
  answer(evidence) {
    if (evidence.moves.length === 0) return unanswered(whyNotReached(evidence))
    const offers = findUnanswered(evidence)
    if (offers.length === 0) return unanswered('no offer ended unanswered: let the first agent decline, or not answer')
    const disconnectTypes = typesOf(offers)
    return answered(`${disconnectTypes.join(', ')} (${offers.length} offers).`, { disconnectTypes, offers: offers.length })
  },
}

export const forwardedCall: Question = {
  id: 'forwarded-call',
  readme: 5,
  asks: 'How does a call look that an agent has forwarded to a number?',
  needs: 'an agent whose calls are forwarded',
  answer(evidence) {
    if (evidence.moves.length === 0) return unanswered(whyNotReached(evidence))
    const forwarded = findUnanswered(evidence).filter(({ legs }) => legs.some(isForwarded))
    if (forwarded.length === 0) return unanswered('no call was forwarded: forward the calls of the agent who is offered the call')
    const [move] = evidence.moves
    const last = move?.looks.at(-1)
    const parties = last === undefined || move === undefined ? [] : findNewcomers(last.conversation, move.snapshot)
    const purposes = [...new Set(parties.map(({ purpose }) => purpose))].toSorted()
    const text = `The agent's leg ends with ${typesOf(forwarded).join(', ')}; the purposes that joined are ${purposes.join(', ')}.`
    return answered(text, { disconnectTypes: typesOf(forwarded), purposes })
  },
}
