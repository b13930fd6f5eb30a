/** Which skills and priority a call has in its queue, and whether these are the wanted ones, as far as the platform shows them. */
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
 * Whether the call waits in the wanted queue with the wanted skills, priority and language already, so that they need not be put on it
 * (docs/genesys-cloud.md rules 41 and 43). Only what the platform shows in full counts. If an earlier participant of the call shows other
 * skills or another priority, the answer is no: the platform may be about to carry them over.
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
