/** Translates a flat request into the transfer request that it stands for, and a violation of its schema into a refusal. */
import { normalizePhoneNumber, phoneNumberForm } from '../model/formats/phone-number.ts'
import { Problem } from '../model/problems.ts'
import type { TargetType } from '../model/target-schema.ts'
import { modes, type TransferRequest } from '../model/transfer.ts'
import { normalizeRequest, type NormalizedRequest } from '../transfers/request/normalize-request.ts'
import type { Rules } from '../transfers/stage-context.ts'
import { toFlatRequestProblem } from './flat-fields.ts'
import { expectedByPattern, limits, type FlatField, type FlatRequest } from './flat-request-schema.ts'

const invalid = (field: FlatField, detail: string): Problem => new Problem('INVALID_REQUEST', detail, { field })
const missing = (field: FlatField): Problem => invalid(field, `${field} is required.`)

/** The value of a field as text; undefined when it is not given: absent, null or blank. */
function readField(body: FlatRequest, field: FlatField): string | undefined {
  const text = String(body[field] ?? '').trim()
  return text === '' ? undefined : text
}

/** What a JSON Schema validator reports about a value. */
export interface SchemaViolation {
  /** JSON pointer to the value. */
  instancePath: string
  keyword: string
  params: Record<string, unknown>
}

/**
 * The refusal for a body that violates the schema of flat requests.
 * @param body JSON of any kind
 */
export function toFlatProblem({ instancePath, keyword, params }: SchemaViolation, body: unknown): Problem {
  const field = (params['missingProperty'] ?? instancePath.split('/')[1]) as FlatField | undefined
  if (field === undefined) return new Problem('INVALID_REQUEST', 'The body must be a JSON object.')
  const value = (body as Record<string, unknown>)[field] ?? ''
  if (typeof value === 'string' && value.trim() === '') return missing(field)
  if ((keyword === 'minimum' || keyword === 'maximum') && isLimited(field)) return outOfRange(field)
  if (keyword === 'maxLength') return invalid(field, `${field} must have at most ${String(params['limit'])} characters.`)
  if (keyword === 'pattern') return invalid(field, `${field} must be ${expectedByPattern[String(params['pattern'])]}.`)
  return invalid(field, `${field} must be ${isLimited(field) && typeof value === 'number' ? 'a whole number' : 'text'}.`)
}

type LimitedField = keyof typeof limits
const isLimited = (field: FlatField): field is LimitedField => field in limits
const outOfRange = (field: LimitedField): Problem =>
  invalid(field, `${field} must be from ${limits[field].minimum} to ${limits[field].maximum}.`)

/** The id of a queue or a skill, which a flow may give in `targetId`, in the field for the type, or in both; undefined if in neither. */
function findTargetId(body: FlatRequest, typeField: 'queueId' | 'skillId'): string | undefined {
  const [targetId, typeId] = [readField(body, 'targetId'), readField(body, typeField)]
  if (targetId && typeId && targetId.toLowerCase() !== typeId.toLowerCase()) throw invalid('targetId', `targetId and ${typeField} differ.`)
  return targetId ?? typeId
}

function readTargetId(body: FlatRequest, typeField: 'queueId' | 'skillId'): string {
  const id = findTargetId(body, typeField)
  if (id === undefined) throw missing('targetId')
  return id
}

/** The skill that an agent of a queue must have, as a field of the target. */
function readSkill(body: FlatRequest): { skillIds?: string[] } {
  const skillId = readField(body, 'skillId')
  return skillId === undefined ? {} : { skillIds: [skillId] }
}

function requireTargetId(body: FlatRequest): string {
  const id = readField(body, 'targetId')
  if (id === undefined) throw missing('targetId')
  return id
}

type RequestTarget = TransferRequest['target']
const readTarget: { readonly [T in TargetType]: (body: FlatRequest) => RequestTarget } = {
  agent: (body) => ({ type: 'agent', userId: requireTargetId(body) }),
  queue: (body) => ({ type: 'queue', queueId: readTargetId(body, 'queueId'), ...readSkill(body) }),
  skill(body) {
    const queueId = readField(body, 'queueId')
    return { type: 'skill', skillId: readTargetId(body, 'skillId'), ...(queueId && { queueId }) }
  },
  number(body) {
    const address = normalizePhoneNumber(requireTargetId(body))
    if (address === undefined) throw invalid('targetId', `targetId must be ${phoneNumberForm}.`)
    return { type: 'number', address }
  },
  callback(body) {
    const queueId = findTargetId(body, 'queueId') ?? readField(body, 'callbackQueueId')
    return { type: 'callback', ...(queueId && { queueId }), ...readSkill(body) }
  },
}

