/** Short names for the schemas of the OpenAPI document. */
import type { components } from './openapi.ts'

type Schemas = components['schemas']

export type Transfer = Schemas['Transfer']
export type TransferState = Schemas['TransferState']
export type DryRun = Schemas['DryRun']
export type Problem = Schemas['Problem']
export type Target = Schemas['Target']
export type AgentTarget = Schemas['AgentTarget']
export type QueueTarget = Schemas['QueueTarget']
export type SkillTarget = Schemas['SkillTarget']
export type NumberTarget = Schemas['NumberTarget']
export type CallbackTarget = Schemas['CallbackTarget']

/** What is to be transferred, and where to. Each method of the client has its own mode, and the idempotency key is an option of the call. */
export type TransferRequest = Omit<Schemas['TransferRequest'], 'mode' | 'idempotencyKey'>

/** The body of a webhook. `type` says which event it is, and so what is in `data`. */
export type WebhookEvent = Schemas['WebhookEvent']
export type TransferEventData = Schemas['TransferEventData']
