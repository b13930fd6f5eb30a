import { GenesysError } from '../http/errors.ts'

/** How long things take and may take in the notification service's client; all in ms. */
export const USUAL_TIMING = {
  /** Changes of what is watched are gathered for so long before they are sent. */
  gatherMs: 50,
  /** Between two calls for the same channel, however much changes. */
  spacingMs: 1000,
  callMs: 10_000,
  connectMs: 10_000,
  /** A connection is asked for a sign of life when it was silent for so long, and given up after twice that (heartbeat: 30 s). */
  pingAfterMs: 15_000,
  giveUpAfterMs: 30_000,
  /** The platform forgets a channel 24 h after its last subscription (genesys-api §4). */
  renewMs: 20 * 3_600_000,
  /** Events that are on their way on a replaced connection are still heard for so long. */
  overlapMs: 5000,
  lingerMs: 10 * 60_000,
  refusedMs: 30 * 60_000,
  /** Topics that nobody wants any more are unsubscribed no more often than this, unless their room is needed. */
  trimMs: 60_000,
  /** Only what went well for so long makes past failures forgotten. */
  calmMs: 60_000,
}
export type NotificationTiming = typeof USUAL_TIMING

const FIRST_WAIT_MS = 1000
const LONGEST_WAIT_MS = 60_000
const HOPELESS_WAIT_MS = 10 * 60_000
/** Answers that the next try will not change: somebody has to grant a permission, or to repair something. */
const HOPELESS = new Set(['forbidden', 'login_failed', 'rejected', 'malformed'])

/** How long to stay away after the failure of a call or a connection, the `tries`th in a row from 0 on: full jitter, 1 s to 60 s. */
export function waitAfter(error: unknown, tries: number, random: () => number): number {
  const jittered = random() * Math.min(LONGEST_WAIT_MS, FIRST_WAIT_MS * 2 ** Math.min(tries, 16))
  if (!(error instanceof GenesysError)) return jittered
  return Math.max(jittered, error.retryAfterMs ?? 0, HOPELESS.has(error.reason) ? HOPELESS_WAIT_MS : 0)
}
