/** Which faults can be set for requests to the platform, and which requests they apply to. */
import Type, { type Static } from 'typebox'
import { Milliseconds, strictObject, stringEnum } from './schemas.ts'

const HttpStatus = Type.Integer({ minimum: 200, maximum: 599 })

/** Whether the platform executes the request in spite of the fault; each kind of fault has its own default. */
const executionProperty = { acts: Type.Optional(Type.Boolean()) }

/** What goes wrong with a request to the platform; `platform-api/fault-effect.ts` says what each kind does. */
export const Fault = Type.Union([
  strictObject({
    kind: Type.Literal('status'),
    status: HttpStatus,
    body: Type.Optional(Type.Unknown()),
    headers: Type.Optional(Type.Record(Type.String(), Type.String())),
    ...executionProperty,
  }),
  strictObject({ kind: stringEnum('empty', 'html'), status: HttpStatus, ...executionProperty }),
  strictObject({ kind: Type.Literal('delay'), ms: Milliseconds }),
  strictObject({
    kind: Type.Literal('rate-limited'),
    retryAfterSeconds: Type.Integer({ minimum: 0 }),
    /** The limit that the body names: the token's (default), or one of the organization for these routes. */
    scope: Type.Optional(stringEnum('token', 'organization')),
    ...executionProperty,
  }),
  strictObject({ kind: stringEnum('wrong-shape', 'silence', 'half-response', 'conflict'), ...executionProperty }),
  strictObject({ kind: stringEnum('reset-before', 'reset-after') }),
])

/** How many matching requests or events are let through first (default 0), and how many of the next ones fail (default 1). */
export const faultWindowProperties = {
  skip: Type.Optional(Type.Integer({ minimum: 0 })),
  times: Type.Optional(Type.Union([Type.Integer({ minimum: 1 }), Type.Literal('always')])),
}

/**
 * A fault and the requests that it applies to. Without `operation` that is every request; with `conversationId` only
 * requests about that conversation, with `heldBy` only requests about a call that such a participant has at that moment, and only these
 * count for `skip` and `times`.
 */
export const FaultSpec = strictObject({
  operation: Type.Optional(Type.String()),
  conversationId: Type.Optional(Type.String()),
  heldBy: Type.Optional(stringEnum('ivr', 'acd', 'agent', 'user')),
  ...faultWindowProperties,
  fault: Fault,
})

export type Fault = Static<typeof Fault>
export type FaultSpec = Static<typeof FaultSpec>
