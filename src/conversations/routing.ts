/** Whether the platform shows that a call already has the wanted skills and priority in its queue. */
import type { Snapshot } from '../model/snapshot.ts'
import type { CallRouting } from './call-routing.ts'
import type { Conversation } from './conversation.ts'
import { findNewcomers } from './snapshot.ts'

export interface WantedRouting {
  queueId: string
  skillIds: readonly string[]
  priority: number
  /** Null: any language. */
  languageId: string | null
}

/**
 * Whether the call already waits in the wanted queue with the wanted skills, priority and language, so that they need not be set
 * (docs/genesys-cloud.md rules 41 and 43). Routing that the platform does not show in full does not count. The answer is also no if an
 * earlier participant of the call has other skills or another priority: the platform may be about to carry them over.
 */
export function hasRouting(conversation: Conversation, snapshot: Snapshot, wanted: WantedRouting): boolean {
  const isInQueue = findNewcomers(conversation, snapshot).some(
    ({ purpose, queueId, routing }) =>
      purpose === 'acd' && queueId === wanted.queueId && isWanted(routing, wanted) && routing.queueId === wanted.queueId,
  )
  return isInQueue && conversation.participants.every(({ routing }) => routing === undefined || isWanted(routing, wanted))
}

function isWanted(routing: CallRouting | 'unclear' | undefined, wanted: WantedRouting): routing is CallRouting {
  if (routing === undefined || routing === 'unclear') return false
  const skillIds = new Set(routing.skillIds)
  return (
    routing.priority === wanted.priority &&
    skillIds.size === new Set(wanted.skillIds).size &&
    wanted.skillIds.every((skillId) => skillIds.has(skillId)) &&
    (wanted.languageId === null || routing.languageId === wanted.languageId)
  )
}
