/** Whether `replace/queue` moves a call that is still in an Architect flow (docs/genesys-cloud.md rule 10). */
import { findArrival } from '../evidence/moves.ts'
import { answered, formatStatus, refusalOf, unanswered, whyNotReached, type Question } from './question.ts'

const flowPurposes: ReadonlySet<string> = new Set(['ivr', 'workflow', 'botflow', 'flow'])

export const replaceInFlow: Question = {
  id: 'replace-in-flow',
  readme: 1,
  asks: 'Does replace/queue move a call that is still in a flow?',
  needs: 'a call that is in a flow',
  answer(evidence) {
    const [move] = evidence.moves
    if (move === undefined || move.command.step !== 'move') return unanswered(whyNotReached(evidence))
    const { command, holder } = move
    if (holder !== undefined && !flowPurposes.has(holder.purpose))
      return unanswered(`the call was not in a flow: a participant with the purpose "${holder.purpose}" had it`)
    if (command.status === 403) return unanswered(`the role lacks a permission (${(command.missingPermissions ?? []).join(', ')})`)
    if (command.status === 404) return unanswered('the platform did not find the call any more')
    const arrival = findArrival(move)
    if (command.status >= 300 && command.status < 500)
      return answered(`No: it is refused with ${formatStatus(command)}.`, { moves: false, refused: refusalOf(command) })
    if (arrival !== undefined) {
      const hint = command.status < 300 ? '' : `, although the answer was ${formatStatus(command)}`
      return answered(`Yes${hint}.`, { moves: true, ...(command.status >= 300 && { refused: refusalOf(command) }) })
    }
    if (command.status >= 300 || command.status === 0)
      return unanswered(`the command was answered with ${formatStatus(command)}, and the call was not seen in the queue`)
    if (evidence.recording.end.outcome === 'stopped') return unanswered(whyNotReached(evidence))
    const last = move.looks.at(-1)
    if (last?.progress.status === 'unmoved')
      return answered('No: it is accepted, and the call stays where it is.', { moves: false, isIgnored: true })
    return unanswered(`the call was not seen in the queue (${last?.progress.status ?? 'not read'})`)
  },
}
