/** The schemas of the CRM's webhook endpoints: an endpoint with its health, and the result of a test event. */
import { Type } from '../../model/json-schema.ts'
import { nullable } from '../../model/schema-parts.ts'
import { nullableInteger, nullableString } from './nullable.ts'

export const EndpointParams = Type.Object({ id: Type.String({ pattern: '^ep_[0-9a-f]{12}$' }) })

export const EndpointSchema = Type.Object({
  id: Type.String({ description: "Derived from the endpoint's URL" }),
  origin: nullable(Type.String({ description: 'Scheme, host and port; null: it is no longer configured, and its deliveries are pending' })),
  events: Type.Array(Type.String(), { description: 'The event types that it receives; * means all; empty if it is no longer configured' }),
  failingSince: nullable(Type.String({ description: 'Since when every attempt has failed' })),
  failures: Type.Integer(),
  pausedAt: nullable(Type.String({ description: 'Since when only probes are sent to it' })),
  nextProbeAt: nullableString,
  pending: Type.Integer({ description: 'Number of pending deliveries' }),
  oldestPendingAt: nullableString,
})

export const TestResultSchema = Type.Object({
  id: Type.String({ description: 'The webhook-id of the test event' }),
  delivered: Type.Boolean(),
  status: nullableInteger,
  error: nullableString,
  durationMs: Type.Integer(),
})
