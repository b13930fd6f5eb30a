/** The participant attributes by which the agent learns why the caller is here (docs/architecture.md#summary-and-reason). */
import type { TransferRecord } from '../../model/transfer.ts'
import { splitSummary, summaryLimits } from './summary-parts.ts'

const summaryNames = Array.from({ length: summaryLimits.parts }, (_, index) => `handoffSummary${index + 1}`)
const reasonName = 'handoffReason'

/** The attributes of summary and reason. Handoff writes them itself: the context of a request may not set them. */
export const agentAttributeNames: readonly string[] = [...summaryNames, reasonName]

type RequestedAttributes = Pick<TransferRecord, 'context' | 'summary' | 'reason'>

/**
 * Context, summary and reason of a transfer as attributes of the customer. Those of summary and reason are all there: the empty text takes
 * the place of what an earlier transfer of the conversation has said, because the platform cannot remove an attribute
 * (docs/genesys-cloud.md rule 14).
 */
export function toAttributes({ context, summary, reason }: RequestedAttributes): Record<string, string> {
  const parts = splitSummary(summary ?? '')
  const ofSummary = summaryNames.map((name, index) => [name, parts[index] ?? ''])
  return { ...context, ...(Object.fromEntries(ofSummary) as Record<string, string>), [reasonName]: reason ?? '' }
}

/**
 * Whether attributes have to be written for a transfer: it has some itself, or the customer still has a summary or a reason of an earlier
 * one, which would be taken for that of this transfer.
 * @param current the attributes that the customer has
 */
export const needsAttributes = (
  { context, summary, reason }: RequestedAttributes,
  current: Readonly<Record<string, string | undefined>>,
): boolean => summary !== null || reason !== null || Object.keys(context).length > 0 || agentAttributeNames.some((name) => current[name])
