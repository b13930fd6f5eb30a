/** Schemas that several routes share, and how they are referred to. */
import type { FastifyRequest } from 'fastify'
import Type, { type Static, type TSchema } from 'typebox'
import { deliveryStates } from '../../ledger/ledger.ts'
import { Problem, refusalCodes, stages } from '../../model/problems.ts'
import { FlatAnswerSchema, FlatRequestSchema } from '../../architect/flat-response.ts'
import { DryRunSchema, TransferRequestSchema, TransferSchema } from '../../model/transfer.ts'

/** A reference to a shared schema that keeps its static type. */
export const ref = <T extends TSchema>(schema: T) => Type.Unsafe<Static<T>>(Type.Ref((schema as unknown as { $id: string }).$id))

const ProblemSchema = Type.Object(
  {
    type: Type.String(),
    title: Type.String(),
    status: Type.Integer(),
    detail: Type.String(),
    code: Type.Enum([...refusalCodes], { type: 'string' }),
    stage: Type.Optional(Type.Enum([...stages], { type: 'string' })),
    retryable: Type.Boolean({ description: 'Whether the same request may succeed later' }),
    field: Type.Optional(Type.String({ description: 'What does not fit' })),
    transferId: Type.Optional(Type.String({ description: 'The transfer that was refused, or that stands in the way' })),
    retryAfterSeconds: Type.Optional(Type.Integer()),
    platformCode: Type.Optional(Type.String()),
    correlationId: Type.Optional(Type.String()),
    permissions: Type.Optional(Type.Array(Type.String())),
  },
  { $id: 'Problem', description: 'RFC 9457 problem details' },
)

export const TokenErrorSchema = Type.Object(
  { error: Type.String(), error_description: Type.String() },
  { $id: 'TokenError', description: 'A refusal of the token endpoint (RFC 6749 §5.2)' },
)

export const nullableText = Type.Unsafe<string | null>({ type: ['string', 'null'] })
export const nullableInteger = Type.Unsafe<number | null>({ type: ['integer', 'null'] })
export const AuditEntrySchema = Type.Object(
  {
    seq: Type.Integer(),
    timestamp: Type.String({ format: 'date-time' }),
    node: Type.String(),
    chain: Type.String({ description: 'The chain that its hash belongs to' }),
    conversationId: nullableText,
    actionId: Type.Unsafe<string | null>({ type: ['string', 'null'], description: "The transfer's id" }),
    status: Type.String(),
    latencyMs: nullableInteger,
    pickupTime: nullableText,
    depth: nullableInteger,
    stage: nullableText,
    code: nullableText,
    caller: nullableText,
    detail: Type.Record(Type.String(), Type.Unsafe<string | number | boolean | null>({ type: ['string', 'number', 'boolean', 'null'] })),
    traceId: Type.Optional(
      Type.Unsafe<string | null>({ type: ['string', 'null'], description: 'W3C trace id of the request it goes back to' }),
    ),
    sealed: Type.Optional(Type.String({ description: 'Keyed hash that stands for the personal part in the chain' })),
    personal: Type.Unsafe<Record<string, string> | null>({
      type: ['object', 'null'],
      additionalProperties: { type: 'string' },
      description: 'Keyed hashes of numbers, by which one caller can be followed; null where there is none, or none any more',
    }),
    hash: Type.String({ description: 'Keyed hash over the row before it in its chain and this one' }),
  },
  { $id: 'AuditEntry' },
)

const { hash: _hash, traceId: _traceId, ...rowFields } = AuditEntrySchema.properties
/** A line of the audit export. */
const AuditLineSchema = Type.Object(
  {
    '@timestamp': Type.String({ format: 'date-time' }),
    'ecs.version': Type.String(),
    'service.name': Type.String(),
    'event.kind': Type.String(),
    'event.category': Type.Array(Type.String()),
    'event.type': Type.Array(Type.String()),
    'event.action': Type.String({ description: 'The status' }),
    'event.outcome': Type.String(),
    'event.sequence': Type.Integer({ description: 'The seq' }),
    'event.hash': Type.String({ description: 'Keyed hash over the row before it in its chain and this one' }),
    'trace.id': Type.Optional(Type.String({ description: 'W3C trace id of the request it goes back to' })),
    ...rowFields,
  },
  { $id: 'AuditLine', description: 'An entry by the Elastic Common Schema, its own names beside those' },
)

export const DeliverySchema = Type.Object(
  {
    id: Type.String({ description: 'The webhook-id: the same at every attempt' }),
    endpoint: Type.String({ description: 'The endpoint that is told' }),
    transferId: Type.String(),
    conversationId: Type.String(),
    type: Type.String(),
    state: Type.Enum([...deliveryStates], { type: 'string' }),
    attempts: Type.Array(
      Type.Object({ at: Type.String({ format: 'date-time' }), status: nullableInteger, error: nullableText, durationMs: Type.Integer() }),
    ),
    tries: Type.Integer({ description: 'Attempts in the present run of the schedule' }),
    nextAttemptAt: nullableText,
    createdAt: Type.String({ format: 'date-time' }),
    updatedAt: Type.String({ format: 'date-time' }),
  },
  { $id: 'Delivery' },
)

export const shared = [
  TransferSchema,
  DryRunSchema,
  TransferRequestSchema,
  FlatRequestSchema,
  FlatAnswerSchema,
  ProblemSchema,
  TokenErrorSchema,
  AuditEntrySchema,
  AuditLineSchema,
  DeliverySchema,
]

/** A JSON answer with a description of its own. */
export const answer = <T extends TSchema>(description: string, schema: T) => ({ description, content: { 'application/json': { schema } } })
const problem = (description: string) => ({ description, content: { 'application/problem+json': { schema: ref(ProblemSchema) } } })
/** The problem answers that a route declares besides its own. */
export const problems = {
  '4xx': problem('Refused: what does not fit, or what stands in the way'),
  '5xx': problem('The platform or the ledger is in trouble'),
}

export const uuid = '^[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}$'

export const security = [{ key: [] }, { header: [] }, { basic: [] }, { oauth2: [] }]

/** Query strings are text; a number in one is read before it is validated, and only there: a body's numbers must be numbers. */
export async function readLimit(request: FastifyRequest): Promise<void> {
  const query = request.query as Record<string, unknown>
  if (/^\d{1,6}$/.test(String(query['limit']))) query['limit'] = Number(query['limit'])
}
export const limit = Type.Optional(Type.Integer({ minimum: 1, maximum: 200, default: 50 }))
export const moment = (description: string) => Type.String({ format: 'date-time', description })
export const span = {
  since: Type.Optional(moment('From this time on, ISO 8601')),
  until: Type.Optional(moment('Before this time, ISO 8601')),
}

/**
 * The span of a query in epoch ms.
 * @throws Problem INVALID_REQUEST for times that the format allows and no clock has: leap seconds, and spans that end before they begin
 */
export function spanOf(query: { since?: string; until?: string }, where = 'query'): { since?: number; until?: number } {
  const read = (field: 'since' | 'until'): { [_ in typeof field]?: number } => {
    const text = query[field]
    if (text === undefined) return {}
    const at = Date.parse(text)
    if (Number.isNaN(at)) throw new Problem('INVALID_REQUEST', `${where}.${field} is not a time.`, { field: `${where}.${field}` })
    return { [field]: at }
  }
  const span = { ...read('since'), ...read('until') }
  if (span.since !== undefined && span.until !== undefined && span.until < span.since)
    throw new Problem('INVALID_REQUEST', `${where}.until is before ${where}.since.`, { field: `${where}.until` })
  return span
}
