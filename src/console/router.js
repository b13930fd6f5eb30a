/** The address of a view: the part after #, such as #/search?state=failed. It can be shared, and never contains a key. */
import { useEffect, useState } from 'preact/hooks'

/** A part of the path as text. Someone may have cut the address in the middle of an escape. */
function decode(part) {
  try {
    return decodeURIComponent(part)
  } catch {
    return part
  }
}

/** Reads the address. @returns the parts of its path, and its query */
function readRoute(hash = location.hash) {
  const [, path = '', query = ''] = /^#?\/?([^?]*)\??(.*)$/.exec(hash)
  return { parts: path.split('/').filter(Boolean).map(decode), query: Object.fromEntries(new URLSearchParams(query)) }
}

/** The address of a view, for links. */
export function linkTo(path, query = {}) {
  const entries = Object.entries(query).filter(([, value]) => value !== '' && value !== undefined && value !== null)
  const text = new URLSearchParams(entries.map(([name, value]) => [name, String(value)])).toString()
  return `#/${path}${text ? `?${text.replaceAll('%2C', ',')}` : ''}`
}

/** Goes to a view. @param replace whether the current address is left out of the history */
export function goTo(link, replace = false) {
  if (!replace) return void (location.hash = link)
  history.replaceState(null, '', link)
  window.dispatchEvent(new HashChangeEvent('hashchange'))
}

/** The current address; the component is shown again when it changes. */
export function useRoute() {
  const [route, setRoute] = useState(readRoute)
  useEffect(() => {
    const update = () => setRoute(readRoute())
    addEventListener('hashchange', update)
    return () => removeEventListener('hashchange', update)
  }, [])
  return route
}
