/** The schemas of webhook deliveries: a delivery, its id, and the filter that selects deliveries. */
import { Type } from '../../model/json-schema.ts'
import { deliveryStates, type DeliverySelection } from '../../ledger/contract/deliveries.ts'
import { uuidPattern } from '../../model/formats/patterns.ts'
import { nullableInteger, nullableString } from './nullable.ts'
import { parseTimeRange, type TimeRangeQuery } from './query.ts'

export const DeliverySchema = Type.Object(
  {
    id: Type.String({ description: 'The webhook-id: the same at every attempt' }),
    endpoint: Type.String({ description: 'Id of the endpoint that receives it' }),
    transferId: Type.String(),
    conversationId: Type.String(),
    type: Type.String(),
    state: Type.Enum([...deliveryStates], { type: 'string' }),
    attempts: Type.Array(
      Type.Object({
        at: Type.String({ format: 'date-time' }),
        status: nullableInteger,
        error: nullableString,
        durationMs: Type.Integer(),
      }),
    ),
    tries: Type.Integer({ description: 'Attempts in the current run of the schedule' }),
    nextAttemptAt: nullableString,
    createdAt: Type.String({ format: 'date-time' }),
    updatedAt: Type.String({ format: 'date-time' }),
  },
  { $id: 'Delivery' },
)

export const DeliveryParams = Type.Object({ id: Type.String({ pattern: '^evt_[0-9a-f-]{36}$', description: 'The webhook-id' }) })
export const deliveryState = Type.Enum([...deliveryStates], { type: 'string' })

/** The fields of a filter that a query and a request body have in common. */
export const deliveryFilterFields = {
  transferId: Type.Optional(Type.String({ pattern: uuidPattern })),
  conversationId: Type.Optional(Type.String({ pattern: uuidPattern })),
  endpoint: Type.Optional(Type.String({ pattern: '^ep_[0-9a-f]{12}$', description: 'GET /v1/webhook-endpoints lists them' })),
  type: Type.Optional(Type.String({ pattern: '^[a-z_.]{1,64}$', description: 'Such as transfer.picked_up' })),
}

export interface DeliveryQuery extends TimeRangeQuery {
  transferId?: string
  conversationId?: string
  endpoint?: string
  type?: string
}

/**
 * Turns the fields of a query or a request body into the ledger's filter.
 * @param location where the fields were sent; messages name it
 * @throws Problem INVALID_REQUEST for a time that is not valid
 */
export const parseDeliveryFilter = (
  { transferId, conversationId, endpoint, type, ...times }: DeliveryQuery,
  location: 'query' | 'body',
): DeliverySelection => ({
  ...(transferId && { transferId: transferId.toLowerCase() }),
  ...(conversationId && { conversationId: conversationId.toLowerCase() }),
  ...(endpoint && { endpoint }),
  ...(type && { type }),
  ...parseTimeRange(times, location),
})
