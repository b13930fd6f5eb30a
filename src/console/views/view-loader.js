/** What is shown of a view until its modules are loaded. */
import { answerMs, ApiError } from '../api.js'
import { useLoaded } from '../hooks.js'
import { html } from '../html.js'
import { Failure, Heading, Loading } from '../parts/pieces.js'

/** Loads the component of a view: afterwards it is the view's `View`. */
export async function loadView(view) {
  view.View = await view.load()
}

const fail = () => {
  throw new ApiError('This view could not be loaded.')
}

/**
 * Loads the page again: until then a browser may keep in mind that a module could not be loaded. A service that is still gone is not asked for
 * the page, because the browser would show its own in place of the console.
 */
const loadPageAgain = () =>
  fetch('./', { cache: 'no-store' }).then(
    () => location.reload(),
    () => {},
  )

/** @param onLoaded called once the view can be shown */
export function ViewLoader({ view, onLoaded }) {
  const { error } = useLoaded(() => {
    const overdue = new Promise((_resolve, reject) => setTimeout(reject, answerMs))
    return Promise.race([loadView(view), overdue]).then(onLoaded, fail)
  }, [view])
  return html`<${Heading} title=${view.label} />
    ${error ? html`<${Failure} error=${error} onRetry=${loadPageAgain} />` : html`<${Loading} what="Loading the view" />`}`
}
