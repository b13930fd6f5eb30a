/** The transfers that are not over: what was read, with the changes that came since. At most so many are kept, the newest. */
import { isOpen } from '../format.js'

const newestFirst = (one, other) => (one.id < other.id ? 1 : -1)

/** @param most how many transfers are kept */
export function createLiveList(most) {
  const transfers = new Map()
  /** Of which transfers events have told since the list is being read. */
  let told = new Set()
  let isCut = false

  /** Removes the oldest beyond the limit. A few more may be there meanwhile, so that not every new one causes a sort. */
  function trim() {
    const sorted = [...transfers.values()].toSorted(newestFirst)
    for (const { id } of sorted.splice(most)) {
      transfers.delete(id)
      isCut = true
    }
    return sorted
  }
  function put(transfer) {
    const known = transfers.get(transfer.id)
    if (known && known.updatedAt > transfer.updatedAt) return false
    if (!known && !isOpen(transfer)) return false
    transfers.set(transfer.id, transfer)
    if (transfers.size > most * 1.1) trim()
    return known !== undefined && isOpen(known) && !isOpen(transfer)
  }

  return {
    get isCut() {
      return isCut
    },
    /** Takes the transfer of an event. @returns whether it has just ended; it stays until it is removed */
    change(transfer) {
      told.add(transfer.id)
      return put(transfer)
    },
    /** Removes a transfer that has ended. */
    remove({ id }) {
      if (!isOpen(transfers.get(id) ?? {})) transfers.delete(id)
    },
    /**
     * Begins to read the whole list. What is known already stays until the end, so that nothing flickers.
     * @returns `add` takes the transfers of a page; `end` removes what was not found, and of which no event has told meanwhile: it has ended
     */
    beginReading() {
      const before = [...transfers.keys()]
      const found = new Set()
      told = new Set()
      return {
        get found() {
          return found.size
        },
        add(page) {
          for (const transfer of page) {
            found.add(transfer.id)
            put(transfer)
          }
        },
        end(hasMore) {
          for (const id of before) if (!found.has(id) && !told.has(id)) transfers.delete(id)
          isCut = hasMore
        },
      }
    },
    /** The transfers, newest first. */
    list: trim,
    get size() {
      return transfers.size
    },
  }
}
