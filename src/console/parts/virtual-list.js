/** A list of any length: only the rows in view are in the page, so that 10,000 scroll as smoothly as ten. */
import { useEffect, useLayoutEffect, useMemo, useRef, useState } from 'preact/hooks'
import { html } from '../html.js'
import { createReturn } from '../place.js'

/** How many rows above and below the view are there, too. */
const spare = 8
/** The list is rendered anew after scrolling by so many rows. */
const step = 4

/**
 * @param rows what is listed; each has an `id`
 * @param rowHeight px
 * @param renderRow gets a row; its first link or button takes the focus
 * @param onNearEnd called when the last rows come into view
 */
export function VirtualList({ rows, rowHeight, renderRow, label, onNearEnd }) {
  const box = useRef()
  const wanted = useRef()
  const toReturn = useRef(undefined)
  toReturn.current ??= createReturn() ?? null
  const [view, setView] = useState({ top: 0, height: 600 })
  useLayoutEffect(() => {
    const measure = () => {
      const { scrollTop, clientHeight } = box.current
      const top = Math.floor(scrollTop / rowHeight / step) * step
      setView((last) => (last.top === top && last.height === clientHeight ? last : { top, height: clientHeight }))
    }
    const observer = new ResizeObserver(measure)
    observer.observe(box.current)
    box.current.addEventListener('scroll', measure, { passive: true })
    measure()
    return () => {
      observer.disconnect()
      box.current?.removeEventListener('scroll', measure)
    }
  }, [rowHeight])
  // A row that stays in view while the list scrolls is not rendered again.
  const rendered = useMemo(() => new WeakMap(), [renderRow])
  const render = (row) => {
    if (!rendered.has(row)) rendered.set(row, renderRow(row))
    return rendered.get(row)
  }
  const first = Math.max(0, Math.min(view.top, rows.length) - spare)
  const last = Math.min(rows.length, view.top + step + Math.ceil(view.height / rowHeight) + spare)
  useEffect(() => {
    if (last >= rows.length - spare) onNearEnd?.()
  }, [last, rows.length])
  useEffect(() => {
    const link = wanted.current !== undefined && box.current.querySelector(`[data-index="${wanted.current}"] :is(a, button)`)
    // The row comes into the page once the list has scrolled to it.
    if (!link) return
    link.focus({ preventScroll: true })
    wanted.current = undefined
  })

  // After Back the list is where it was, as soon as it has the row that was opened.
  useLayoutEffect(() => {
    const place = toReturn.current
    if (place?.rowId === undefined || !place.isWanted()) return
    const index = rows.findIndex(({ id }) => id === place.rowId)
    // A list that is read while it is scrolled reads on.
    if (index < 0 && onNearEnd) box.current.scrollTop = rows.length * rowHeight
    if (index < 0) return
    const top = index * rowHeight - place.offset
    box.current.scrollTop = top
    if (document.activeElement?.closest('[data-id]')?.dataset.id !== place.rowId) wanted.current = index
    // A list that is not that long yet scrolls on when it is.
    if (box.current.scrollTop + 1 < top) place.keepWhile(() => box.current.contains(document.activeElement))
    else place.finish()
  }, [rows])

  function moveFocus(event) {
    const by = { ArrowDown: 1, ArrowUp: -1, PageDown: 10, PageUp: -10, Home: -Infinity, End: Infinity }[event.key]
    const current = Number(event.target.closest('[data-index]')?.dataset.index ?? -1)
    if (by === undefined || rows.length === 0) return
    event.preventDefault()
    const next = Math.max(0, Math.min(rows.length - 1, current + by))
    const { scrollTop, clientHeight } = box.current
    if (next * rowHeight < scrollTop) box.current.scrollTop = next * rowHeight
    if ((next + 1) * rowHeight > scrollTop + clientHeight) box.current.scrollTop = (next + 1) * rowHeight - clientHeight
    wanted.current = next
    const link = box.current.querySelector(`[data-index="${next}"] :is(a, button)`)
    if (link) link.focus({ preventScroll: true })
  }

  const height = `${rows.length * rowHeight}px`
  return html`<div
    class="virtual"
    ref=${box}
    style=${{ maxHeight: height }}
    role="region"
    aria-label=${label}
    tabindex="0"
    onKeyDown=${moveFocus}
  >
    <ul style=${{ height }}>
      ${rows
        .slice(first, last)
        .map(
          (row, offset) =>
            html`<li
              key=${row.id}
              data-index=${first + offset}
              data-id=${row.id}
              aria-setsize=${rows.length}
              aria-posinset=${first + offset + 1}
              style=${{ height: `${rowHeight}px`, transform: `translateY(${(first + offset) * rowHeight}px)` }}
            >
              ${render(row)}
            </li>`,
        )}
    </ul>
  </div>`
}
