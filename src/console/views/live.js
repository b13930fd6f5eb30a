/** Live: every transfer that is not over, newest first; the stuck ones on top, with what to do. */
import { useEffect, useMemo, useRef, useState } from 'preact/hooks'
import { expectWait, explainStuck, listStuck } from '../advice.js'
import { readPages, request } from '../api.js'
import { formatCount, formatWait, openStates, waitOf } from '../format.js'
import { useLoaded, useMedia, useNames, useNow } from '../hooks.js'
import { html } from '../html.js'
import { followLive } from '../live/live-transfers.js'
import { describePlace, listIds } from '../names.js'
import { createReturn, returnToLink } from '../place.js'
import { Badge, Empty, Failure, Heading, Id, Loading, Notice } from '../parts/pieces.js'
import { rowHeight, TransferRow, TransferRowHead } from '../parts/transfer-row.js'
import { VirtualList } from '../parts/virtual-list.js'
import { linkTo } from '../router.js'
import { may } from '../session.js'

/** How many stuck transfers are shown with advice; the others are in the list below. */
const mostStuck = 6

/** How many transfers are read again for names that are missing. */
const mostReadForNames = 1_000

/** Reads the newest transfers again, whose answer has the names that are known by now. */
function learnNames(signal) {
  let count = 0
  return readPages({ state: openStates.join(',') }, (page) => (count += page.length) < mostReadForNames, signal)
}

const statusTexts = { live: 'Connected', connecting: 'Connecting…', lost: 'Not connected', unavailable: 'Not live' }

/** Where one call, or all that wait in its queue, can be sent elsewhere. */
const linkToMove = ({ conversationId, resolvedTarget }, others) =>
  others > 0 && resolvedTarget?.queueId ? linkTo('bulk', { fromQueueId: resolvedTarget.queueId }) : linkTo('try', { conversationId })

/** What can be done about a stuck transfer, by the action of its advice. What the key may not do is left out. */
const actions = {
  settle: ({ page }) => may('transfers:settle') && html`<a class="button primary" href=${linkTo(page, { do: 'settle' })}>Settle…</a>`,
  move: ({ transfer, others, page }) =>
    may('transfers:write') &&
    html`${others === 0 && html`<a class="button" href=${linkTo(page, { do: 'priority' })}>Priority…</a>`}
      <a class="button" href=${linkToMove(transfer, others)}>${others > 0 ? 'Move all…' : 'Move elsewhere…'}</a>`,
  figures: () => html`<a class="button" href=${linkTo('figures')}>How it goes</a>`,
  open: () => undefined,
}

function StuckCard({ transfer, kind, others, now, expected }) {
  const advice = explainStuck(transfer, now, expected, others, may)
  if (!advice) return undefined
  const page = `transfers/${transfer.id}`
  return html`<li class="stuck-card ${kind}">
    <div class="stuck-top">
      <${Badge} state=${transfer.state} />
      ${others > 0 && html`<span class="stuck-count">${formatCount(others + 1)} calls</span>`}
      <span class="stuck-wait">${formatWait(waitOf(transfer, now))}</span>
    </div>
    <h3>${describePlace(transfer)}</h3>
    <p>${advice.why}</p>
    <p class="todo">${advice.todo}</p>
    ${others === 0 && html`<p class="stuck-call">Call <${Id} id=${transfer.conversationId} />${transfer.reason && ` · ${transfer.reason}`}</p>`}
    <div class="buttons">
      ${actions[advice.action]({ transfer, others, page })}
      <a class="button" href=${linkTo(page)}>${others > 0 ? 'Open the first' : 'Open'}</a>
    </div>
  </li>`
}

const Tile = ({ label, value, tone = '', note }) =>
  html`<div class="tile ${tone}">
    <dt>${label}</dt>
    <dd>${value}</dd>
    ${note && html`<dd class="before">${note}</dd>`}
  </div>`

const kindNames = { indeterminate: 'unclear', slow: 'without an answer', flow: 'left by the flow', waiting: 'waiting long' }
const describeCounts = (counts) =>
  Object.entries(kindNames)
    .filter(([kind]) => counts[kind] > 0)
    .map(([kind, name]) => `${formatCount(counts[kind])} ${name}`)
    .join(', ')

/** How many transfers are in each state, counted once for all tiles. */
function countStates(transfers) {
  const counts = {}
  for (const { state } of transfers) counts[state] = (counts[state] ?? 0) + 1
  return (...states) => states.reduce((sum, state) => sum + (counts[state] ?? 0), 0)
}

