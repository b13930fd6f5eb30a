/** How a conversation is parsed: the platform describes the same call in several models, and all of them become one. */
import {
  asText,
  optionalProperty,
  readList,
  readObject,
  readReference,
  readText,
  readTime,
  requireId,
  requireList,
  requireObject,
  type JsonFields,
} from '../model/json-fields.ts'
import { parseCallRouting, type CallRouting } from './call-routing.ts'

/** A live conversation, whichever of the platform's models it came in (docs/genesys-cloud.md rules 15–16). Times are ISO 8601. */
export interface Conversation {
  conversationId: string
  endedAt?: string
  participants: Participant[]
  recentTransfers: RecentTransfer[]
}

export interface Participant {
  id: string
  /** In lower case. The set is open: `customer`, `agent`, `acd`, `ivr` … (docs/genesys-cloud.md rule 19). */
  purpose: string
  userId?: string
  queueId?: string
  startedAt?: string
  connectedAt?: string
  endedAt?: string
  attributes: Record<string, string>
  /** By what the participant's queue routes, or routed, the call; 'unclear' if the platform does not show it in full. */
  routing?: CallRouting | 'unclear'
  /** Monitors, coaches or barges: such a participant never holds the call, and its joining is no pickup (docs/genesys-cloud.md rule 28). */
  isMonitor: boolean
  /** Part of a consult: the platform names the participant that is to be transferred (docs/genesys-cloud.md rule 97). */
  isInConsult: boolean
  /** Empty for a participant that is not on a call, for example in a chat. */
  legs: Leg[]
  /** The media other than calls that this participant uses or has used, the most informative first (docs/genesys-cloud.md rule 23). */
  otherMedia: Medium[]
}

/** The lists of a participant that hold its connections in other media than calls, with the word for the medium. */
export const otherMedia = {
  callbacks: 'callback',
  chats: 'chat',
  emails: 'email',
  messages: 'message',
  internalMessages: 'internal message',
  socialExpressions: 'social media conversation',
  videos: 'video conversation',
  cobrowsesessions: 'cobrowse session',
  screenshares: 'screen share',
  screenMonitorings: 'screen monitoring session',
} as const
export type Medium = (typeof otherMedia)[keyof typeof otherMedia]

/** The connection of one participant to the call. */
export interface Leg {
  id: string
  /** In lower case (docs/genesys-cloud.md rule 20). */
  state: string
  connectedAt?: string
  disconnectedAt?: string
  disconnectType?: string
  peerId?: string
  /** Has no meaning while the leg is alive (docs/genesys-cloud.md rule 24). */
  errorCode?: string
  address?: string
}

const transferStates = ['pending', 'active', 'complete', 'canceled', 'failed', 'timeout', 'unknown'] as const

/** A transfer command as the platform lists it (docs/genesys-cloud.md rule 22). */
export interface RecentTransfer {
  id: string
  state: (typeof transferStates)[number]
  issuedAt?: string
  destinationUserId?: string
  destinationAddress?: string
}

/**
 * Parses the body of GET /conversations/{id}, of GET /conversations/calls/{id}, or of a notification, with or without its `eventBody`
 * envelope. Fields that no decision depends on may have any shape.
 * @throws UnreadableJson, and nothing else
 */
export function parseConversation(payload: unknown): Conversation {
  const envelope = requireObject(payload, 'the conversation')
  const body = 'eventBody' in envelope ? requireObject(envelope['eventBody'], 'eventBody') : envelope
  return {
    conversationId: requireId(body, ''),
    ...optionalProperty('endedAt', readTime(body, 'endTime', '')),
    participants: requireList(body, 'participants', '').map(([fields, path]) => parseParticipant(fields, path)),
    recentTransfers: readList(body, 'recentTransfers', '').map(([fields, path]) => parseRecentTransfer(fields, path)),
  }
}

const monitorFields = ['monitoredParticipantId', 'coachedParticipantId', 'bargedParticipantId']

