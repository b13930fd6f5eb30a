/** A dialog that asks before something is done. The browser keeps the focus in it, and gives it back. */
import { useEffect, useRef } from 'preact/hooks'
import { html } from '../html.js'

/** What had the focus before may be gone; then the keyboard goes on at the title of the view. */
function focusHeading() {
  const { activeElement } = document
  if (!activeElement || activeElement === document.body) document.querySelector('main h1')?.focus({ preventScroll: true })
}

/** @param onConfirm called when the form in it is sent; @param onClose called however it closes */
export function Dialog({ title, confirmLabel, tone = 'primary', isBusy, error, onConfirm, onClose, children }) {
  const dialog = useRef()
  const isGone = useRef(false)
  useEffect(() => {
    const { current } = dialog
    current.showModal()
    return () => {
      isGone.current = true
      // Closed before it is taken away, it gives the focus back.
      if (current.open) current.close()
      requestAnimationFrame(focusHeading)
    }
  }, [])
  const submit = (event) => {
    event.preventDefault()
    onConfirm(Object.fromEntries(new FormData(event.currentTarget)))
  }
  return html`<dialog ref=${dialog} onClose=${() => isGone.current || onClose()} aria-labelledby="dialog-title">
    <form onSubmit=${submit}>
      <h2 id="dialog-title">${title}</h2>
      ${children} ${error && html`<p class="form-error" role="alert">${error.message}</p>`}
      <div class="buttons">
        <button type="button" onClick=${() => dialog.current.close()}>Cancel</button>
        <button type="submit" class=${tone} disabled=${isBusy}>${isBusy ? 'One moment…' : confirmLabel}</button>
      </div>
    </form>
  </dialog>`
}