/** What is wrong with the connection, if anything is. What was read before stays below it. */
function Connection({ live, onReload }) {
  const isEmpty = live.isLoading || live.transfers.length === 0
  if (live.error) return html`<${Failure} error=${live.error} onRetry=${onReload} />`
  if (live.status === 'lost')
    return html`<div class="notice bad" role="alert">
      <div>
        <strong>The service does not answer</strong>
        <p>
          It may be restarting. ${isEmpty ? 'The transfers appear' : 'The list below is old; it is brought up to date'} as soon as it is
          back.
        </p>
      </div>
    </div>`
  if (live.status !== 'unavailable') return undefined
  return html`<div class="notice warn" role="status">
    <div>This service sends no live events. The list is as of when it was loaded.</div>
    <button type="button" onClick=${onReload}>Load again</button>
  </div>`
}

function Rows({ live, now, stuckIds, isNarrow }) {
  if (live.transfers.length === 0)
    return html`<${Empty} title="All quiet">No transfer is under way. New ones appear here by themselves.</${Empty}>`
  return html`<h2>All under way <span class="count">newest first</span></h2>
    <section class="card list" aria-label="Transfers under way">
      ${!isNarrow && html`<${TransferRowHead} />`}
      <${VirtualList}
        rows=${live.transfers}
        rowHeight=${isNarrow ? rowHeight.narrow : rowHeight.wide}
        label="Transfers under way, newest first"
        renderRow=${(transfer) => html`<${TransferRow} transfer=${transfer} now=${now} isStuck=${stuckIds.has(transfer.id)} />`}
      />
    </section>`
}

export function LiveView() {
  const [live, setLive] = useState({ transfers: [], status: 'connecting', isLoading: true })
  const follower = useRef()
  const now = useNow()
  const isNarrow = useMedia('(max-width: 720px)')
  useEffect(() => {
    const abort = new AbortController()
    follower.current = followLive(setLive, abort.signal)
    return () => abort.abort()
  }, [])
  const { value: summary } = useLoaded((signal) => request('v1/transfers/summary', { signal }), [])
  const expected = useMemo(() => expectWait(summary), [summary])
  const toReturn = useRef(undefined)
  toReturn.current ??= createReturn() ?? null
  useEffect(() => returnToLink(toReturn.current), [live.transfers])
  const stuck = useMemo(() => listStuck(live.transfers, now, expected), [live.transfers, now, expected])
  const ids = useMemo(() => live.transfers.flatMap(listIds), [live.transfers])
  useNames(ids, learnNames)
  const count = useMemo(() => countStates(live.transfers), [live.transfers])
  const reload = () => follower.current.reload()
  const isReady = !live.isLoading && (!live.error || live.transfers.length > 0)
  return html`<${Heading} title="Live">
      <span class="status ${live.status}" role="status">${statusTexts[live.status]}</span>
    </${Heading}>
    <${Connection} live=${live} onReload=${reload} />
    ${live.isLoading && live.status !== 'lost' && html`<${Loading} what="Loading the transfers" />`}
    ${
      isReady &&
      html`<dl class="tiles">
        <${Tile} label="Under way" value=${formatCount(count(...openStates))} />
        <${Tile} label="Being moved" value=${formatCount(count('accepted', 'executing', 'decided'))} />
        <${Tile} label="Waiting for pickup" value=${formatCount(count('initiated'))} />
        <${Tile}
          label="Stuck"
          value=${formatCount(stuck.ids.size)}
          tone=${stuck.counts.indeterminate > 0 ? 'bad' : stuck.ids.size > 0 ? 'warn' : 'good'}
          note=${describeCounts(stuck.counts)}
        />
      </dl>`
    }
    ${isReady && live.isCut && html`<${Notice} tone="warn">More than 10,000 transfers are under way. The newest are shown.</${Notice}>`}
    ${
      isReady &&
      stuck.ids.size > 0 &&
      html`<section aria-labelledby="stuck-title">
        <h2 id="stuck-title">Stuck: needs a look</h2>
        <ul class="stuck-cards">
          ${stuck.entries.slice(0, mostStuck).map((entry) => html`<${StuckCard} key=${entry.transfer.id} ...${{ ...entry, now, expected }} />`)}
        </ul>
        ${stuck.entries.length > mostStuck && html`<p class="lead">The others are marked in the list below.</p>`}
      </section>`
    }
    ${isReady && html`<${Rows} ...${{ live, now, stuckIds: stuck.ids, isNarrow }} />`}`
}
