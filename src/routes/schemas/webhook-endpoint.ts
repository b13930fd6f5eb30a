/** The schemas of the CRM's webhook endpoints: an endpoint with its health, and the result of a test event. */
import { Type } from '../../model/json-schema.ts'
import { nullable } from '../../model/schema-parts.ts'

export const EndpointParams = Type.Object({ id: Type.String({ pattern: '^ep_[0-9a-f]{12}$', description: 'The endpoint' }) })

export const EndpointSchema = Type.Object(
  {
    id: Type.String({ description: "Derived from the endpoint's URL" }),
    origin: nullable(
      Type.String({ description: 'Scheme, host and port; null: it is no longer configured, and its deliveries are pending' }),
    ),
    events: Type.Array(Type.String(), {
      description: 'The event types that it receives; * means all; empty if it is no longer configured',
    }),
    failingSince: nullable(Type.String({ description: 'Since when every attempt has failed' })),
    failures: Type.Integer({ description: 'How many attempts in a row have failed' }),
    pausedAt: nullable(Type.String({ description: 'Since when only probes are sent to it' })),
    nextProbeAt: nullable(Type.String({ description: 'When the next probe is sent' })),
    pending: Type.Integer({ description: 'Number of pending deliveries' }),
    oldestPendingAt: nullable(Type.String({ description: 'When the oldest of them was created' })),
  },
  { title: 'WebhookEndpoint' },
)

export const TestResultSchema = Type.Object(
  {
    id: Type.String({ description: 'The webhook-id of the test event' }),
    delivered: Type.Boolean({ description: 'Whether the answer was a 2xx' }),
    status: nullable(Type.Integer({ description: 'The status of the answer; null: there was none' })),
    error: nullable(Type.String({ description: 'Why there was none' })),
    durationMs: Type.Integer({ description: 'How long it took, ms' }),
  },
  { title: 'WebhookTestResult' },
)
