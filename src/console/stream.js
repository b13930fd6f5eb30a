/** The live events of the service, read by fetch: EventSource cannot send a key in a header, and a key must not be in an address. */
import { ApiError, send, withNames } from './api.js'
import { createEventParser } from './event-parser.js'
import { rememberNames } from './names.js'

/** A stream without a line for this time is broken: the service sends a comment every 15 s. */
const silenceMs = 40_000
/** A tab in the background stops reading after this time: a browser has few connections for all tabs. It continues when it is seen again. */
const hiddenMs = 300_000
const pausesMs = [500, 1_000, 2_000, 5_000, 10_000]

/** Waits until the tab is seen, or `signal` is aborted. */
export function untilVisible(signal) {
  return new Promise((resolve) => {
    const check = () => {
      if (document.hidden && !signal.aborted) return
      document.removeEventListener('visibilitychange', check)
      resolve()
    }
    document.addEventListener('visibilitychange', check, { signal })
    signal.addEventListener('abort', check, { once: true })
    check()
  })
}

/** Waits for a time, or until there is reason to believe that the service answers again, or `signal` is aborted. */
function pause(ms, signal) {
  return new Promise((resolve) => {
    const ended = new AbortController()
    const end = () => {
      clearTimeout(timer)
      ended.abort()
      resolve()
    }
    const timer = setTimeout(end, ms * (0.75 + Math.random() / 2))
    signal.addEventListener('abort', end, { signal: ended.signal })
    addEventListener('online', end, { signal: ended.signal })
    document.addEventListener('visibilitychange', end, { signal: ended.signal })
  })
}

/** Reads one connection until it ends. @param onOpen called once it is open; @param onEvent gets its events. @throws ApiError; the error of a broken connection */
async function readConnection({ lastId, onOpen, onEvent, signal }) {
  const ended = new AbortController()
  const stop = () => ended.abort()
  let heardAt = Date.now()
  let hidden
  let silence = setTimeout(stop, silenceMs)
  // The timers of a tab in the background may be late by minutes.
  const onVisibility = () => {
    clearTimeout(hidden)
    if (document.hidden) hidden = setTimeout(stop, hiddenMs)
    else if (Date.now() - heardAt > silenceMs) stop()
  }
  signal.addEventListener('abort', stop, { signal: ended.signal })
  document.addEventListener('visibilitychange', onVisibility, { signal: ended.signal })
  onVisibility()
  try {
    const headers = { accept: 'text/event-stream', ...(lastId !== undefined && { 'last-event-id': lastId }) }
    const response = await send('v1/transfers/stream', { headers, query: withNames, signal: ended.signal })
    onOpen()
    const parse = createEventParser(onEvent)
    const reader = response.body.pipeThrough(new TextDecoderStream()).getReader()
    for (let part = await reader.read(); !part.done; part = await reader.read()) {
      heardAt = Date.now()
      clearTimeout(silence)
      silence = setTimeout(stop, silenceMs)
      parse(part.value)
    }
  } finally {
    clearTimeout(silence)
    clearTimeout(hidden)
    ended.abort()
  }
}

/** Whether the service refuses a stream for good, and will not answer it later either. */
const isRefused = ({ status }) => status >= 400 && status < 500 && ![408, 425, 429].includes(status)

/**
 * Follows the changes of transfers until `signal` is aborted. After a break it continues where it was.
 * @param onOpen called at each connection; `isResumed` says whether nothing was missed
 * @param onChange gets each changed transfer
 * @param onStatus gets live, connecting, lost (the service does not answer), or unavailable (this service has no such events)
 */
export async function followTransfers({ onOpen, onChange, onStatus, signal }) {
  let lastId
  const onEvent = ({ id, type, data }) => {
    if (id !== undefined) lastId = id
    // The service left changes out: what is shown must be read again.
    if (type === 'skipped') onOpen(false)
    if (type !== 'transfer' || data === undefined) return
    const event = JSON.parse(data)
    rememberNames(event)
    onChange(event.transfer)
  }
  for (let failures = 0; !signal.aborted; failures++) {
    if (failures <= 1) onStatus('connecting')
    try {
      await readConnection({
        lastId,
        signal,
        onEvent,
        onOpen: () => {
          failures = 0
          onOpen(lastId !== undefined)
          onStatus('live')
        },
      })
    } catch (error) {
      if (signal.aborted) return
      if (error instanceof ApiError && isRefused(error)) {
        // Asked for what the service no longer has, it starts anew; otherwise it cannot stream at all.
        if (lastId === undefined) return onStatus('unavailable')
        lastId = undefined
      }
    }
    if (signal.aborted) return
    if (document.hidden) await untilVisible(signal)
    else {
      if (failures > 0) onStatus('lost')
      await pause(pausesMs[Math.min(failures, pausesMs.length - 1)], signal)
    }
  }
}
