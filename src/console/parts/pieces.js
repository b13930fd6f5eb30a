/** Small pieces that every view uses. */
import { useState } from 'preact/hooks'
import { formatExactTime, formatTime, states } from '../format.js'
import { html } from '../html.js'
import { shortId } from '../names.js'

export const Badge = ({ state }) => {
  const { label, tone, means } = states[state] ?? { label: state, tone: 'quiet', means: '' }
  return html`<span class="badge ${tone}" title=${means}>${label}</span>`
}

export const Id = ({ id }) => html`<code class="id" title=${id}>${shortId(id)}</code>`

/** An id in full, to copy: people look for it in Genesys Cloud or in a log. */
export function WholeId({ id, what }) {
  const [isCopied, setCopied] = useState(false)
  // The clipboard is there only on pages that came over TLS or from this machine.
  const copy = () => navigator.clipboard.writeText(id).then(() => setCopied(true))
  return html`<span class="whole-id"
    ><code>${id}</code>${
      globalThis.navigator.clipboard &&
      html`<button type="button" class="plain small" aria-label="${isCopied ? 'Copied' : 'Copy'} the id of the ${what}" onClick=${copy}>
        ${isCopied ? 'Copied' : 'Copy'}
      </button>`
    }</span
  >`
}
export const Time = ({ value }) => html`<time datetime=${value} title=${formatExactTime(value)}>${formatTime(value)}</time>`

export const Loading = ({ what = 'Loading' }) =>
  html`<div class="loading" role="status"><span class="visually-hidden">${what}…</span><i></i><i></i><i></i></div>`

export const Empty = ({ title, children }) =>
  html`<div class="empty">
    <span class="empty-mark" aria-hidden="true"></span>
    <h2>${title}</h2>
    <p>${children}</p>
  </div>`

const failureTitles = { 0: 'No answer', 403: 'Your key may not do this', 404: 'Not found', 429: 'Too many requests' }
const titleOf = ({ status = 0 }) => failureTitles[status] ?? (status < 500 ? 'Refused' : 'That did not work')

/** An error, with what can be done about it. */
export const Failure = ({ error, onRetry }) =>
  html`<div class="notice bad" role="alert">
    <div>
      <strong>${titleOf(error)}</strong> ${error.status > 0 && error.code && html`<code>${error.code}</code>`}
      <p>${error.message}</p>
    </div>
    ${onRetry && html`<button type="button" onClick=${onRetry}>Try again</button>`}
  </div>`

export const Notice = ({ tone = 'info', children }) => html`<div class="notice ${tone}" role="status"><div>${children}</div></div>`

/** A field with its label; `hint` is read together with it. */
export const Field = ({ label, hint, id, children }) =>
  html`<div class="field"><label for=${id}>${label}</label>${children}${hint && html`<small id="${id}-hint">${hint}</small>`}</div>`

/** The title of a view, with what it belongs to. The focus goes there when the view opens. */
export const Heading = ({ title, above, children }) =>
  html`<header class="heading">
    <div class="title">
      ${above && html`<p class="above">${above}</p>`}
      <h1 tabindex="-1">${title}</h1>
    </div>
    <div class="heading-actions">${children}</div>
  </header>`

export const Fact = ({ label, children }) =>
  html`<div class="fact">
    <dt>${label}</dt>
    <dd>${children ?? '–'}</dd>
  </div>`
