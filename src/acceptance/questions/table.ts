/** The questions of an acceptance run, in the order of the report. */
import { arrival } from './arrival.ts'
import { attributeSize } from './attribute-size.ts'
import { callShape } from './call-shape.ts'
import { callback } from './callback.ts'
import { consult } from './consult.ts'
import { events } from './events.ts'
import { limits } from './limits.ts'
import { lateCommand, ringingOffer } from './moves-while-ringing.ts'
import { forwardedCall, unansweredOffer } from './offers.ts'
import { permissions } from './permissions.ts'
import { pickupTime } from './pickup-time.ts'
import { preferredAgents } from './preferred-agents.ts'
import type { Question } from './question.ts'
import { queueDestination } from './queue-destination.ts'
import { replaceInFlow } from './replace-in-flow.ts'
import { routingBeforeArrival } from './routing-before-arrival.ts'

/** Every open question of the README, and what else this installation needs to know. */
export const questions: readonly Question[] = [
  permissions,
  limits,
  callShape,
  replaceInFlow,
  routingBeforeArrival,
  arrival,
  unansweredOffer,
  queueDestination,
  attributeSize,
  consult,
  forwardedCall,
  preferredAgents,
  ringingOffer,
  lateCommand,
  callback,
  pickupTime,
  events,
]
