/** Whether events about the call arrive, and whether they are earlier than polling (docs/genesys-cloud.md rules 55-61). */
import type { CallProgress } from '../../conversations/progress.ts'
import { readEntities } from '../evidence/entities.ts'
import type { Evidence } from '../evidence/evidence.ts'
import { findStatus } from '../evidence/moves.ts'
import { answered, unanswered, whyNotReached, type Answer, type Question } from './question.ts'

/** Each change of the call, with the statuses that show it. */
const changes: ReadonlyArray<[name: string, statuses: Array<CallProgress['status']>]> = [
  ['arrival', ['waiting', 'ringing', 'picked_up']],
  ['ringing', ['ringing', 'picked_up']],
  ['pickup', ['picked_up']],
]

/** By how many ms the event about each change came before the read that shows it; negative if it came later. */
function measureLeads({ moves: [move] }: Evidence): Record<string, number> {
  if (move === undefined) return {}
  return Object.fromEntries(
    changes.flatMap(([name, statuses]) => {
      const [event, read] = [findStatus(move, statuses, 'event'), findStatus(move, statuses, 'read')]
      return event && read ? [[name, read.atMs - event.atMs]] : []
    }),
  )
}

/** What the platform says about the requested topics, if it refuses one. */
function findRefusal(evidence: Evidence): { missing: string[] } | undefined {
  const subscription = evidence.exchanges('POST /notifications/channels/{id}/subscriptions').find(({ step }) => step === 'listen')
  const refused = readEntities(subscription?.body).filter(({ state }) => state !== 'Permitted')
  if (refused.length === 0) return undefined
  return {
    missing: [
      ...new Set(refused.flatMap(({ missingPermissions }) => (Array.isArray(missingPermissions) ? missingPermissions.map(String) : []))),
    ],
  }
}

function answer(evidence: Evidence): Answer {
  if (!evidence.hasReached('listen')) return unanswered(whyNotReached(evidence))
  const refusal = findRefusal(evidence)
  if (refusal !== undefined) {
    const why = refusal.missing.length > 0 ? `: the role lacks ${refusal.missing.join(', ')}` : ''
    return answered(`None: the platform refuses the topic${why}.`, { isAvailable: false, missing: refusal.missing })
  }
  const why = evidence.whySkipped('listen')
  if (why !== undefined) return answered(`None: ${why}.`, { isAvailable: false, missing: [] })
  if (evidence.entries('event').length === 0) {
    if (evidence.moves.length === 0 || evidence.moves[0]?.looks.every(({ progress }) => progress.status === 'unmoved'))
      return unanswered('nothing happened to the call that would be reported')
    return answered('None arrived, although the platform permits the topic.', { isAvailable: false, missing: [] })
  }
  const leadMs = measureLeads(evidence)
  const texts = Object.entries(leadMs).map(([name, ms]) => `${name} ${Math.abs(ms)} ms ${ms >= 0 ? 'before' : 'after'}`)
  const comparison = texts.length > 0 ? ` Compared with polling every ${evidence.recording.pollIntervalMs} ms: ${texts.join(', ')}.` : ''
  return answered(`They arrive.${comparison}`, { isAvailable: true, leadMs })
}

export const events: Question = {
  id: 'events',
  asks: 'Do events about the call arrive, and how much earlier than polling?',
  needs: 'a call that moves to the queue',
  answer,
}
