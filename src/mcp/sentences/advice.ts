/** What an agent is told after a tool was called: what happened, what it can say to the caller, and what it should do next. */

export interface Advice {
  /** A sentence that the agent can say to the caller, in the caller's language. Absent: there is nothing to say. */
  sayToCaller?: string
  /** What the agent should do next. Absent: nothing in particular. */
  nextStep?: string
}

export interface Sentences extends Advice {
  whatHappened: string
}

/** The sentences as one text, for agents that read only the text of a result. */
export const toText = ({ whatHappened, sayToCaller, nextStep }: Sentences): string =>
  [whatHappened, sayToCaller && `Say to the caller: “${sayToCaller}”`, nextStep].filter(Boolean).join(' ')

/** A detail as a sentence of its own: with a full stop at its end. */
export const toSentence = (detail: string): string => (/[.!?…]$/.test(detail) ? detail : `${detail}.`)
