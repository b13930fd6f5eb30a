/** What `recentTransfers` names as the destination of a transfer to a queue (docs/genesys-cloud.md rule 22). */
import { answered, unanswered, whyNotReached, type Question } from './question.ts'

export const queueDestination: Question = {
  id: 'queue-destination',
  readme: 3,
  asks: "What does recentTransfers name as a queue's destination?",
  needs: 'a call that replace/queue moves',
  answer(evidence) {
    const [move] = evidence.moves
    if (move === undefined || move.destination.type !== 'queue') return unanswered(whyNotReached(evidence))
    if (move.command.status >= 300 || move.command.status === 0) return unanswered('the platform did not accept the command')
    const { queueId } = move.destination
    const known = new Set(move.snapshot.transferIds)
    const transfers = move.looks.flatMap(({ conversation }) => conversation.recentTransfers.filter(({ id }) => !known.has(id)))
    const [first] = transfers
    if (first === undefined) return answered('Nothing: the transfer is not listed.', { isListed: false })
    const states = [...new Set(transfers.filter(({ id }) => id === first.id).map(({ state }) => state))]
    const { destinationAddress: address, destinationUserId } = first
    const namesQueue = address?.includes(queueId) === true
    const what =
      address === undefined ? 'no address' : namesQueue ? "an address that contains the queue's id" : "an address without the queue's id"
    const user = destinationUserId === undefined ? '' : ', and a user'
    return answered(`It names ${what}${user}; its states were ${states.join(', ')}.`, {
      isListed: true,
      namesQueue,
      hasAddress: address !== undefined,
      states,
    })
  },
}
