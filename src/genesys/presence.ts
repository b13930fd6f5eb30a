/** What each system presence of the platform says about whether a person can be called (docs/genesys-cloud.md rule 51). No other file decides this. */

/**
 * `reachable`: a call rings at the person's phone. `away`: the person is not at the desk, or the platform sends the call to voicemail.
 * `unknown`: the platform does not say.
 */
const presences = {
  AVAILABLE: 'reachable',
  ON_QUEUE: 'reachable',
  BUSY: 'away',
  MEETING: 'away',
  TRAINING: 'away',
  BREAK: 'away',
  MEAL: 'away',
  AWAY: 'away',
  IDLE: 'away',
  OFFLINE: 'away',
  UNKNOWN: 'unknown',
} as const satisfies Record<string, 'reachable' | 'away' | 'unknown'>

/** A system presence in upper case; UNKNOWN for any that is not listed. */
export type Presence = keyof typeof presences

/** Parses a presence. The platform writes both `On Queue` and `ON_QUEUE`. */
export function parsePresence(text: string | undefined): Presence {
  const name = text?.toUpperCase().replaceAll(/[\s-]+/g, '_') ?? 'UNKNOWN'
  return Object.hasOwn(presences, name) ? (name as Presence) : 'UNKNOWN'
}

/** Whether a call rings at the phone of a person with this presence. */
export const isReachable = (presence: Presence): boolean => presences[presence] === 'reachable'

/**
 * Whether a person with this presence is away from the desk or has calls sent to voicemail (`away`); false if the presence is unknown, so this
 * is not the opposite of `isReachable`.
 */
export const isAway = (presence: Presence): boolean => presences[presence] === 'away'
