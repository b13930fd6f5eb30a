/** What `PATCH /routing/conversations/{id}` answers before the call has arrived in the queue (docs/genesys-cloud.md rule 42). */
import { findQueueRouting } from '../../conversations/routing.ts'
import { asObject } from '../../model/json-fields.ts'
import type { Exchange } from '../recording/recording.ts'
import type { Evidence } from '../evidence/evidence.ts'
import { findArrival, type Move } from '../evidence/moves.ts'
import { answered, formatStatus, refusalOf, unanswered, whyNotReached, type Answer, type Question } from './question.ts'

const operation = 'PATCH /routing/conversations/{id}'

/** Whether a priority that was set before the arrival is on the call afterwards; undefined if the platform does not show it. */
function isKept(move: Move, priority: unknown): boolean | undefined {
  if (move.destination.type !== 'queue') return undefined
  const { queueId } = move.destination
  const routing = move.looks.map(({ conversation }) => findQueueRouting(conversation, move.snapshot, queueId)).find(Boolean)
  return routing && routing.priority === priority
}

/**
 * Whether a patch was answered before the call arrived. One that was accepted may be what an arrival looks like, so a read after it must
 * still show the call elsewhere.
 */
function isBeforeArrival(move: Move, { atMs, tookMs, status }: Exchange): boolean {
  const answeredAtMs = atMs + tookMs
  if (status >= 300) return answeredAtMs < (findArrival(move)?.atMs ?? Infinity)
  return move.looks.some((look) => look.source === 'read' && look.atMs > answeredAtMs && look.progress.status === 'unmoved')
}

function answer(evidence: Evidence): Answer {
  const [move] = evidence.moves
  const patches = evidence.exchanges(operation).filter(({ step }) => step === 'move')
  const [first] = patches
  if (move === undefined || first === undefined) return unanswered(whyNotReached(evidence))
  if (first.status === 403) return unanswered(`the role lacks ${(first.missingPermissions ?? ['a permission']).join(', ')}`)
  const accepted = patches.find(({ status }) => status < 300 && status > 0)
  const acceptedAfterMs = accepted && Math.max(0, accepted.atMs + accepted.tookMs - move.answeredAtMs)
  const whenAccepted = acceptedAfterMs === undefined ? 'It was never accepted.' : `It was accepted ${acceptedAfterMs} ms after the command.`
  if (move.command.status >= 300 || !isBeforeArrival(move, first))
    return unanswered(`the call had arrived before the first request. ${whenAccepted}`)
  const timing = acceptedAfterMs === undefined ? {} : { acceptedAfterMs }
  if (first.status >= 300) return answered(`${formatStatus(first)}. ${whenAccepted}`, { refused: refusalOf(first), ...timing })
  const kept = isKept(move, asObject(first.sent)?.['priority'])
  const effect = kept === undefined ? 'the platform does not show its effect' : kept ? 'the call has the priority' : 'the priority is lost'
  return answered(`It is accepted (${first.status}), and ${effect}.`, {
    accepted: first.status,
    ...(kept !== undefined && { kept }),
    ...timing,
  })
}

export const routingBeforeArrival: Question = {
  id: 'routing-before-arrival',
  readme: 2,
  asks: 'What does PATCH /routing/conversations answer before the arrival?',
  needs: 'a call that replace/queue moves',
  answer,
}
