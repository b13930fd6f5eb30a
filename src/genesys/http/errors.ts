/** Why a call to Genesys Cloud did not succeed. Closed list; `src/problems.ts` turns it into the codes of design §3. */
export type GenesysReason =
  | 'not_found'
  | 'rejected'
  | 'conflict'
  | 'forbidden'
  | 'rate_limited'
  | 'unavailable'
  | 'malformed'
  | 'login_failed'
  | 'overloaded'
  | 'expired'

/** 'none': it is proved that the platform did nothing. 'unknown': it may have acted. Decides whether a POST may go again (design §5). */
export type Effect = 'none' | 'unknown'

export interface GenesysErrorFacts {
  operation: string
  reason: GenesysReason
  effect: Effect
  status?: number | undefined
  platformCode?: string | undefined
  platformMessage?: string | undefined
  correlationId?: string | undefined
  retryAfterMs?: number | undefined
  missingPermissions?: string[] | undefined
  /** A transport's error code such as ECONNRESET; only ever in the message. */
  transportCode?: string | undefined
}

/**
 * The only error that leaves `src/genesys`. It holds the few facts below and never a cause: the errors of HTTP clients carry
 * the request, and with it the token (genesys-api §8.5). Texts of the platform are masked before they get here (`error-body.ts`).
 */
export class GenesysError extends Error {
  declare readonly operation: string
  declare readonly reason: GenesysReason
  declare readonly effect: Effect
  declare readonly status?: number
  declare readonly platformCode?: string
  declare readonly platformMessage?: string
  declare readonly correlationId?: string
  declare readonly retryAfterMs?: number
  declare readonly missingPermissions?: string[]

  readonly #facts: GenesysErrorFacts

  constructor(all: GenesysErrorFacts) {
    const { transportCode, ...facts } = all
    const marks = [facts.status, facts.platformCode, transportCode].filter((mark) => mark !== undefined)
    super(`${facts.operation}: ${WORDS[facts.reason]}${marks.length ? ` (${marks.join(', ')})` : ''}`)
    this.#facts = all
    Object.assign(this, Object.fromEntries(Object.entries(facts).filter(([, value]) => value !== undefined)))
    Object.defineProperty(this, 'name', { value: 'GenesysError', configurable: true, writable: true })
  }

  /** The same refusal, told about another operation: what waited for a token or a slot was the caller's call. */
  during(operation: string): GenesysError {
    return new GenesysError({ ...this.#facts, operation })
  }
}

const WORDS: Record<GenesysReason, string> = {
  not_found: 'Genesys Cloud does not know it',
  rejected: 'Genesys Cloud refused the request',
  conflict: 'it conflicts with the present state of the conversation',
  forbidden: 'the OAuth client lacks a permission',
  rate_limited: 'the rate limit leaves no room before the deadline',
  unavailable: 'Genesys Cloud did not answer as it should',
  malformed: 'Genesys Cloud answered something that is not understood',
  login_failed: 'Genesys Cloud does not accept the OAuth client',
  overloaded: 'Genesys Cloud is failing, so it is not asked for a moment',
  expired: 'the deadline was over before anything was sent',
}

type Verdict = readonly [GenesysReason, Effect]

/** What a status proves (genesys-api §6). Anything else by its class: 4xx is definite, the rest is not. */
const BY_STATUS: Readonly<Record<number, Verdict>> = {
  401: ['login_failed', 'none'],
  403: ['forbidden', 'none'],
  404: ['not_found', 'none'],
  408: ['unavailable', 'unknown'],
  409: ['conflict', 'none'],
  429: ['rate_limited', 'none'],
}

/** Reason and effect of an HTTP status that is not 2xx. A 401 counts as final here: the one renewal comes before. */
export function verdictOfStatus(status: number): Verdict {
  const known = BY_STATUS[status]
  if (known) return known
  if (status >= 400 && status < 500) return ['rejected', 'none']
  return status >= 500 ? ['unavailable', 'unknown'] : ['malformed', 'unknown']
}

/** What ended an exchange without a whole answer. */
export type TransportFailure = 'network' | 'deadline' | 'aborted' | 'too_large'

/**
 * What a broken exchange proves (reliability §4.3). `sent` is observed at the socket, not guessed from error codes: the same
 * ECONNRESET comes with and without delivery. Not sent covers DNS, refused and timed-out connects and TLS handshakes.
 */
const BY_BREAK: Readonly<Record<TransportFailure, Readonly<Record<'sent' | 'unsent', Verdict>>>> = {
  network: { sent: ['unavailable', 'unknown'], unsent: ['unavailable', 'none'] },
  deadline: { sent: ['unavailable', 'unknown'], unsent: ['unavailable', 'none'] },
  aborted: { sent: ['unavailable', 'unknown'], unsent: ['expired', 'none'] },
  too_large: { sent: ['malformed', 'unknown'], unsent: ['malformed', 'unknown'] },
}

/** Reason and effect of an exchange that broke; `sent` says whether the request may have left. */
export const verdictOfBreak = (kind: TransportFailure, sent: boolean): Verdict => BY_BREAK[kind][sent ? 'sent' : 'unsent']