function readMode(body: FlatRequest): TransferRequest['mode'] {
  const text = readField(body, 'mode')?.toLowerCase()
  return modes.find((mode) => mode.toLowerCase() === text)
}

function readNumber(body: FlatRequest, field: LimitedField): number | undefined {
  const text = readField(body, field)
  if (text === undefined) return undefined
  // The schema checks the range of a number; for text it only checks the format. `|| 0` turns -0 into 0.
  const number = Number(text) || 0
  if (number < limits[field].minimum || number > limits[field].maximum) throw outOfRange(field)
  return number
}

/** The conditions of the target, as fields of it. Those that its type does not have are left out. */
function readConditions(body: FlatRequest, type: TargetType): Partial<RequestTarget> {
  const [scheduleGroupId, emergencyGroupId] = [readField(body, 'scheduleGroupId'), readField(body, 'emergencyGroupId')]
  if (emergencyGroupId && !scheduleGroupId) throw missing('scheduleGroupId')
  const [maxWaitSeconds, overflowAfterSeconds] = [readNumber(body, 'maxWaitSeconds'), readNumber(body, 'overflowAfterSeconds')]
  const preferredUserId = readField(body, 'preferredUserId')
  const waitsInQueue = type === 'queue' || type === 'skill'
  return {
    ...(scheduleGroupId && { openHours: { scheduleGroupId, ...(emergencyGroupId && { emergencyGroupId }) } }),
    ...(waitsInQueue && maxWaitSeconds !== undefined && { maxWaitSeconds }),
    ...(waitsInQueue && preferredUserId && { preferredUserIds: [preferredUserId] }),
    ...(type !== 'callback' && overflowAfterSeconds !== undefined && { overflowAfterSeconds }),
  }
}

/** The fallbacks: the fallback queue, then a callback, unless the queue for the callback is that of the target itself. */
function readFallback(body: FlatRequest, type: TargetType): RequestTarget[] {
  const [fallbackQueueId, callbackQueueId] = [readField(body, 'fallbackQueueId'), readField(body, 'callbackQueueId')]
  const isForTarget = type === 'callback' && findTargetId(body, 'queueId') === undefined
  return [
    ...(fallbackQueueId ? [{ type: 'queue' as const, queueId: fallbackQueueId }] : []),
    ...(callbackQueueId && !isForTarget ? [{ type: 'callback' as const, queueId: callbackQueueId }] : []),
  ]
}

const readType = ({ targetType }: FlatRequest): TargetType => targetType.trim().toLowerCase() as TargetType

/**
 * The transfer request that a flat request stands for.
 * @param body fits the schema of flat requests
 * @throws Problem INVALID_REQUEST that names the flat field, for what the schema cannot express
 */
export function parseFlatRequest(body: FlatRequest): TransferRequest {
  const [priority, mode] = [readNumber(body, 'priority'), readMode(body)]
  const idempotencyKey = readField(body, 'idempotencyKey')
  const [summary, reason] = [readField(body, 'summary'), readField(body, 'reason')]
  const type = readType(body)
  const fallback = readFallback(body, type)
  return {
    conversationId: body.conversationId.trim(),
    target: { ...readTarget[type](body), ...readConditions(body, type) } as RequestTarget,
    ...(priority !== undefined && { priority }),
    ...(mode && { mode }),
    ...(fallback.length > 0 && { fallback }),
    ...(summary && { summary }),
    ...(reason && { reason }),
    ...(idempotencyKey && { idempotencyKey }),
  }
}

/**
 * The flat request in the normal form of the transfer request that it stands for.
 * @param body fits the schema of flat requests
 * @param headers the Idempotency-Key, if there is one, and the trace context
 * @throws Problem INVALID_REQUEST that names the flat field
 */
export function normalizeFlatRequest(
  body: FlatRequest,
  headers: { key?: string | undefined; traceparent: string },
  rules: Pick<Rules, 'defaultQueueId' | 'fallbackQueueId'>,
): NormalizedRequest {
  const request = parseFlatRequest(body)
  try {
    return normalizeRequest(request, headers, rules)
  } catch (error) {
    throw error instanceof Problem ? toFlatRequestProblem(error, readType(body)) : error
  }
}
