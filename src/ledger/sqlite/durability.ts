/**
 * Which commits are flushed to disk, and when everything that was committed is on disk. A commit without a flush survives a crash of the
 * process, but not a power cut. In a write-ahead log the next flush covers everything before it (sqlite.org/pragma.html#pragma_synchronous).
 */
import type { DatabaseSync } from 'node:sqlite'

export interface Durability {
  /** Sets whether commits are flushed to disk from now on. */
  setFlush(shouldFlush: boolean): void
  /** Whether there may be a commit that is not on disk yet. */
  hasUnflushed(): boolean
  /**
   * Records a commit.
   * @param shouldFlush as it was set for this commit
   * @param hasChanges whether the commit changed anything, because SQLite flushes nothing for one without changes; ignored unless `shouldFlush`
   */
  recordCommit(shouldFlush: boolean, hasChanges: boolean): void
  /** Calls back once everything committed so far is on disk; at once, if it is already. */
  onceOnDisk(listener: () => void): void
}

export function createDurability(database: Pick<DatabaseSync, 'exec'>): Durability {
  let hasUnflushed = false
  /** The setting that the database has; undefined before it is set for the first time. */
  let flushSetting: boolean | undefined
  let listeners: Array<() => void> = []
  return {
    setFlush(shouldFlush) {
      if (flushSetting !== shouldFlush) database.exec(`PRAGMA synchronous = ${shouldFlush ? 'FULL' : 'NORMAL'}`)
      flushSetting = shouldFlush
    },
    hasUnflushed: () => hasUnflushed,
    recordCommit(shouldFlush, hasChanges) {
      if (!shouldFlush) hasUnflushed = true
      else if (hasUnflushed && hasChanges) {
        hasUnflushed = false
        const waiting = listeners
        listeners = []
        for (const listener of waiting) listener()
      }
    },
    onceOnDisk(listener) {
      if (hasUnflushed) listeners.push(listener)
      else listener()
    },
  }
}
