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
  'rejected',
  'indeterminate',
] as const
export type State = (typeof states)[number]

/** The states that may follow each state. `executing → executing` is one more attempt, after proof that the one before did nothing. */
export const transitions: Readonly<Record<State, readonly State[]>> = {
  accepted: ['executing', 'decided', 'rejected'],
  executing: ['executing', 'initiated', 'failed', 'rejected', 'indeterminate'],
  decided: ['initiated', 'abandoned', 'failed', 'superseded'],
  initiated: ['picked_up', 'timeout', 'abandoned', 'failed', 'superseded'],
  indeterminate: ['initiated', 'abandoned', 'failed', 'rejected'],
  picked_up: [],
  timeout: [],
  abandoned: [],
  failed: [],
  superseded: [],
  rejected: [],
}

/** Whether no state may follow this one. */
export const isFinal = (state: State): boolean => transitions[state].length === 0

/** While a transfer is in one of these states, no other transfer of the same conversation may start. */
export const lockingStates: readonly State[] = ['accepted', 'executing', 'indeterminate']
