/** Parses a conversation: the platform describes the same call in several models, and `Conversation` is the one that Handoff uses. */
import {
  asObject,
  asText,
  asTime,
  optionalProperty,
  readList,
  readReference,
  readText,
  readTime,
  requireId,
  requireList,
  requireObject,
  type JsonFields,
  UnreadableJson,
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
  /** The criteria by which the participant's queue routes, or routed, the call; 'unclear' if the platform does not show all of them. */
  routing?: CallRouting | 'unclear'
  /**
   * Whether the participant monitors, coaches or barges in. It never holds the call, and never picks it up (docs/genesys-cloud.md rule 28).
   */
  isMonitor: boolean
  /** Whether the platform marks the participant as part of a consult, with `consultParticipantId` (docs/genesys-cloud.md rule 97). */
  isInConsult: boolean
  /** Empty for a participant without a call, for example one that chats. */
  legs: Leg[]
  /** The media other than calls that this participant uses or has used, the most informative first (docs/genesys-cloud.md rule 23). */
  otherMedia: Medium[]
  /** The callbacks of this participant, past and present; absent if it has none. */
  callbackIds?: string[]
  /** Whether one of them still waits for an agent to call back; absent if none does. */
  hasWaitingCallback?: true
}

/**
 * The fields of a participant that list its connections in media other than calls, each with the name of the medium, the most informative
 * first.
 */
