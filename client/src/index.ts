/** What the package offers. */
export { createClient, type CallOptions, type ClientOptions, type HandoffClient, type TransferOptions } from './client.ts'
export { HandoffError, type ClientErrorCode, type HandoffErrorCode } from './errors.ts'
export {
  verifyWebhook,
  WebhookError,
  type VerifiedWebhook,
  type WebhookDelivery,
  type WebhookErrorCode,
  type WebhookHeaders,
} from './webhook.ts'
export type { WaitOptions } from './wait-for-outcome.ts'
export type * from './types.ts'
export type { components, operations, paths } from './openapi.ts'
