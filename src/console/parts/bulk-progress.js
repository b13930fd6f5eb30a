/** A bulk transfer that was started: how far it is, and pausing, resuming and canceling it. */
import { useEffect, useMemo, useRef, useState } from 'preact/hooks'
import { request, withNames } from '../api.js'
import { formatCount } from '../format.js'
import { useAction, useLoaded, useNames } from '../hooks.js'
import { html } from '../html.js'
import { describeTarget, listIds, nameOf } from '../names.js'
import { linkTo } from '../router.js'
import { may } from '../session.js'
import { followTransfers } from '../stream.js'
import { BulkCalls, callStates } from './bulk-calls.js'
import { Dialog } from './dialog.js'
import { Failure, Heading, Loading } from './pieces.js'

/** How long changes of transfers are collected before the bulk transfer is read again, ms. */
const collectMs = 500
const above = html`<a href=${linkTo('bulk')}>Bulk</a> / Calls of a queue`
const titles = { running: 'Moving calls', paused: 'Paused', done: 'Done', cancelled: 'Canceled' }
const segments = Object.entries(callStates).map(([name, state]) => ({ name, ...state }))

const isOpen = (state) => ['running', 'paused'].includes(state)

/** How many calls nothing more happens to. What became of an unclear one is still asked for until the bulk transfer is over. */
const countThrough = ({ state, calls, counts }) => calls.length - counts.pending - counts.moving - (isOpen(state) ? counts.unknown : 0)

const describeProgress = (bulk) =>
  `${bulk.reason}: ${formatCount(countThrough(bulk))} of ${formatCount(bulk.calls.length)} calls are through.`

const read = (id, signal) => request(`v1/bulk-transfers/${id}`, { query: withNames, signal })

/** Whether it may still change: somebody may resume a paused one, and the calls of one that was canceled are dealt with a moment later. */
const mayChange = ({ state, counts }) => isOpen(state) || counts.moving > 0 || counts.pending > 0

/** Reads the bulk transfer again whenever a transfer has changed: each of its calls is one. */
function useBulk(id) {
  const loaded = useLoaded((signal) => read(id, signal), [id])
  const isFollowed = loaded.value === undefined || mayChange(loaded.value)
  const timer = useRef()
  useEffect(() => {
    if (!isFollowed) return undefined
    const abort = new AbortController()
    const readSoon = () => {
      timer.current ??= setTimeout(() => {
        timer.current = undefined
        loaded.reload()
      }, collectMs)
    }
    void followTransfers({ signal: abort.signal, onStatus: () => {}, onOpen: readSoon, onChange: readSoon })
    // No transfer changes when calls are left alone, when somebody pauses, resumes or cancels, and at the end.
    const slow = setInterval(() => document.hidden || readSoon(), 5_000)
    return () => {
      abort.abort()
      clearInterval(slow)
    }
  }, [id, isFollowed])
  return loaded
}

function Bar({ bulk }) {
  const { calls, counts } = bulk
  const total = Math.max(1, calls.length)
  return html`<div
      class="progress"
      role="progressbar"
      aria-valuemin="0"
      aria-valuemax=${total}
      aria-valuenow=${countThrough(bulk)}
      aria-label="Calls that are through"
    >
      ${segments.map(({ name, tone }) => counts[name] > 0 && html`<i class="fill ${tone}" style=${{ width: `${(counts[name] / total) * 100}%` }}></i>`)}
    </div>
    <ul class="legend">
      ${segments.map(({ name, label, tone }) => counts[name] > 0 && html`<li><i class="fill ${tone}"></i>${formatCount(counts[name])} ${label}</li>`)}
    </ul>`
}

export function BulkProgress({ id }) {
  const { value: bulk, error, reload } = useBulk(id)
  const ids = useMemo(() => (bulk ? [bulk.fromQueueId, ...listIds(bulk)] : []), [bulk])
  useNames(ids, (signal) => read(id, signal))
  const [isAsking, setAsking] = useState(false)
  const act = useAction(async (action) => {
    await request(`v1/bulk-transfers/${id}/${action}`, { method: 'POST' })
    setAsking(false)
    reload()
  })
  if (!bulk)
    return html`<${Heading}
        title="Bulk"
        above=${above}
      />${error ? html`<${Failure} error=${error} onRetry=${error.status === 404 ? undefined : reload} />` : html`<${Loading} what="Loading the bulk transfer" />`}`
  const { state, calls, fromQueueId, target, message } = bulk
  return html`<${Heading} title=${titles[state]} above=${above}>
      ${state === 'running' && may('transfers:write') && html`<button type="button" disabled=${act.isRunning} onClick=${() => act.run('pause')}>Pause</button>`}
      ${state === 'paused' && may('transfers:write') && html`<button type="button" class="primary" disabled=${act.isRunning} onClick=${() => act.run('resume')}>Resume</button>`}
      ${isOpen(state) && may('transfers:write') && html`<button type="button" onClick=${() => setAsking(true)}>Cancel…</button>`}
    </${Heading}>
    ${(error ?? act.error) && !isAsking && html`<${Failure} error=${error ?? act.error} onRetry=${reload} />`}
    <section class="card" aria-labelledby="progress-title">
      <h2 id="progress-title">${nameOf(fromQueueId)} → ${describeTarget(target)}</h2>
      <p class="lead" role="status">${message && html`${message}<br />`}${describeProgress(bulk)}</p>
      <${Bar} bulk=${bulk} />
      <${BulkCalls} calls=${calls} label="The calls in order" />
    </section>
    ${
      isAsking &&
      html`<${Dialog} title="Cancel the rest?" confirmLabel="Cancel the rest" isBusy=${act.isRunning} error=${act.error} onConfirm=${() => act.run('cancel')} onClose=${() => setAsking(false)}>
        <p>Calls that were moved stay where they are. It cannot be resumed.</p>
      </${Dialog}>`
    }`
}
