/** How `conversationRoutingData` of a participant is parsed. */
import { asObject, asText, optionalProperty } from '../model/json-fields.ts'

/** What the platform routes a call by, as far as Handoff sets it. */
export interface CallRouting {
  queueId?: string
  skillIds: string[]
  priority: number
  languageId?: string
}

const referenceId = (value: unknown): string | undefined => asText(asObject(value)?.['id'])

/**
 * Parses a `ConversationRoutingData`.
 * @returns undefined if there is none; 'unclear' if it does not say in full by what the call is routed, or says it by an expression.
 *   That is no reason not to read the conversation, so nothing is thrown.
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
