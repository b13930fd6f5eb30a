/**
 * Reads changes that clients have missed, one page at a time. Clients that come back together, for example after a restart, get the same pages,
 * and the rest after each page leaves most of the time to the transfers (docs/architecture.md#event-stream).
 */
import { setTimeout } from 'node:timers/promises'
import type { ChangeStore } from '../../ledger/contract/changes.ts'
import { monotonicMs } from '../../model/clock.ts'
import { createChangeEvents, type ChangeEvent } from './change-events.ts'

export interface PastChanges {
  events: readonly ChangeEvent[]
  /** The last number that was read. */
  last: number
}

/** After a page, reading rests for so many times the time that the page has taken. */
const restFactor = 3

/**
 * @param findTop the last number that a page may have
 * @returns reads the page that begins after a number. The read begins after the call, so it finds all that is visible by then. @throws StoreUnavailable
 */
export function createReadPast(
  store: Pick<ChangeStore, 'readChanges' | 'findTransfers'>,
  findTop: () => number,
  rowsPerPage = 500,
): (after: number) => Promise<PastChanges> {
  /** Pages whose reading has not begun, by the number before them: whoever asks for the same one gets it, too. */
  const waiting = new Map<number, Promise<PastChanges>>()
  let lastTurn: Promise<unknown> = Promise.resolve()

  async function readPage(after: number): Promise<PastChanges> {
    const top = findTop()
    const rows = (await store.readChanges(after, rowsPerPage)).filter(({ seq }) => seq <= top)
    return { events: await createChangeEvents(store, rows), last: rows.at(-1)?.seq ?? top }
  }

  return function readPast(after) {
    const known = waiting.get(after)
    if (known) return known
    const startedAt = Promise.withResolvers<number>()
    const page = lastTurn.then(() => {
      waiting.delete(after)
      startedAt.resolve(monotonicMs())
      return readPage(after)
    })
    waiting.set(after, page)
    lastTurn = page.catch(() => {}).then(async () => setTimeout((monotonicMs() - (await startedAt.promise)) * restFactor))
    return page
  }
}