function parseParticipant(fields: JsonFields, path: string): Participant {
  const isFlattened = fields['calls'] === undefined && typeof fields['state'] === 'string'
  return {
    id: requireId(fields, path),
    purpose: readText(fields, 'purpose', path)?.toLowerCase() ?? 'unknown',
    ...optionalProperty('userId', readText(fields, 'userId', path) ?? readReference(fields, 'user', path)),
    ...optionalProperty('queueId', readText(fields, 'queueId', path) ?? readReference(fields, 'queue', path)),
    ...optionalProperty('startedAt', readTime(fields, 'startTime', path)),
    ...optionalProperty('connectedAt', readTime(fields, 'connectedTime', path)),
    ...optionalProperty('endedAt', readTime(fields, 'endTime', path)),
    attributes: Object.fromEntries(Object.entries(readObject(fields, 'attributes', path) ?? {}).filter(hasTextValue)),
    ...optionalProperty('routing', parseCallRouting(fields['conversationRoutingData'])),
    isMonitor: monitorFields.some((key) => readText(fields, key, path) !== undefined),
    isInConsult: readText(fields, 'consultParticipantId', path) !== undefined,
    legs: isFlattened ? [parseLeg(fields, path)] : readList(fields, 'calls', path).map(([call, callPath]) => parseLeg(call, callPath)),
    otherMedia: Object.entries(otherMedia).flatMap(([list, medium]) => (isFilledList(fields[list]) ? [medium] : [])),
  }
}

const isFilledList = (value: unknown): boolean => Array.isArray(value) && value.length > 0

const hasTextValue = (entry: [string, unknown]): entry is [string, string] => typeof entry[1] === 'string'

/**
 * Parses one entry of `calls`, or a flattened participant, which is its own only leg and has `peer` and `endTime` where a call has
 * `peerId` and `disconnectedTime`.
 */
function parseLeg(fields: JsonFields, path: string): Leg {
  // Notifications abbreviate "do not disturb".
  const disconnectType = readText(fields, 'disconnectType', path)
    ?.toLowerCase()
    .replace(/\.dnd$/, '.donotdisturb')
  const self = readObject(fields, 'self', path)
  return {
    id: readText(fields, 'id', path) ?? '',
    state: readText(fields, 'state', path)?.toLowerCase() ?? 'none',
    ...optionalProperty('connectedAt', readTime(fields, 'connectedTime', path)),
    ...optionalProperty('disconnectedAt', readTime(fields, 'disconnectedTime', path) ?? readTime(fields, 'endTime', path)),
    ...optionalProperty('disconnectType', disconnectType),
    ...optionalProperty('peerId', readText(fields, 'peerId', path) ?? readText(fields, 'peer', path)),
    ...optionalProperty('errorCode', parseErrorCode(readObject(fields, 'errorInfo', path), path)),
    ...optionalProperty('address', self === undefined ? readText(fields, 'address', path) : readText(self, 'addressRaw', path)),
  }
}

/** The code of an `errorInfo`; 'unnamed' if it has only a message. One with neither is no error (docs/genesys-cloud.md rule 24). */
function parseErrorCode(errorInfo: JsonFields | undefined, path: string): string | undefined {
  if (errorInfo === undefined) return undefined
  const hasMessage = ['message', 'messageWithParams'].some((key) => asText(errorInfo[key]) !== undefined)
  return readText(errorInfo, 'code', `${path}.errorInfo`) ?? (hasMessage ? 'unnamed' : undefined)
}

function parseRecentTransfer(fields: JsonFields, path: string): RecentTransfer {
  const state = readText(fields, 'state', path)?.toLowerCase()
  const destination = readObject(fields, 'destination', path) ?? {}
  return {
    id: readText(fields, 'id', path) ?? '',
    state: transferStates.find((known) => known === state) ?? 'unknown',
    ...optionalProperty('issuedAt', readTime(fields, 'dateIssued', path)),
    ...optionalProperty('destinationUserId', readText(destination, 'userId', path)),
    ...optionalProperty('destinationAddress', readText(destination, 'address', path)),
  }
}
