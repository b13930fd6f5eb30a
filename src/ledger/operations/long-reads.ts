/** How many reads that may take long run at once, and how many wait: lists, summaries and exports must leave room for the pipeline. */
import { LedgerBusy } from '../contract/errors.ts'
import type { Engine } from '../engine/engine.ts'
import type { QueryGenerator } from '../engine/query.ts'

/** Most of these reads take milliseconds, so this many wait a second or two at most. */
const maxWaiting = 32

export interface LongReads {
  /** Runs a read beside the pipeline, when it is its turn. @throws LedgerBusy when too many are waiting; StoreUnavailable */
  read<T>(work: () => QueryGenerator<T>): Promise<T>
  /** Continues a read that was begun: it waits for its turn however many others do. @throws StoreUnavailable */
  readOn<T>(work: () => QueryGenerator<T>): Promise<T>
}

export function createLongReads(engine: Pick<Engine, 'readBeside' | 'readsAtOnce'>): LongReads {
  const waiting: Array<() => void> = []
  let running = 0

  async function readOn<T>(work: () => QueryGenerator<T>): Promise<T> {
    if (running < engine.readsAtOnce) running += 1
    else await new Promise<void>((resolve) => void waiting.push(resolve))
    try {
      return await engine.readBeside(work)
    } finally {
      // The next one takes over the place of this one.
      const next = waiting.shift()
      if (next) next()
      else running -= 1
    }
  }
  return {
    async read(work) {
      if (waiting.length >= maxWaiting) throw new LedgerBusy()
      return readOn(work)
    },
    readOn,
  }
}
