/** The console: sign-in, navigation, and the view that the address names. */
import { render } from 'preact'
import { useEffect, useState } from 'preact/hooks'
import { html } from './html.js'
import { isId } from './names.js'
import { Empty } from './parts/pieces.js'
import { isFocusFree, rememberLink } from './place.js'
import { linkTo, useRoute } from './router.js'
import { currentKey, keyId, may, onSession, signOut } from './session.js'
import { LiveView } from './views/live.js'
import { SignInView } from './views/sign-in.js'
import { loadView, ViewLoader } from './views/view-loader.js'

const icons = {
  live: 'M3 12h4l3-8 4 16 3-8h4',
  search: 'M11 4a7 7 0 1 0 0 14 7 7 0 0 0 0-14Zm5 12 5 5',
  figures: 'M4 20V10m6 10V4m6 16v-7m5 7H3',
  try: 'M4 12h13m-5-6 6 6-6 6',
  bulk: 'M3 7h11m-4-4 4 4-4 4M10 17h11m-4-4 4 4-4 4',
}
/**
 * The views of the navigation, each with the scope that it needs. Those with `load` come later: a browser takes some milliseconds for each
 * file, and the first view does not wait for theirs.
 */
const views = [
  { path: 'live', label: 'Live', scope: 'transfers:read', View: LiveView },
  { path: 'search', label: 'Search', scope: 'transfers:read', load: async () => (await import('./views/search.js')).SearchView },
  { path: 'figures', label: 'How it goes', scope: 'transfers:read', load: async () => (await import('./views/figures.js')).FiguresView },
  { path: 'try', label: 'Try', scope: 'transfers:write', load: async () => (await import('./views/try.js')).TryView },
  { path: 'bulk', label: 'Bulk', scope: 'transfers:write', load: async () => (await import('./views/bulk.js')).BulkView },
]
const transferView = {
  path: 'transfers',
  label: 'Transfer',
  scope: 'transfers:read',
  load: async () => (await import('./views/transfer.js')).TransferView,
}
const allViews = [...views, transferView]

/** How long after the page the other views are loaded, so that the first one does not share the browser with them, ms. */
const othersAfterMs = 1_000

/** Loads the views that have not been loaded. What is wrong with one is shown when it is opened. */
const loadViews = () => Promise.allSettled(allViews.filter(({ View }) => !View).map(loadView))

const Icon = ({ name }) => html`<svg viewBox="0 0 24 24" width="20" height="20" aria-hidden="true"><path d=${icons[name]} /></svg>`

const Navigation = ({ current }) =>
  html`<nav aria-label="Views">
      <a class="brand" href=${linkTo('')}><img src="./icon.svg" alt="" width="26" height="26" /><span>Handoff</span></a>
      <ul>
        ${views
          .filter(({ scope }) => may(scope))
          .map(
            ({ path, label }) =>
              html`<li>
                <a href=${linkTo(path)} aria-current=${path === current ? 'page' : undefined}
                  ><${Icon} name=${path} /><span>${label}</span></a
                >
              </li>`,
          )}
      </ul>
    </nav>
    <header class="who">
      <span title="Signed in with the key ${keyId()}">${keyId()}</span
      ><button type="button" class="plain" onClick=${() => signOut()}>Sign out</button>
    </header>`

const focusTitle = () => document.querySelector('main h1')?.focus({ preventScroll: true })

function Console() {
  const route = useRoute()
  const [, update] = useState(0)
  const show = () => update((count) => count + 1)
  useEffect(() => onSession(show), [])
  const firstView = views.find(({ scope }) => may(scope))
  const path = route.parts[0] ?? firstView?.path ?? 'live'
  const view = allViews.find((candidate) => candidate.path === path && may(candidate.scope))
  const page = route.parts.join('/')
  const isBroken =
    view !== undefined && (path === 'transfers' || (path === 'bulk' && route.parts.length > 1)) && !isId(route.parts[1] ?? '')
  useEffect(() => {
    document.title = currentKey() ? `${view?.label ?? 'Nothing here'} · Handoff` : 'Sign in · Handoff'
    if (page) focusTitle()
  }, [view?.label, page])
  // A view that comes late takes the focus only if nobody has moved it meanwhile.
  useEffect(() => {
    if (page && isFocusFree()) focusTitle()
  }, [view?.View])
  if (!currentKey()) return html`<${SignInView} />`
  return html`<a class="skip" href="#main" onClick=${skipToMain}>Skip to the content</a>
    <${Navigation} current=${path} />
    <main id="main" tabindex="-1">
      ${
        isBroken
          ? html`<h1 class="visually-hidden" tabindex="-1">Nothing here</h1>
            <${Empty} title="This address is not complete">
              The id in it was cut or mistyped. <a href=${linkTo(path === 'bulk' ? 'bulk' : 'search')}>${path === 'bulk' ? 'All bulk transfers' : 'Search for the transfer'}</a>
            </${Empty}>`
          : view
            ? view.View
              ? html`<${view.View} key=${page} id=${route.parts[1]} query=${route.query} />`
              : html`<${ViewLoader} key=${path} view=${view} onLoaded=${show} />`
            : html`<h1 class="visually-hidden">Nothing here</h1>
            <${Empty} title="Nothing here">There is no such view, or your key may not open it.</${Empty}>`
      }
    </main>`
}

/** The address is the view's, so the link moves the focus itself. */
function skipToMain(event) {
  event.preventDefault()
  document.querySelector('main').focus()
}

addEventListener('click', rememberLink, { capture: true })
render(html`<${Console} />`, document.querySelector('#app'))
addEventListener('load', () => setTimeout(loadViews, othersAfterMs))
