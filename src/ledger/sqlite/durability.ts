/**
 * Which commits flush the disk, and when all that was committed is on disk. A commit without a flush survives the process, but not a
 * power cut. In a write-ahead log the next flush covers everything before it (sqlite.org/pragma.html#pragma_synchronous).
 */
import type { DatabaseSync } from 'node:sqlite'

export interface Durability {
  /** Decides whether the next commit flushes. */
  setFlush(shouldFlush: boolean): void
  /** Whether something is committed that may not be on disk. */
  hasUnflushed(): boolean
  /** Notes a commit. @param hasChanges whether it changed anything: a commit without changes flushes nothing */
  committed(shouldFlush: boolean, hasChanges: boolean): void
  /** Calls back once everything committed so far is on disk; at once, if it is already. */
  onceOnDisk(listener: () => void): void
}

export function createDurability(database: Pick<DatabaseSync, 'exec'>): Durability {
  let unflushed = false
  let currentFlush: boolean | undefined
  let listeners: Array<() => void> = []
  return {
    setFlush(shouldFlush) {
      if (currentFlush !== shouldFlush) database.exec(`PRAGMA synchronous = ${shouldFlush ? 'FULL' : 'NORMAL'}`)
      currentFlush = shouldFlush
    },
    hasUnflushed: () => unflushed,
    committed(shouldFlush, hasChanges) {
      if (!shouldFlush) unflushed = true
      else if (unflushed && hasChanges) {
        unflushed = false
        const waiting = listeners
        listeners = []
        for (const listener of waiting) listener()
      }
    },
    onceOnDisk(listener) {
      if (unflushed) listeners.push(listener)
      else listener()
    },
  }
}
