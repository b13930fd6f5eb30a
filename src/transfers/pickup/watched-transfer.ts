/** What this node remembers of a watched transfer between two steps, and how long the pauses between steps are. */
import type { Lease } from '../../ledger/contract/lease.ts'
import type { TransferRecord } from '../../model/transfer.ts'
import { hasPendingUpdates, wantsNoRouting } from './apply-routing.ts'
import type { Transition } from '../transition.ts'

/** The pauses between the first tries to update a call, which may not have arrived in its queue yet. */
const updatePausesMs: readonly [number, ...number[]] = [150, 250, 400, 700, 1_000]
/** The pause between all further tries. */
const longestUpdatePauseMs = 2_000
/** From the move to the first update, and from a command without an answer to the first read. */
export const [firstPauseMs] = updatePausesMs
/** From the move to the first update if an event will probably show that there is nothing to update. */
const eventPauseMs = 500
/** Between reads of the conversation while the outcome is unknown: each pause is 1.5 times as long as the one before. */
const unknownPausesMs = { first: 200, longest: 30_000 }
/** After steps that failed one after another: each pause is twice as long as the one before. */
const failurePausesMs = { first: 2_000, longest: 10_000 }

/** An update that the platform has accepted, but that the ledger could not store. */
export interface UnsavedUpdate {
  readonly change: Transition
  /** The write that runs now: a step and an event must not write the update twice. */
  writing: Promise<TransferRecord> | undefined
}

export interface WatchedTransfer {
  readonly id: string
  /** Number of polls so far; while the outcome is unknown, number of reads of the conversation. */
  polls: number
  /** Number of tries so far to update the call. */
  updateTries: number
  /** When the next poll is due, epoch ms. */
  pollAt: number
  /**
   * The record, while the call has pending updates, which take several steps. It can be used while the lease is valid, because until then no
   * other node can take the transfer over. Otherwise the record stays in the ledger only, since ten thousand records would fill the memory.
   */
  cached: { record: TransferRecord; lease: Lease } | undefined
  /** An update that the platform has accepted, but that could not be stored yet. */
  unsaved: UnsavedUpdate | undefined
  /** Number of steps that have failed since the last one that succeeded. */
  failures: number
  /** No step starts before this moment, whatever events arrive, because the last one failed; epoch ms. */
  pausedUntil: number
  /** When this node first read the conversation to resolve the unknown outcome, or began the watch, epoch ms. */
  unknownSince: number
  /** Whether a step runs: each transfer has only one at a time. */
  isStepping: boolean
  /** Whether another step was asked for while one runs. */
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

/** Starts the counts and times from the beginning: for a new watch, after another attempt, or after the call was moved on. */
export function restart(watched: WatchedTransfer, record: TransferRecord, { now, pollIntervalMs, lease }: WatchStart): void {
  watched.polls = 0
  watched.updateTries = 0
  watched.pollAt = now + pollIntervalMs
  watched.cached = hasPendingUpdates(record) ? { record, lease } : undefined
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
    cached: undefined,
    unsaved: undefined,
    failures: 0,
    pausedUntil: 0,
    unknownSince: 0,
    isStepping: false,
    shouldStepAgain: false,
    onResolved,
  }
  restart(watched, record, start)
  return watched
}

/** Whether the outcome of the transfer's command is unknown. */
export const hasUnknownOutcome = ({ state }: TransferRecord): boolean => state === 'executing' || state === 'indeterminate'

/** Replaces the cached record, if there is one, by `record`; removes it once no update is pending. */
export function updateCached(watched: WatchedTransfer, record: TransferRecord): void {
  watched.cached &&= hasPendingUpdates(record) ? { ...watched.cached, record } : undefined
}

/** Tells the caller who waits for an unknown outcome, if there is one, once the record has left `executing`. */
export function reportResolved(watched: WatchedTransfer, record: TransferRecord): void {
  if (record.state !== 'executing') watched.onResolved?.(record)
}

/**
 * From the start of the watch to the first step.
 * @param isSubscribed whether events about the transfer's target arrive: then an event starts the step sooner
 */
export function firstStepDelayMs(record: TransferRecord, pollIntervalMs: number, isSubscribed = false): number {
  if (hasUnknownOutcome(record)) return firstPauseMs
  if (!hasPendingUpdates(record)) return pollIntervalMs
  return isSubscribed && wantsNoRouting(record) ? eventPauseMs : firstPauseMs
}

/** Until the next try to update the call. */
export const updatePauseMs = ({ updateTries }: WatchedTransfer): number => updatePausesMs[updateTries] ?? longestUpdatePauseMs

/** Until the next read of the conversation while the outcome is unknown. */
export const unknownPauseMs = ({ polls }: WatchedTransfer): number =>
  Math.min(unknownPausesMs.first * 1.5 ** polls, unknownPausesMs.longest)

/** From a step that failed to the next one. */
export const failurePauseMs = ({ failures }: WatchedTransfer): number =>
  Math.min(failurePausesMs.first * 2 ** Math.max(0, failures - 1), failurePausesMs.longest)
