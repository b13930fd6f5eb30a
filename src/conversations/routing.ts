/** Whether the platform shows that a call already has the wanted skills and priority in its queue. */
import type { Snapshot } from '../model/snapshot.ts'
import type { CallRouting } from './call-routing.ts'
import type { Conversation } from './conversation.ts'
import { findNewcomers } from './snapshot.ts'

export interface WantedRouting {
  queueId: string
  skillIds: readonly string[]
  priority: number
  /** Null: no language is asked for, so the call may have any. Empty: the call is to have none. */
  languageId: string | null
}

/**
 * Whether the call already waits in the wanted queue with the wanted skills, priority and language, so that they need not be set
 * (docs/genesys-cloud.md rules 41 and 43). False if the platform shows only a part of the routing, or if any participant of the call has
 * other skills or another priority: the platform may be about to carry those over to the queue.
 */
export function hasRouting(conversation: Conversation, snapshot: Snapshot, wanted: WantedRouting): boolean {
  const isInQueue = findNewcomers(conversation, snapshot).some(
    ({ purpose, queueId, routing }) =>
      purpose === 'acd' && queueId === wanted.queueId && isWanted(routing, wanted) && routing.queueId === wanted.queueId,
  )
  return isInQueue && conversation.participants.every(({ routing }) => routing === undefined || isWanted(routing, wanted))
}

/** The skills, the priority and the language that the call has in a queue; undefined if the platform does not show all of them. */
export function findQueueRouting(conversation: Conversation, snapshot: Snapshot, queueId: string): CallRouting | undefined {
  const queue = findNewcomers(conversation, snapshot).findLast(({ purpose, queueId: id }) => purpose === 'acd' && id === queueId)
  const routing = queue?.routing
  return routing !== undefined && routing !== 'unclear' && routing.queueId === queueId ? routing : undefined
}

function isWanted(routing: CallRouting | 'unclear' | undefined, wanted: WantedRouting): routing is CallRouting {
  if (routing === undefined || routing === 'unclear') return false
  const skillIds = new Set(routing.skillIds)
  return (
    routing.priority === wanted.priority &&
    skillIds.size === new Set(wanted.skillIds).size &&
    wanted.skillIds.every((skillId) => skillIds.has(skillId)) &&
    (wanted.languageId === null || (routing.languageId ?? '') === wanted.languageId)
  )
}
