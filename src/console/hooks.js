/** Hooks that several views use: loading, names, the time, and the width of the window. */
import { useCallback, useEffect, useRef, useState } from 'preact/hooks'
import { createNameAsker } from './name-asker.js'
import { untilVisible } from './stream.js'

/**
 * Loads something when `inputs` change. While something newer loads, the last value stays.
 * @param load gets an AbortSignal
 * @returns value, error, isLoading, and `reload`
 */
export function useLoaded(load, inputs) {
  const [state, setState] = useState({ value: undefined, error: undefined, isLoading: true })
  const [turn, setTurn] = useState(0)
  useEffect(() => {
    const abort = new AbortController()
    setState((previous) => ({ ...previous, isLoading: true }))
    load(abort.signal)
      .then((value) => abort.signal.aborted || setState({ value, error: undefined, isLoading: false }))
      .catch((error) => abort.signal.aborted || setState((previous) => ({ ...previous, error, isLoading: false })))
    return () => abort.abort()
  }, [...inputs, turn])
  const reload = useCallback(() => setTurn((count) => count + 1), [])
  return { ...state, reload }
}

/**
 * Asks again for names that were not known in time. The view is shown without them meanwhile, and again when they may be there.
 * @param ids the ids whose names are shown; @param ask gets an AbortSignal, and asks for their names
 */
export function useNames(ids, ask) {
  const [, show] = useState(0)
  const latest = useRef()
  latest.current = { ids, ask }
  const asker = useRef()
  useEffect(() => {
    const abort = new AbortController()
    const { signal } = abort
    asker.current = createNameAsker({
      listIds: () => latest.current.ids,
      ask: async () => {
        // Nobody reads names in a tab in the background.
        await untilVisible(signal)
        return latest.current.ask(signal)
      },
      onAsked: () => show((count) => count + 1),
      signal,
    })
    return () => abort.abort()
  }, [])
  useEffect(() => asker.current.check(), [ids])
}

/** The time, once a second. In a background tab it stands still: nobody sees it. */
export function useNow() {
  const [now, setNow] = useState(Date.now)
  useEffect(() => {
    const tick = () => document.hidden || setNow(Date.now())
    const timer = setInterval(tick, 1_000)
    document.addEventListener('visibilitychange', tick)
    return () => {
      clearInterval(timer)
      document.removeEventListener('visibilitychange', tick)
    }
  }, [])
  return now
}

/** Whether a media query holds. */
export function useMedia(query) {
  const [matches, setMatches] = useState(() => matchMedia(query).matches)
  useEffect(() => {
    const list = matchMedia(query)
    const update = () => setMatches(list.matches)
    list.addEventListener('change', update)
    return () => list.removeEventListener('change', update)
  }, [query])
  return matches
}

/** An action that runs once at a time. @returns run, isRunning, and the error of the last run */
export function useAction(action) {
  const [state, setState] = useState({ isRunning: false, error: undefined })
  const latest = useRef(action)
  latest.current = action
  const run = useCallback(async (...inputs) => {
    setState({ isRunning: true, error: undefined })
    try {
      const result = await latest.current(...inputs)
      setState({ isRunning: false, error: undefined })
      return result
    } catch (error) {
      setState({ isRunning: false, error })
      return undefined
    }
  }, [])
  return { run, ...state }
}
