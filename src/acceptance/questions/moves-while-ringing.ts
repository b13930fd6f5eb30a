/** What a command does to a call that rings at an agent, or was picked up just before (docs/genesys-cloud.md rule 102). */
import { toEpochMs } from '../../conversations/leg.ts'
import { findOffers } from '../../conversations/pickup.ts'
import { findArrival, findStatus } from '../evidence/moves.ts'
import { answered, formatStatus, refusalOf, unanswered, whyNotReached, type Question } from './question.ts'

export const ringingOffer: Question = {
  id: 'ringing-offer',
  readme: 7,
  asks: 'What becomes of a ringing offer when the call is moved on?',
  needs: '--second-queue, and an agent of the first queue who does not answer at once',
  answer(evidence) {
    if (evidence.recording.subjects.secondQueueId === undefined) return unanswered('it needs --second-queue')
    const move = evidence.moves.find(({ command }) => command.step === 'ringing_move')
    if (move === undefined) return unanswered(evidence.whySkipped('ringing_move') ?? whyNotReached(evidence))
    if (move.command.status >= 300)
      return answered(`The command is refused with ${formatStatus(move.command)}.`, { refused: refusalOf(move.command) })
    const [first] = evidence.moves
    const before = evidence.looks.findLast(({ atMs }) => atMs <= move.command.atMs)?.conversation
    const ringingIds = new Set(before && first ? findOffers(before.participants, first.destination).map(({ id }) => id) : [])
    const offers = move.looks.at(-1)?.conversation.participants.filter(({ id }) => ringingIds.has(id)) ?? []
    const disconnectTypes = [...new Set(offers.flatMap(({ legs }) => legs.map(({ state, disconnectType }) => disconnectType ?? state)))]
    const hasMoved = findArrival(move) !== undefined
    const text = `The offer ends with ${disconnectTypes.join(', ') || 'nothing that was seen'}, and the call ${hasMoved ? 'waits in the other queue' : 'was not seen in the other queue'}.`
    return answered(text, { disconnectTypes, hasMoved })
  },
}

export const lateCommand: Question = {
  id: 'late-command',
  readme: 7,
  asks: 'Does a command just after a pickup still move the call?',
  needs: '--late-command, --second-queue, and an agent who picks up',
  answer(evidence) {
    const move = evidence.moves.find(({ command }) => command.step === 'late_command')
    if (move === undefined)
      return unanswered(
        evidence.whySkipped('late_command') ?? (evidence.hasReached('consult') ? 'it needs --late-command' : whyNotReached(evidence)),
      )
    const earlier = evidence.moves[evidence.moves.indexOf(move) - 1]
    const pickup = earlier && findStatus(earlier, ['picked_up'])
    const pickedUpAt = pickup?.progress.status === 'picked_up' ? toEpochMs(pickup.progress.at) : 0
    // By the clock of this machine, so it is only as exact as both clocks agree.
    const afterMs = pickedUpAt === 0 ? undefined : toEpochMs(evidence.recording.startedAt) + move.command.atMs - pickedUpAt
    const delay = afterMs === undefined ? '' : ` (sent ${afterMs} ms after the pickup)`
    if (move.command.status >= 300)
      return answered(`No: it is refused with ${formatStatus(move.command)}${delay}.`, { moves: false, refused: refusalOf(move.command) })
    const moves = findArrival(move) !== undefined
    return answered(`${moves ? 'Yes' : 'No: it is accepted, and the agent keeps the call'}${delay}.`, { moves })
  },
}
