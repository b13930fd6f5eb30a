/** The states of a transfer, and the one table of allowed changes between them (docs/architecture.md#states). */

export const states = [
  'accepted',
  'executing',
  'decided',
  'initiated',
  'picked_up',
  'timeout',
  'abandoned',
  'failed',
  'superseded',
  'callback_created',
  'rejected',
  'indeterminate',
] as const
export type State = (typeof states)[number]

/**
 * The states that may follow each state. `accepted → indeterminate` is for a ledger that was restored (docs/backup.md#after-a-restore). `executing → executing` is another attempt, after proof that the previous one did nothing.
 * `initiated → executing` moves a call on to the next hop because nobody has picked it up (docs/architecture.md#overflow).
 */
export const transitions: Readonly<Record<State, readonly State[]>> = {
  accepted: ['executing', 'decided', 'rejected', 'indeterminate'],
  executing: ['executing', 'initiated', 'callback_created', 'failed', 'rejected', 'indeterminate'],
  decided: ['initiated', 'callback_created', 'abandoned', 'failed', 'superseded'],
  initiated: ['executing', 'picked_up', 'timeout', 'abandoned', 'failed', 'superseded'],
  indeterminate: ['initiated', 'callback_created', 'abandoned', 'failed', 'rejected'],
  picked_up: [],
  timeout: [],
  abandoned: [],
  failed: [],
  superseded: [],
  callback_created: [],
  rejected: [],
}

/** Whether no state may follow this one. */
export const isFinal = (state: State): boolean => transitions[state].length === 0

/** While a transfer is in one of these states, no other transfer of the same conversation may start. */
export const lockingStates: readonly State[] = ['accepted', 'executing', 'indeterminate']

/**
 * Whether a change of state locks the conversation again, because the call moves on to the next hop. The transfer may return to the state
 * `from` after that, so the change also raises its fence: a change that was decided earlier must not be written then.
 */
export const locksAgain = (from: State, to: State): boolean => lockingStates.includes(to) && !lockingStates.includes(from)