export const mediumByField = {
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
export type Medium = (typeof mediumByField)[keyof typeof mediumByField]

/** The connection of one participant to the call. */
export interface Leg {
  id: string
  /** In lower case (docs/genesys-cloud.md rule 20). */
  state: string
  connectedAt?: string
  disconnectedAt?: string
  /** In lower case; its values are in disconnect-type.ts. */
  disconnectType?: string
  /** Id of the other participant's leg to which this one is connected. */
  peerId?: string
  /** Means nothing until the leg is over (docs/genesys-cloud.md rule 24). */
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
 * envelope. A field of a wrong type counts as absent if no decision depends on it. Otherwise the conversation counts as unreadable,
 * because a call that must stay could be moved.
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

/** The same; undefined for a payload that cannot be read. */
export function parseConversationIfReadable(payload: unknown): Conversation | undefined {
  try {
    return parseConversation(payload)
  } catch (error) {
    if (error instanceof UnreadableJson) return undefined
    throw error
  }
}

/** The fields that a participant has only while it monitors, coaches or barges in. */
const monitorFields = ['monitoredParticipantId', 'coachedParticipantId', 'bargedParticipantId']

function parseParticipant(fields: JsonFields, path: string): Participant {
  // Some models have no list of calls: the participant's own fields describe its only leg.
  const isFlattened = fields['calls'] === undefined && isPresent(fields['state'])
  return {
    id: requireId(fields, path),
    purpose: readText(fields, 'purpose', path)?.toLowerCase() ?? 'unknown',
    ...optionalProperty('userId', readText(fields, 'userId', path) ?? readReference(fields, 'user', path)),
    ...optionalProperty('queueId', readText(fields, 'queueId', path) ?? readReference(fields, 'queue', path)),
    ...optionalProperty('startedAt', readTime(fields, 'startTime', path)),
    ...optionalProperty('connectedAt', readTime(fields, 'connectedTime', path)),
    ...optionalProperty('endedAt', readTime(fields, 'endTime', path)),
    attributes: Object.fromEntries(Object.entries(asObject(fields['attributes']) ?? {}).filter(hasTextValue)),
    ...optionalProperty('routing', parseCallRouting(fields['conversationRoutingData'])),
    isMonitor: monitorFields.some((key) => readText(fields, key, path) !== undefined),
    // A value that is not an id counts too: when in doubt the call stays, because it can still be moved later.
    isInConsult: isPresent(fields['consultParticipantId']) && fields['consultParticipantId'] !== '',
    legs: isFlattened ? [parseLeg(fields, path)] : readList(fields, 'calls', path).map(([call, callPath]) => parseLeg(call, callPath)),
    otherMedia: Object.entries(mediumByField).flatMap(([field, medium]) => (isFilledList(fields[field]) ? [medium] : [])),
    ...(isFilledList(fields['callbacks']) && parseCallbacks(fields['callbacks'])),
  }
}

/** The states of a callback whose caller is being called back, or was. */
const takenCallbackStates: ReadonlySet<unknown> = new Set(['connected', 'disconnected', 'terminated'])

function parseCallbacks(list: readonly unknown[]): Pick<Participant, 'callbackIds' | 'hasWaitingCallback'> {
  const callbacks = list.map((callback) => asObject(callback) ?? {})
  const isWaiting = callbacks.some(({ state }) => !takenCallbackStates.has(state))
  return { callbackIds: callbacks.map(({ id }) => asText(id) ?? ''), ...(isWaiting && { hasWaitingCallback: true }) }
}

const isPresent = (value: unknown): boolean => value !== undefined && value !== null

const isFilledList = (value: unknown): value is unknown[] => Array.isArray(value) && value.length > 0

const hasTextValue = (entry: [string, unknown]): entry is [string, string] => typeof entry[1] === 'string'

/**
 * Parses one entry of `calls`, or a flattened participant, which has `peer` and `endTime` in place of `peerId` and `disconnectedTime`.
 */
function parseLeg(fields: JsonFields, path: string): Leg {
  // Notifications abbreviate "do not disturb".
  const disconnectType = asText(fields['disconnectType'])
    ?.toLowerCase()
    .replace(/\.dnd$/, '.donotdisturb')
  const { self, address } = fields
  return {
    id: readText(fields, 'id', path) ?? '',
    state: readText(fields, 'state', path)?.toLowerCase() ?? 'none',
    ...optionalProperty('connectedAt', readTime(fields, 'connectedTime', path)),
    ...optionalProperty('disconnectedAt', asTime(fields['disconnectedTime']) ?? asTime(fields['endTime'])),
    ...optionalProperty('disconnectType', disconnectType),
    ...optionalProperty('peerId', readText(fields, 'peerId', path) ?? readText(fields, 'peer', path)),
    ...optionalProperty('errorCode', parseErrorCode(fields['errorInfo'])),
    ...optionalProperty('address', asText(isPresent(self) ? asObject(self)?.['addressRaw'] : address)),
  }
}

/**
 * The code of an `errorInfo`; '(no code)' if it has only a message; undefined if it has neither, which is no error (docs/genesys-cloud.md
 * rule 24).
 */
function parseErrorCode(errorInfo: unknown): string | undefined {
  const { code, message, messageWithParams } = asObject(errorInfo) ?? {}
  const hasMessage = [message, messageWithParams].some((text) => asText(text) !== undefined)
  return asText(code) ?? (hasMessage ? '(no code)' : undefined)
}

function parseRecentTransfer(fields: JsonFields, path: string): RecentTransfer {
  const state = readText(fields, 'state', path)?.toLowerCase()
  const destination = fields['destination'] ?? {}
  const { userId, address } = asObject(destination) ?? {}
  const isDestinationReadable =
    asObject(destination) !== undefined && [userId, address].every((text) => !isPresent(text) || typeof text === 'string')
  const knownState = transferStates.find((candidate) => candidate === state) ?? 'unknown'
  return {
    id: asText(fields['id']) ?? '',
    // A failure counts only for the transfer to its destination, which must therefore be readable. A running transfer counts wherever it goes.
    state: isDestinationReadable || knownState === 'pending' || knownState === 'active' ? knownState : 'unknown',
    ...optionalProperty('issuedAt', asTime(fields['dateIssued'])),
    ...optionalProperty('destinationUserId', asText(userId)),
    ...optionalProperty('destinationAddress', asText(address)),
  }
}
