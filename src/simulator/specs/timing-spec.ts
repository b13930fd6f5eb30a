/** Which times of a call can be set. */
import Type from 'typebox'
import { Milliseconds } from './schemas.ts'

/** The times that can be set for the whole platform, and again for a queue or an agent where that makes sense. */
export const timingProperties = {
  /** From the transfer command to the arrival at the target. */
  queueDelayMs: Type.Optional(Milliseconds),
  /** From the arrival in a queue to the first offer, and from one offer to the next. */
  offerDelayMs: Type.Optional(Milliseconds),
  /** How long an agent rings before the offer counts as not answered. */
  alertingTimeoutMs: Type.Optional(Milliseconds),
  /** How long an agent talks before hanging up; null: the agent never hangs up. */
  talkMs: Type.Optional(Type.Union([Milliseconds, Type.Null()])),
  /** How long an agent is busy after a call from a queue. */
  afterCallWorkMs: Type.Optional(Milliseconds),
}
