/** What an agent is told about each refusal. A refused request did not move the call, unless `isOutcomeOpen` says that this may not be known. */
import { refusalCodes, type Code, type RefusalCode } from '../../model/problems.ts'
import { toSentence, type Advice, type Sentences } from './advice.ts'

interface RefusalAdvice extends Advice {
  /** Whether this request, or an earlier equal one, may still move the call, or may have moved it. */
  isOutcomeOpen?: true
}

const apology = 'I am sorry, I cannot put you through at the moment.'
const patience = 'One moment, please.'
const nobodyThere = 'I am sorry, nobody is available at the moment.'
const helpYourself = 'Help the caller without this transfer, or offer a callback.'
const otherTarget = 'Choose another target, or help the caller without this transfer.'
const readOutcome =
  'Read the outcome with get_transfer, or call transfer_call again with the same arguments: a repeat never moves a call twice.'

const adviceByCode: Readonly<Record<RefusalCode, RefusalAdvice>> = {
  INVALID_REQUEST: { nextStep: 'Correct the argument, and call the tool again.' },
  NOT_FOUND: { nextStep: 'Use the transferId of an earlier result.' },
  STATE_CONFLICT: { nextStep: readOutcome },
  UNAUTHENTICATED: {
    sayToCaller: apology,
    nextStep: 'Do not try again: the key of this agent is not valid, and its operator has to replace it.',
  },
  FORBIDDEN: {
    sayToCaller: apology,
    nextStep: 'Do not try again: the key of this agent does not allow this, and only its operator can change that.',
  },
  TOO_MANY_REQUESTS: { sayToCaller: patience },
  IDEMPOTENCY_KEY_IN_USE: { sayToCaller: patience, isOutcomeOpen: true },
  IDEMPOTENCY_KEY_REUSED: { nextStep: 'Call the tool again without idempotencyKey.' },
  CONVERSATION_NOT_FOUND: { nextStep: 'Use the conversation id that belongs to this call. Do not make one up.' },
  CONVERSATION_ENDED: { nextStep: 'The caller is no longer there, so there is nothing left to do for this call.' },
  CONVERSATION_NOT_TRANSFERABLE: { sayToCaller: apology, nextStep: 'Stay with the caller.' },
  TRANSFER_IN_PROGRESS: { sayToCaller: patience, nextStep: 'Another transfer is moving this call: do not move it elsewhere meanwhile.' },
  DEPTH_LIMIT_REACHED: {
    sayToCaller: apology,
    nextStep: 'Do not transfer this call again; help the caller yourself, or offer a callback.',
  },
  LOOP_DETECTED: { sayToCaller: apology, nextStep: otherTarget },
  TARGET_NOT_FOUND: { sayToCaller: apology, nextStep: `The target does not exist. ${otherTarget} Do not make up an id.` },
  TARGET_INACTIVE: { sayToCaller: apology, nextStep: `The target is switched off. ${otherTarget}` },
  TARGET_NOT_ALLOWED: { sayToCaller: apology, nextStep: `This agent may not use that target, whoever asks for it. ${otherTarget}` },
  QUEUE_CLOSED: { sayToCaller: 'I am sorry, we are closed at the moment.', nextStep: helpYourself },
  NO_AGENT_AVAILABLE: { sayToCaller: nobodyThere, nextStep: helpYourself },
  GENESYS_REJECTED: { sayToCaller: apology, nextStep: helpYourself },
  PERMISSION_MISSING: { sayToCaller: apology, nextStep: helpYourself },
  GENESYS_AUTH_FAILED: { sayToCaller: apology, nextStep: helpYourself },
  GENESYS_CONFLICT: { sayToCaller: patience },
  RATE_LIMITED: { sayToCaller: patience },
  GENESYS_UNAVAILABLE: { sayToCaller: patience },
  OVERLOADED: { sayToCaller: patience },
  STORE_UNAVAILABLE: { sayToCaller: patience, isOutcomeOpen: true },
  EXPIRED: { sayToCaller: patience },
  OUTCOME_UNKNOWN: { sayToCaller: patience, nextStep: `Do not move this call elsewhere meanwhile. ${readOutcome}`, isOutcomeOpen: true },
  INTERNAL_ERROR: { sayToCaller: apology, nextStep: helpYourself },
}

/** How a sentence about a refusal begins, by what the tool was to do. */
export type FailureLead =
  'The call was not moved' | 'The transfer is not possible now' | 'The transfer could not be checked' | 'The transfer could not be read'
const openOutcomeLead = 'There is no answer yet'

/** A refusal as a tool's result knows it. */
export interface Refusal {
  code: RefusalCode
  /** The reason in words. */
  message: string
  retryable: boolean
  /** Seconds until a retry; 0: not known. */
  retryAfterSeconds: number
  /** ISO 8601; empty: not known. */
  opensAt: string
  /** The argument that is wrong; absent or empty: not known. */
  field?: string
}

export const isRefusalCode = (code: Code | ''): code is RefusalCode => refusalCodes.includes(code as RefusalCode)

/** When to try again. A repeat never moves a call twice, so this is safe even if the outcome of the first request is open. */
function retryStep({ retryable, retryAfterSeconds }: Refusal): string | undefined {
  if (!retryable) return undefined
  return `Call the tool again with the same arguments${retryAfterSeconds > 0 ? ` after ${retryAfterSeconds} s` : ' a little later'}.`
}

/** The sentences about a refusal. @param lead how they begin, unless the outcome is open */
export function describeRefusal(refusal: Refusal, lead: FailureLead): Sentences {
  const { isOutcomeOpen, sayToCaller, nextStep } = adviceByCode[refusal.code]
  const opening = refusal.opensAt && `It opens at ${refusal.opensAt}: tell the caller, in the caller's time zone.`
  const warning = refusal.field?.endsWith('Id') && 'Do not make up an id.'
  const steps = [opening, nextStep, warning, retryStep(refusal)].filter(Boolean).join(' ')
  return {
    whatHappened: toSentence(`${isOutcomeOpen ? openOutcomeLead : lead}: ${refusal.message}`),
    ...(sayToCaller && { sayToCaller }),
    ...(steps && { nextStep: steps }),
  }
}
