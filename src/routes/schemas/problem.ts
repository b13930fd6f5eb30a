/** The schema of a refusal: problem details (RFC 9457) with the members that this service adds. */
import { Type } from '../../model/json-schema.ts'
import { ConsideredSchema } from '../../model/considered.ts'
import { refusalCodes, stages } from '../../model/problems.ts'

export const ProblemSchema = Type.Object(
  {
    type: Type.String(),
    title: Type.String(),
    status: Type.Integer(),
    detail: Type.String(),
    code: Type.Enum([...refusalCodes], { type: 'string' }),
    stage: Type.Optional(Type.Enum([...stages], { type: 'string' })),
    retryable: Type.Boolean({ description: 'Whether the same request may succeed later' }),
    field: Type.Optional(Type.String({ description: 'The body field, header or parameter that is not valid' })),
    transferId: Type.Optional(Type.String({ description: 'The transfer that was refused, or the one that stands in the way' })),
    retryAfterSeconds: Type.Optional(Type.Integer()),
    platformCode: Type.Optional(Type.String()),
    correlationId: Type.Optional(Type.String()),
    permissions: Type.Optional(Type.Array(Type.String())),
    opensAt: Type.Optional(Type.String({ description: 'QUEUE_CLOSED: when the first of the closed places opens, if the time is known' })),
    considered: Type.Optional(
      Type.Array(ConsideredSchema, {
        description: 'QUEUE_CLOSED and NO_AGENT_AVAILABLE: why the target and each fallback were passed over',
      }),
    ),
  },
  { $id: 'Problem', description: 'RFC 9457 problem details' },
)
