/** The states of a transfer and the one table of moves between them (design §4). */

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

/** The one table of allowed moves. `executing → executing` is a further attempt after proof that the one before did nothing. */
export const moves: Readonly<Record<State, readonly State[]>> = {
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
export const isFinal = (state: State): boolean => moves[state].length === 0

/** While a transfer is in one of these, no other transfer of the same conversation may start. */
export const lockingStates: readonly State[] = ['accepted', 'executing', 'indeterminate']
