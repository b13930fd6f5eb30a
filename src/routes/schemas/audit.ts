/** The schemas of an audit entry: as the transfer's audit route returns it, and as a line of the audit export. */
import { Type } from '../../model/json-schema.ts'
import { nullable } from '../../model/schema-parts.ts'
import { nullableInteger, nullableString } from './nullable.ts'

const hashDescription = 'Keyed hash over the previous row of the chain and this one'
const traceIdDescription = 'W3C trace id of the request that led to this entry'

export const AuditEntrySchema = Type.Object(
  {
    seq: Type.Integer(),
    timestamp: Type.String({ format: 'date-time' }),
    node: Type.String(),
    chain: Type.String({ description: 'The chain that its hash belongs to' }),
    conversationId: nullableString,
    actionId: nullable(Type.String({ description: "The transfer's id" })),
    status: Type.String(),
    latencyMs: nullableInteger,
    pickupTime: nullableString,
    depth: nullableInteger,
    stage: nullableString,
    code: nullableString,
    caller: nullableString,
    detail: Type.Record(Type.String(), Type.Unsafe<string | number | boolean | null>({ type: ['string', 'number', 'boolean', 'null'] })),
    traceId: Type.Optional(nullable(Type.String({ description: traceIdDescription }))),
    sealed: Type.Optional(Type.String({ description: 'Keyed hash that stands for the personal data in the chain' })),
    personal: Type.Unsafe<Record<string, string> | null>({
      type: ['object', 'null'],
      additionalProperties: { type: 'string' },
      description: 'Keyed hashes of phone numbers, by which one caller can be followed; null when there are none, or when they were erased',
    }),
    hash: Type.String({ description: hashDescription }),
  },
  { $id: 'AuditEntry' },
)

const { hash: _hash, traceId: _traceId, ...ownFields } = AuditEntrySchema.properties
export const AuditLineSchema = Type.Object(
  {
    '@timestamp': Type.String({ format: 'date-time' }),
    'ecs.version': Type.String(),
    'service.name': Type.String(),
    'event.kind': Type.String(),
    'event.category': Type.Array(Type.String()),
    'event.type': Type.Array(Type.String()),
    'event.action': Type.String({ description: 'The same as status' }),
    'event.outcome': Type.String(),
    'event.sequence': Type.Integer({ description: 'The same as seq' }),
    'event.hash': Type.String({ description: hashDescription }),
    'trace.id': Type.Optional(Type.String({ description: traceIdDescription })),
    ...ownFields,
  },
  { $id: 'AuditLine', description: 'An audit entry in the Elastic Common Schema, with its own fields beside those of ECS' },
)
