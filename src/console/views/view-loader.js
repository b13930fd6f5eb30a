/** What is shown of a view until its modules are loaded. */
import { ApiError } from '../api.js'
import { useLoaded } from '../hooks.js'
import { html } from '../html.js'
import { Failure, Heading, Loading } from '../parts/pieces.js'

/** Loads the component of a view: afterwards it is the view's `View`. */
export async function loadView(view) {
  view.View = await view.load()
}

/** @param onLoaded called once the view can be shown */
export function ViewLoader({ view, onLoaded }) {
  const { error } = useLoaded(
    () =>
      loadView(view).then(onLoaded, () => {
        throw new ApiError('This view could not be loaded.')
      }),
    [view],
  )
  // A browser may keep in mind that a module could not be loaded, until the page is loaded again.
  return html`<${Heading} title=${view.label} />
    ${error ? html`<${Failure} error=${error} onRetry=${() => location.reload()} />` : html`<${Loading} what="Loading the view" />`}`
}
