/** Parses the `conversationRoutingData` of a participant. */
import { asObject, asText, optionalProperty } from '../model/json-fields.ts'

/** The criteria by which a queue routes a call, limited to those that Handoff sets. */
export interface CallRouting {
  queueId?: string
  skillIds: string[]
  priority: number
  languageId?: string
}

/** The id of a reference `{ id, name, selfUri }`. */
const referenceId = (value: unknown): string | undefined => asText(asObject(value)?.['id'])

/**
 * Parses a `ConversationRoutingData`.
 * @returns undefined if there is none; 'unclear' if its priority or a skill's id is missing, or if it routes the call by a skill
 *   expression. Nothing is thrown, because the rest of the conversation can still be used.
 */
export function parseCallRouting(value: unknown): CallRouting | 'unclear' | undefined {
  if (value === undefined || value === null) return undefined
  const { queue, priority, skills, language, skillExpression, skillExpressionId } = asObject(value) ?? {}
  if (typeof priority !== 'number' || !Array.isArray(skills)) return 'unclear'
  if ([skillExpression, skillExpressionId].some((expression) => (expression ?? '') !== '')) return 'unclear'
  const skillIds = skills.map(referenceId)
  if (!skillIds.every((id) => id !== undefined)) return 'unclear'
  return {
    ...optionalProperty('queueId', referenceId(queue)),
    skillIds,
    priority,
    ...optionalProperty('languageId', referenceId(language)),
  }
}
