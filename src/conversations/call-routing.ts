/** Parses the `conversationRoutingData` of a participant. */
import { asObject, asText, optionalProperty } from '../model/json-fields.ts'

/** The criteria by which the platform routes a call, as far as Handoff sets them. */
export interface CallRouting {
  queueId?: string
  skillIds: string[]
  priority: number
  languageId?: string
}

const referenceId = (value: unknown): string | undefined => asText(asObject(value)?.['id'])

/**
 * Parses a `ConversationRoutingData`.
 * @returns undefined if there is none; 'unclear' if it is incomplete, or routes the call by a skill expression. The rest of the
 *   conversation can be read all the same, so nothing is thrown.
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
