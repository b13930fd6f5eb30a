/** Translates a flat request into the transfer request that it stands for, and a violation of its schema into a refusal. */
import { normalizePhoneNumber, phoneNumberForm } from '../model/phone-number.ts'
import { Problem } from '../model/problems.ts'
import type { TargetType } from '../model/target.ts'
import { modes, priorityLimits, type TransferRequest } from '../model/transfer.ts'
import { expectedByPattern, type FlatField, type FlatRequest } from './flat-request-schema.ts'

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
  if (keyword === 'minimum' || keyword === 'maximum') return priorityOutOfRange()
  if (keyword === 'pattern') return invalid(field, `${field} must be ${expectedByPattern[String(params['pattern'])]}.`)
  return invalid(field, `${field} must be ${field === 'priority' && typeof value === 'number' ? 'a whole number' : 'text'}.`)
}

const priorityOutOfRange = (): Problem =>
  invalid('priority', `priority must be from ${priorityLimits.minimum} to ${priorityLimits.maximum}.`)

/** The id of a queue or a skill, which a flow may give in `targetId`, in the field for the type, or in both. */
function readTargetId(body: FlatRequest, typeField: 'queueId' | 'skillId'): string {
  const [targetId, typeId] = [readField(body, 'targetId'), readField(body, typeField)]
  if (targetId && typeId && targetId.toLowerCase() !== typeId.toLowerCase()) throw invalid('targetId', `targetId and ${typeField} differ.`)
  const id = targetId ?? typeId
  if (!id) throw missing('targetId')
  return id
}

function requireTargetId(body: FlatRequest): string {
  const id = readField(body, 'targetId')
  if (id === undefined) throw missing('targetId')
  return id
}

type RequestTarget = TransferRequest['target']
const readTarget: { readonly [T in TargetType]: (body: FlatRequest) => RequestTarget } = {
  agent: (body) => ({ type: 'agent', userId: requireTargetId(body) }),
  queue(body) {
    const skillId = readField(body, 'skillId')
    return { type: 'queue', queueId: readTargetId(body, 'queueId'), ...(skillId && { skillIds: [skillId] }) }
  },
  skill(body) {
    const queueId = readField(body, 'queueId')
    return { type: 'skill', skillId: readTargetId(body, 'skillId'), ...(queueId && { queueId }) }
  },
  number(body) {
    const address = normalizePhoneNumber(requireTargetId(body))
    if (address === undefined) throw invalid('targetId', `targetId must be ${phoneNumberForm}.`)
    return { type: 'number', address }
  },
}

function readMode(body: FlatRequest): TransferRequest['mode'] {
  const text = readField(body, 'mode')?.toLowerCase()
  return modes.find((mode) => mode.toLowerCase() === text)
}

function readPriority(body: FlatRequest): number | undefined {
  const text = readField(body, 'priority')
  if (text === undefined) return undefined
  // The schema checks the range of a number; for text it only checks the format. `|| 0` turns -0 into 0.
  const priority = Number(text) || 0
  if (priority < priorityLimits.minimum || priority > priorityLimits.maximum) throw priorityOutOfRange()
  return priority
}

/**
 * The transfer request that a flat request stands for.
 * @param body fits the schema of flat requests
 * @throws Problem INVALID_REQUEST that names the flat field, for what the schema cannot express
 */
export function parseFlatRequest(body: FlatRequest): TransferRequest {
  const [priority, mode] = [readPriority(body), readMode(body)]
  const [fallbackQueueId, idempotencyKey] = [readField(body, 'fallbackQueueId'), readField(body, 'idempotencyKey')]
  return {
    conversationId: body.conversationId.trim(),
    target: readTarget[body.targetType.trim().toLowerCase() as TargetType](body),
    ...(priority !== undefined && { priority }),
    ...(mode && { mode }),
    ...(fallbackQueueId && { fallback: [{ type: 'queue', queueId: fallbackQueueId }] }),
    ...(idempotencyKey && { idempotencyKey }),
  }
}
