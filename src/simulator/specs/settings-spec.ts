/** Which settings of a running simulator can be changed. */
import Type, { type Static } from 'typebox'
import { Milliseconds, NonEmptyString, strictObject, stringEnum } from './schemas.ts'
import { timingProperties } from './timing-spec.ts'

/** The settings of a running simulator that can be changed; a field that is absent keeps its value. */
export const SettingsChange = strictObject({
  ...timingProperties,
  /** How long dialing a number takes. */
  dialMs: Type.Optional(Milliseconds),
  dialFails: Type.Optional(Type.Boolean()),
  /** What happens to the caller when nobody takes a transferred call. */
  afterFailedTransfer: Type.Optional(stringEnum('voicemail', 'alone', 'disconnect')),
  /** Added to every response of the platform. */
  latencyMs: Type.Optional(Milliseconds),
  /** How many requests each token may send in a minute. */
  requestsPerMinute: Type.Optional(Type.Integer({ minimum: 0 })),
  /** How many requests all tokens together may send to the routes of the assignment service in a minute; null: no such limit. */
  assignmentRequestsPerMinute: Type.Optional(Type.Union([Type.Null(), Type.Integer({ minimum: 0 })])),
  /** The longest value of a participant attribute, in characters; a longer one is refused. Null: any length. */
  longestAttribute: Type.Optional(Type.Union([Type.Null(), Type.Integer({ minimum: 0 })])),
  tokenLifetimeSeconds: Type.Optional(Type.Number({ minimum: 0 })),
  /** The permissions of the OAuth client. */
  permissions: Type.Optional(Type.Union([Type.Literal('all'), Type.Array(NonEmptyString)])),
  /** The interval between heartbeats on a notification channel. */
  heartbeatMs: Type.Optional(Type.Number({ minimum: 1 })),
  /** The time between a change and the event about it. */
  eventDelayMs: Type.Optional(Milliseconds),
  /** How much a client may leave unread before its connection is cut. */
  socketBufferBytes: Type.Optional(Type.Integer({ minimum: 0 })),
})

export type SettingsChange = Static<typeof SettingsChange>
