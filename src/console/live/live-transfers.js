/** The transfers that are not over: read once, then kept up to date by the events of the service. */
import { readPages } from '../api.js'
import { openStates } from '../format.js'
import { createLiveList } from './live-list.js'
import { followTransfers } from '../stream.js'

/** More are not shown: nobody can look through them, and a browser would run out of memory. */
const mostTransfers = 10_000
/** How long changes are collected before they are shown, ms. */
const batchMs = 120
/** How long a transfer that is over stays visible, so that it does not vanish while someone looks at it, ms. */
const farewellMs = 4_000
/** When a list that could not be read is read again, ms. */
const readAgainMs = 3_000

/**
 * Follows the open transfers until `signal` is aborted.
 * @param onUpdate gets { transfers, status, error, isLoading, isCut }; transfers are newest first
 */
export function followLive(onUpdate, signal) {
  const list = createLiveList(mostTransfers)
  const state = { status: 'connecting', error: undefined, isLoading: true }
  let timer
  const show = () => {
    timer ??= setTimeout(() => {
      timer = undefined
      // Nobody sees a tab in the background; it is shown as it is then when it comes to the front.
      if (!signal.aborted && !document.hidden) onUpdate({ ...state, transfers: list.list(), isCut: list.isCut })
    }, batchMs)
  }
  document.addEventListener('visibilitychange', show, { signal })
  const set = (change) => {
    Object.assign(state, change)
    show()
  }

  let reading
  async function load() {
    reading?.abort()
    reading = new AbortController()
    const own = AbortSignal.any([signal, reading.signal])
    const part = list.beginReading()
    let isMore = false
    try {
      await readPages(
        { state: openStates.join(',') },
        (page, hasMore) => {
          if (own.aborted) return false
          part.add(page)
          isMore = hasMore
          set({ isLoading: false, error: undefined })
          return part.found < mostTransfers
        },
        own,
      )
    } catch (error) {
      if (own.aborted) return
      set({ error, isLoading: false })
      if (error.retryable) setTimeout(() => own.aborted || load(), readAgainMs)
      return
    }
    if (own.aborted) return
    part.end(isMore)
    show()
  }

  void followTransfers({
    signal,
    onStatus: (status) => {
      set({ status })
      if (status === 'unavailable') void load()
    },
    // What changed since the connection began comes by it, so the list is read after it is open.
    onOpen: (isResumed) => (isResumed && reading && !state.error) || void load(),
    onChange: (transfer) => {
      if (list.change(transfer)) setTimeout(() => (list.remove(transfer), show()), farewellMs)
      show()
    },
  })
  return { reload: () => void load() }
}
