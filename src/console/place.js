/** Where someone was when they followed a link: kept in the history entry of the view, so that Back returns there. */

/** A view that shows the link later than this does not take the focus any more, ms. */
const returnMs = 10_000
/** What may have the focus in a view that was just opened, so that nothing is taken away from anyone. */
export const isFocusFree = () => ['BODY', 'H1', 'MAIN'].includes(document.activeElement?.tagName ?? 'BODY')

/**
 * The place to return to when a view opens; undefined if it was not left by a link.
 * @returns `isWanted`, until someone has done something else; `finish` ends the return, and scrolls the page; `keepWhile` goes on with it
 * after the focus was given back
 */
export function createReturn() {
  const { place } = history.state ?? {}
  if (!place) return undefined
  const until = performance.now() + returnMs
  let isDone = false
  let isUndisturbed = isFocusFree
  return {
    ...place,
    isWanted: () => !isDone && performance.now() < until && isUndisturbed(),
    keepWhile(condition) {
      isUndisturbed = () => isFocusFree() || condition()
    },
    finish() {
      isDone = true
      window.scrollTo(0, place.top)
    },
  }
}

/** Keeps the place of a link in the content that is followed: for a row of a list, also how many px it is below the top of the list. */
export function rememberLink(event) {
  const link = event.target.closest?.('main a[href^="#"]')
  if (link && !event.ctrlKey && !event.metaKey && !event.shiftKey) {
    const row = link.closest('.virtual [data-index]')
    const offset = row && row.getBoundingClientRect().top - row.closest('.virtual').getBoundingClientRect().top
    history.replaceState({ place: { href: link.getAttribute('href'), top: scrollY, ...(row && { rowId: row.dataset.id, offset }) } }, '')
  }
}

/** Gives the focus back to the link outside of a list that was followed, once it is there. */
export function returnToLink(wanted) {
  if (!wanted || wanted.rowId !== undefined || !wanted.isWanted()) return
  const link = [...document.querySelectorAll('main a[href]')].find((candidate) => candidate.getAttribute('href') === wanted.href)
  if (!link) return
  link.focus({ preventScroll: true })
  wanted.finish()
}
