/** How a row of the table of deliveries becomes a delivery. */
import type { ClaimedDelivery, Delivery, DeliveryAttempt } from '../../contract/deliveries.ts'
import type { Row } from '../../engine/query.ts'
import { toIsoTime } from '../timestamps.ts'

export const parseAttempts = (row: Row): DeliveryAttempt[] => JSON.parse(String(row['attempts'])) as DeliveryAttempt[]

export const parseDelivery = (row: Row): Delivery => ({
  id: String(row['id']),
  endpoint: String(row['endpoint']),
  transferId: String(row['transfer_id']),
  conversationId: String(row['conversation_id']),
  type: String(row['type']),
  state: String(row['state']) as Delivery['state'],
  attempts: parseAttempts(row),
  tries: Number(row['tries']),
  nextAttemptAt: row['state'] === 'pending' ? toIsoTime(row['next_at']) : null,
  createdAt: String(toIsoTime(row['created_at'])),
  updatedAt: String(toIsoTime(row['updated_at'])),
})

export const parseClaimedDelivery = (row: Row): ClaimedDelivery => ({
  ...parseDelivery(row),
  body: String(row['body']),
  traceparent: row['traceparent'] === null ? null : String(row['traceparent']),
  isProbe: false,
})
