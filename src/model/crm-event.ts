/** What an event for the CRM contains: the schema that the OpenAPI document publishes (docs/architecture.md#crm-webhooks). */
import type { Static } from 'typebox'
import { Type } from './json-schema.ts'
import { nullable } from './schema-parts.ts'
import { TransferSchema } from './transfer.ts'

const nullableText = (description: string) => nullable(Type.String({ description }))
const { state, code, message, mode, priority, transferDepth, transferPath, latencyMs, pickupTime, pickupMs } = TransferSchema.properties
const { agentUserId, callbackConversationId, bounces, requestedBy, correlationIds } = TransferSchema.properties

/** The data of every event about a transfer. All fields are always there, except the two that `CRM_WEBHOOK_INCLUDE_SUMMARY` adds. */
export const TransferEventDataSchema = Type.Object(
  {
    conversationId: Type.String({ description: 'The conversation whose call is transferred' }),
    actionId: Type.String({ description: 'The id of the transfer, for GET /v1/transfers/{id}' }),
    state,
    code,
    message,
    mode,
    targetType: Type.Enum(['agent', 'queue', 'skill', 'number', 'callback'], {
      type: 'string',
      title: 'TargetType',
      description: 'The kind of target that the call goes to; of the requested target if none was chosen',
    }),
    targetSkillId: nullableText('The first of targetSkillIds; null if there is none'),
    targetSkillIds: Type.Array(Type.String(), { description: 'The skills that the agent must have' }),
    targetQueueId: nullableText('The queue that the call goes to; null if it goes to an agent or a number, or no target was chosen'),
    targetUserId: nullableText('The agent that the call goes to; null unless an agent is the target'),
    usedFallback: Type.Boolean({ description: 'Whether the call goes to a fallback' }),
    hop: Type.Integer({ minimum: 1, description: 'Number of the place that the call was moved to, starting at 1; it grows with overflow' }),
    priority,
    transferDepth,
    transferPath,
    latencyMs,
    pickupTime,
    pickupMs,
    agentUserId,
    callbackConversationId,
    bounces,
    requestedBy,
    correlationIds,
    timestamp: Type.String({
      format: 'date-time',
      description: 'When the transfer reached this state; the same as the timestamp of the event',
    }),
    summary: Type.Optional(nullableText('The summary of the request; only with CRM_WEBHOOK_INCLUDE_SUMMARY=on')),
    reason: Type.Optional(nullableText('The reason of the request; only with CRM_WEBHOOK_INCLUDE_SUMMARY=on')),
  },
  { title: 'TransferEventData' },
)
export type TransferEventData = Static<typeof TransferEventDataSchema>
