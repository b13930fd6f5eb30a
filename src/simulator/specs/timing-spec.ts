/** Which durations of a call can be set. */
import Type from 'typebox'
import { Milliseconds } from './schemas.ts'

/** The durations that can be set for the whole platform. A queue can override all of them, an agent some. */
export const timingProperties = {
  /** The time between a transfer command and the arrival of the call at its target. */
  queueDelayMs: Type.Optional(Milliseconds),
  /** The time between the arrival in a queue and the first offer, and between one offer and the next. */
  offerDelayMs: Type.Optional(Milliseconds),
  /** How long an agent rings before the offer counts as not answered. */
  alertingTimeoutMs: Type.Optional(Milliseconds),
  /** How long an agent talks before hanging up; null: the agent never hangs up. */
  talkMs: Type.Optional(Type.Union([Milliseconds, Type.Null()])),
  /** How long an agent does after-call work after a call from a queue. */
  afterCallWorkMs: Type.Optional(Milliseconds),
}
