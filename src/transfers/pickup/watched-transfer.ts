/** What is remembered of a watched transfer between two polls, and how long the pauses between its updates are. */
import type { Lease } from '../../ledger/contract/lease.ts'
import type { TransferRecord } from '../../model/transfer.ts'
import { hasPendingUpdates, wantsNoRouting } from './apply-routing.ts'

/** Between tries to update a call that may not have arrived in its queue yet, ms. */
const updatePauses: readonly [number, ...number[]] = [150, 250, 400, 700, 1_000]
export const longestUpdatePause = 2_000
/** Ms from the move to the first update, and from a command without an answer to the first read. */
export const [firstPause] = updatePauses
/** Ms from the move to the first update if an event is likely to show that there is nothing to update. */
const eventPause = 500
/** Between reads of an unknown outcome, ms: each pause is 1.5 times as long as the one before. */
const unknownPauses = { first: 200, longest: 30_000 }

export interface WatchedTransfer {
  readonly id: string
  /** Polls so far. */
  polls: number
  /** Tries so far to update the call. */
  updateTries: number
  /** When the next poll is due, epoch ms. */
  pollAt: number
  /**
   * The record, while the call has pending updates: they take several steps, and no other node can take the transfer over under this
   * lease. Otherwise the record stays in the ledger, since ten thousand of them would fill the memory.
   */
  held: { record: TransferRecord; lease: Lease } | undefined
  /** Since when this node has been resolving the unknown outcome, epoch ms. */
  unknownSince: number
  /** Whether a step runs: there is one at a time. */
  isStepping: boolean
  /** Whether an event asked for another step while this one runs. */
  shouldStepAgain: boolean
  /** Called once the unknown outcome is resolved, if a caller waits for that. */
  onResolved: ((record: TransferRecord) => void) | undefined
}

export interface WatchStart {
  /** Epoch ms. */
  now: number
  pollIntervalMs: number
  lease: Lease
}

/** Starts watching anew: after the platform has accepted the transfer, or after another attempt. */
export function restart(watched: WatchedTransfer, record: TransferRecord, { now, pollIntervalMs, lease }: WatchStart): void {
  watched.polls = 0
  watched.updateTries = 0
  watched.pollAt = now + pollIntervalMs
  watched.held = hasPendingUpdates(record) ? { record, lease } : undefined
  watched.unknownSince = now
}

export function createWatchedTransfer(
  record: TransferRecord,
  start: WatchStart,
  onResolved?: WatchedTransfer['onResolved'],
): WatchedTransfer {
  const watched: WatchedTransfer = {
    id: record.id,
    polls: 0,
    updateTries: 0,
    pollAt: 0,
    held: undefined,
    unknownSince: 0,
    isStepping: false,
    shouldStepAgain: false,
    onResolved,
  }
  restart(watched, record, start)
  return watched
}

/** Whether the outcome of the transfer's command is unknown. */
export const isUnknown = ({ state }: TransferRecord): boolean => state === 'executing' || state === 'indeterminate'

/** Replaces a held record by what was written, or drops it once nothing is pending. */
export function updateHeld(watched: WatchedTransfer, record: TransferRecord): void {
  watched.held &&= hasPendingUpdates(record) ? { ...watched.held, record } : undefined
}

/** Ends the wait for an unknown outcome once it is resolved, whether a poll or an event has shown that. */
export function reportResolved(watched: WatchedTransfer, record: TransferRecord): void {
  if (record.state !== 'executing') watched.onResolved?.(record)
}

/** Until the first step, ms. @param isSubscribed whether events about the transfer's target arrive: they start the step sooner */
export function firstStepDelay(record: TransferRecord, pollIntervalMs: number, isSubscribed = false): number {
  if (isUnknown(record)) return firstPause
  if (!hasPendingUpdates(record)) return pollIntervalMs
  return isSubscribed && wantsNoRouting(record) ? eventPause : firstPause
}

/** Until the next try to update the call, ms. */
export const updatePause = ({ updateTries }: WatchedTransfer): number => updatePauses[updateTries] ?? longestUpdatePause

/** Until the next read of an unknown outcome, ms. */
export const unknownPause = ({ polls }: WatchedTransfer): number => Math.min(unknownPauses.first * 1.5 ** polls, unknownPauses.longest)
