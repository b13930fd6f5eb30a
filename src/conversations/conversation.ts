import { jsonFields, optionalProperty, inner, isText, list, number, reference, required, text, time } from './json-fields.ts'
import type { JsonFields } from './json-fields.ts'

export { UnreadableConversation } from './json-fields.ts'

/**
 * One model of a live call, whichever of the platform's models it came in: GET /conversations/{id}, the flattened
 * GET /conversations/calls/{id}, or the event body of either notification topic (genesys-api §3.1, §3.3).
 */
export interface Conversation {
  conversationId: string
  endedAt?: string
  participants: Participant[]
  recentTransfers: RecentTransfer[]
}

export interface Participant {
  id: string
  purpose: string
  userId?: string
  queueId?: string
  startedAt?: string
  connectedAt?: string
  endedAt?: string
  attributes: Record<string, string>
  alertingTimeoutMs?: number
  /** Listens in (monitor, coach or barge): never the holder of a call and never its pickup. */
  monitors: boolean
  calls: Leg[]
  routing?: Routing
}

export interface Leg {
  id: string
  state: string
  connectedAt?: string
  disconnectedAt?: string
  disconnectType?: string
  peerId?: string
  errorCode?: string
  held: boolean
  address?: string
}

export interface Routing {
  skillIds: string[]
  priority?: number
}

const TRANSFER_STATES = ['pending', 'active', 'complete', 'canceled', 'failed', 'timeout', 'unknown'] as const

export interface RecentTransfer {
  id: string
  state: (typeof TRANSFER_STATES)[number]
  issuedAt?: string
  destinationUserId?: string
  destinationAddress?: string
}

/**
 * Reads a parsed JSON answer or event (with or without its `eventBody` envelope) into a Picture.
 * Throws UnreadableConversation, and nothing else, when a field that decisions rest on has the wrong shape.
 */
export function parseConversation(payload: unknown): Conversation {
  const envelope = jsonFields(payload, 'the conversation')
  const body = 'eventBody' in envelope ? jsonFields(envelope['eventBody'], 'eventBody') : envelope
  return {
    conversationId: required(text(body, 'id', '')),
    ...optionalProperty('endedAt', time(body, 'endTime', '')),
    participants: list(body, 'participants', '', true).map(([item, where]) => participant(item, where)),
    recentTransfers: list(body, 'recentTransfers', '').map(([item, where]) => recentTransfer(item, where)),
  }
}

function participant(from: JsonFields, where: string): Participant {
  const flattened = from['calls'] === undefined && typeof from['state'] === 'string'
  return {
    id: required(text(from, 'id', where), where),
    purpose: text(from, 'purpose', where)?.toLowerCase() ?? 'unknown',
    ...optionalProperty('userId', text(from, 'userId', where) ?? reference(from, 'user', where)),
    ...optionalProperty('queueId', text(from, 'queueId', where) ?? reference(from, 'queue', where)),
    ...optionalProperty('startedAt', time(from, 'startTime', where)),
    ...optionalProperty('connectedAt', time(from, 'connectedTime', where)),
    ...optionalProperty('endedAt', time(from, 'endTime', where)),
    attributes: Object.fromEntries(Object.entries(inner(from, 'attributes', where) ?? {}).filter(isText)),
    ...optionalProperty('alertingTimeoutMs', number(from, 'alertingTimeoutMs', where)),
    monitors: ['monitoredParticipantId', 'coachedParticipantId', 'bargedParticipantId'].some((key) => text(from, key, where) !== undefined),
    calls: flattened ? [leg(from, where)] : list(from, 'calls', where).map(([item, at]) => leg(item, at)),
    ...optionalProperty('routing', routing(inner(from, 'conversationRoutingData', where), `${where}.conversationRoutingData`)),
  }
}

// A flattened participant is its own only leg, and has `peer` and `endTime` where a call has `peerId` and `disconnectedTime`.
function leg(from: JsonFields, where: string): Leg {
  const disconnectType = text(from, 'disconnectType', where)
    ?.toLowerCase()
    .replace(/\.dnd$/, '.donotdisturb')
  const self = inner(from, 'self', where)
  return {
    id: text(from, 'id', where) ?? '',
    state: text(from, 'state', where)?.toLowerCase() ?? 'none',
    ...optionalProperty('connectedAt', time(from, 'connectedTime', where)),
    ...optionalProperty('disconnectedAt', time(from, 'disconnectedTime', where) ?? time(from, 'endTime', where)),
    ...optionalProperty('disconnectType', disconnectType),
    ...optionalProperty('peerId', text(from, 'peerId', where) ?? text(from, 'peer', where)),
    ...optionalProperty('errorCode', errorCode(inner(from, 'errorInfo', where), where)),
    held: from['held'] === true,
    ...optionalProperty('address', self === undefined ? text(from, 'address', where) : text(self, 'addressRaw', where)),
  }
}

const errorCode = (info: JsonFields | undefined, where: string) =>
  info === undefined ? undefined : (text(info, 'code', `${where}.errorInfo`) ?? 'unnamed')

function routing(data: JsonFields | undefined, where: string): Routing | undefined {
  if (data === undefined) return undefined
  return {
    skillIds: list(data, 'skills', where).map(([skill, at]) => required(text(skill, 'id', at), at)),
    ...optionalProperty('priority', number(data, 'priority', where)),
  }
}

function recentTransfer(from: JsonFields, where: string): RecentTransfer {
  const state = text(from, 'state', where)?.toLowerCase()
  const destination = inner(from, 'destination', where) ?? {}
  return {
    id: text(from, 'id', where) ?? '',
    state: TRANSFER_STATES.find((known) => known === state) ?? 'unknown',
    ...optionalProperty('issuedAt', time(from, 'dateIssued', where)),
    ...optionalProperty('destinationUserId', text(destination, 'userId', where)),
    ...optionalProperty('destinationAddress', text(destination, 'address', where)),
  }
}
