/** Limits how many long reads run at once, and how many wait: lists, summaries and exports must leave room for the pipeline. */
import { LedgerBusy } from '../contract/errors.ts'
import type { Engine } from '../engine/engine.ts'
import type { QueryGenerator } from '../engine/query.ts'

/** Most long reads take milliseconds, so with this many waiting, each waits a second or two at most. */
const maxWaiting = 32

export interface LongReads {
  /** Runs a read when it is its turn. @throws LedgerBusy when too many reads are waiting; StoreUnavailable */
  read<T>(work: () => QueryGenerator<T>): Promise<T>
  /** Runs the next part of a read that has begun. It is never refused, and waits for its turn. @throws StoreUnavailable */
  continueReading<T>(work: () => QueryGenerator<T>): Promise<T>
}

export function createLongReads(engine: Pick<Engine, 'readLong' | 'maxLongReads'>): LongReads {
  const waiting: Array<() => void> = []
  let running = 0

  async function continueReading<T>(work: () => QueryGenerator<T>): Promise<T> {
    if (running < engine.maxLongReads) running += 1
    else await new Promise<void>((resolve) => void waiting.push(resolve))
    try {
      return await engine.readLong(work)
    } finally {
      // If a read waits, it starts instead of this one, so `running` stays the same.
      const next = waiting.shift()
      if (next) next()
      else running -= 1
    }
  }
  return {
    async read(work) {
      if (waiting.length >= maxWaiting) throw new LedgerBusy()
      return continueReading(work)
    },
    continueReading,
  }
}
