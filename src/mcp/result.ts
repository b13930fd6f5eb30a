/** The result of a tool, made from the flat answer to a request or from a refusal: sentences for the agent, and the same facts as fields. */
import type { FlatAnswer } from '../architect/flat-response.ts'
import { Type } from '../model/json-schema.ts'
import type { Problem } from '../model/problems.ts'
import { states } from '../model/states.ts'
import { targetTypes } from '../model/target-schema.ts'
import { toText, type Sentences } from './sentences/advice.ts'
import { describeRefusal, isRefusalCode, type FailureLead } from './sentences/refusals.ts'
import { describeCheck, describeTransfer, earlierSummaryStays, type DescribedTransfer } from './sentences/states.ts'

const optionalText = (description: string) => Type.Optional(Type.String({ description }))

/** The fields of a result. A field that has no value is left out. */
export const ResultSchema = Type.Object({
  whatHappened: Type.String({ description: 'What happened, in a sentence' }),
  sayToCaller: optionalText("What can be said to the caller, in the caller's language"),
  nextStep: optionalText('What to do next'),
  ok: Type.Boolean({ description: 'Whether the call is moving or has moved, a callback was created, or the transfer is possible' }),
  retryable: Type.Boolean({ description: 'Whether the same call of the tool may succeed later' }),
  retryAfterSeconds: Type.Optional(Type.Integer({ description: 'Seconds until then, if known' })),
  transferId: optionalText('The transfer, for get_transfer'),
  state: Type.Optional(Type.Enum([...states], { type: 'string', description: 'State of the transfer' })),
  // Not as an enum: agents read the schema of every tool, and the list is long.
  code: optionalText('The reason, from a closed list, such as NO_AGENT_AVAILABLE'),
  targetType: Type.Optional(Type.Enum([...targetTypes], { type: 'string', description: 'Where the call goes' })),
  queueId: optionalText('The queue where the call goes, or whose agents call back'),
  userId: optionalText('The agent who picked up, else the one where the call goes'),
  usedFallback: Type.Optional(Type.Boolean({ description: 'Whether the call goes to the fallback' })),
  opensAt: optionalText('When the closed target opens (ISO 8601, UTC)'),
})

export interface ToolResult {
  text: string
  /** Fits `ResultSchema`. */
  fields: Record<string, unknown>
  isError: boolean
}

/** The fields of an answer that agents get, without those that have no value. */
function pickFields(answer: FlatAnswer): Record<string, unknown> {
  const { ok, retryable, retryAfterSeconds, transferId, state, code, targetType, queueId, userId, usedFallback, opensAt } = answer
  const texts = { transferId, state, code, targetType, queueId, userId, opensAt }
  return {
    ok,
    retryable,
    ...(retryAfterSeconds > 0 && { retryAfterSeconds }),
    ...Object.fromEntries(Object.entries(texts).filter(([, text]) => text !== '')),
    ...(usedFallback && { usedFallback }),
  }
}

function createResult(sentences: Sentences, fields: Record<string, unknown>, isError: boolean): ToolResult {
  const { transferId } = fields as { transferId?: string }
  const id = transferId === undefined ? '' : ` transferId: ${transferId}.`
  return { text: toText(sentences) + id, fields: { ...sentences, ...fields }, isError }
}

/**
 * The sentences about an answer: those for a refusal if nothing of the request was recorded or it was rejected, else those for the state.
 * @param describe the sentences for the state
 */
function describeAnswer(answer: FlatAnswer, lead: FailureLead, describe: (transfer: DescribedTransfer) => Sentences): Sentences {
  const { state, code } = answer
  if ((state === '' || state === 'rejected') && isRefusalCode(code)) return describeRefusal({ ...answer, code }, lead)
  return describe({ ...answer, state: state || 'accepted' })
}

/** The result of a check: whether the transfer is possible. It has no state, because a check is no transfer. */
export function toCheckResult(answer: FlatAnswer): ToolResult {
  const { state: _state, ...fields } = pickFields(answer)
  return createResult(describeAnswer(answer, 'The transfer is not possible now', describeCheck), fields, !answer.ok)
}

/**
 * The result of a transfer that was requested.
 * @param keepsEarlierSummary whether the request had another summary or reason than the earlier transfer that is the answer to it
 */
export function toTransferResult(answer: FlatAnswer, { keepsEarlierSummary = false } = {}): ToolResult {
  const sentences = describeAnswer(answer, 'The call was not moved', describeTransfer)
  const whatHappened = keepsEarlierSummary ? `${sentences.whatHappened} ${earlierSummaryStays}` : sentences.whatHappened
  return createResult({ ...sentences, whatHappened }, pickFields(answer), !answer.ok)
}

/** The result of reading a transfer. Reading succeeds, whatever became of the transfer. */
export const toReadResult = (answer: FlatAnswer): ToolResult => ({ ...toTransferResult(answer), isError: false })

/** The result for a tool call that was refused before there was an answer. */
export function toRefusalResult(problem: Problem, lead: FailureLead): ToolResult {
  const { code, message, retryable, retryAfterSeconds = 0, extensions } = problem
  const seconds = retryable ? Math.ceil(retryAfterSeconds) : 0
  const { transferId, opensAt = '', field = '' } = extensions
  const sentences = describeRefusal({ code, message, retryable, retryAfterSeconds: seconds, opensAt, field }, lead)
  const fields = { ok: false, code, retryable, ...(seconds > 0 && { retryAfterSeconds: seconds }), ...(transferId && { transferId }) }
  return createResult(sentences, fields, true)
}
