/** Asks the service again for names that it did not know in time: it reads them when the platform has time for it. */
import { hasName } from './names.js'

/** When it is asked again, ms. A name that could not be read is read again by the service after 30 s at the earliest. */
const defaultPausesMs = [2_000, 8_000, 35_000, 70_000]

/**
 * @param listIds lists the ids whose names are wanted, at any time
 * @param ask asks for all of them at once
 * @param onAsked called after that, whether or not there are new names
 * @returns `check`, to be called when other ids may be shown: it asks later if names are missing, for each id a few times only
 */
export function createNameAsker({ listIds, ask, onAsked, signal, pausesMs = defaultPausesMs }) {
  const tries = new Map()
  let timer
  const listMissing = () => new Set(listIds().filter((id) => !hasName(id)))

  async function askNow() {
    const missing = listMissing()
    if (missing.size > 0) {
      for (const id of missing) tries.set(id, (tries.get(id) ?? 0) + 1)
      await ask().catch(() => {})
    }
    timer = undefined
    if (signal.aborted) return
    onAsked()
    check()
  }
  function check() {
    if (timer !== undefined || signal.aborted) return
    const missing = listMissing()
    for (const id of tries.keys()) if (!missing.has(id)) tries.delete(id)
    const turn = Math.min(...[...missing].map((id) => tries.get(id) ?? 0))
    if (turn < pausesMs.length) timer = setTimeout(() => void askNow(), pausesMs[turn])
  }
  signal.addEventListener('abort', () => clearTimeout(timer), { once: true })
  return { check }
}
