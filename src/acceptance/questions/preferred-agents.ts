/** Whether a queue offers a call that waits already to the agents that `requestScoredAgents` names first (docs/genesys-cloud.md rule 46). */
import { findOffers } from '../../conversations/pickup.ts'
import { toEpochMs } from '../../conversations/leg.ts'
import { findNewcomers } from '../../conversations/snapshot.ts'
import { asText } from '../../model/json-fields.ts'
import { readEntities } from '../evidence/entities.ts'
import { answered, unanswered, whyNotReached, type Question } from './question.ts'

export const preferredAgents: Question = {
  id: 'preferred-agents',
  readme: 6,
  asks: 'Does a queue offer a waiting call to preferred agents first?',
  needs: '--agent, and another idle agent in the queue',
  answer(evidence) {
    const { agentId } = evidence.recording.subjects
    const [move] = evidence.moves
    if (agentId === undefined) return unanswered('it needs --agent')
    if (move === undefined) return unanswered(whyNotReached(evidence))
    const patch = evidence.exchanges('PATCH /routing/conversations/{id}').find(({ step, status }) => step === 'move' && status === 200)
    if (patch === undefined) return unanswered('the platform did not take the preferred agents')
    const members = evidence.exchanges('GET /routing/queues/{id}/members').flatMap(({ body }) => readEntities(body))
    const idleIds = members.flatMap(({ id }) => asText(id) ?? [])
    if (!idleIds.includes(agentId)) return unanswered('the agent of --agent was not idle in the queue')
    if (idleIds.length < 2) return unanswered('no other agent of the queue was idle')
    const offered = move.looks.flatMap(({ conversation, atMs }) =>
      findOffers(findNewcomers(conversation, move.snapshot), move.destination).map((offer) => ({ offer, atMs })),
    )
    const [first] = offered.toSorted((a, b) => toEpochMs(a.offer.startedAt) - toEpochMs(b.offer.startedAt))
    if (first === undefined) return unanswered('the call was offered to nobody')
    if (first.atMs <= patch.atMs) return unanswered('the call was offered to an agent before the preferred agents could be set')
    const isPreferredFirst = first.offer.userId === agentId
    return answered(isPreferredFirst ? 'Yes: the preferred agent was offered it first.' : 'No: another idle agent was offered it first.', {
      isPreferredFirst,
    })
  },
}
