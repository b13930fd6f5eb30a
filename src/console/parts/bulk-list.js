/** The bulk transfers that run or are paused, and the last ones that are over, each as a link to its progress. */
import { useEffect, useMemo } from 'preact/hooks'
import { request, withNames } from '../api.js'
import { formatCount } from '../format.js'
import { useLoaded, useNames } from '../hooks.js'
import { html } from '../html.js'
import { describeTarget, listIds, nameOf } from '../names.js'
import { linkTo } from '../router.js'
import { Empty, Failure, Loading, Time } from './pieces.js'

const states = {
  running: { label: 'Moving calls', tone: 'info' },
  paused: { label: 'Paused', tone: 'warn' },
  done: { label: 'Done', tone: 'good' },
  cancelled: { label: 'Canceled', tone: 'quiet' },
}
const openStates = 'running,paused'
/** How many that are over are shown. */
const lastCount = 5
/** While a bulk transfer runs, the list is read again after this time, ms. */
const rereadMs = 5_000

async function readLists(signal) {
  const read = (state, limit) => request('v1/bulk-transfers', { query: { state, limit, ...withNames }, signal })
  const [open, last] = await Promise.all([read(openStates, 100), read('done,cancelled', lastCount)])
  return { open: open.bulkTransfers, last: last.bulkTransfers }
}

function Row({ bulk: { id, state, fromQueueId, target, counts, createdAt, message } }) {
  const { label, tone } = states[state]
  const total = Object.values(counts).reduce((sum, count) => sum + count, 0)
  return html`<li>
    <span class="badge ${tone}">${label}</span>
    <div>
      <strong><a href=${linkTo(`bulk/${id}`)}>${nameOf(fromQueueId)} → ${describeTarget(target)}</a></strong>
      <p>Moved ${formatCount(counts.moved)} of ${formatCount(total)} · requested <${Time} value=${createdAt} /></p>
      ${message && html`<p>${message}</p>`}
    </div>
  </li>`
}

const Rows = ({ title, id, bulks }) =>
  bulks.length > 0 &&
  html`<section class="card" aria-labelledby=${id}>
    <h2 id=${id}>${title}</h2>
    <ul class="deliveries">
      ${bulks.map((bulk) => html`<${Row} key=${bulk.id} bulk=${bulk} />`)}
    </ul>
  </section>`

export function BulkList() {
  const { value, error, reload } = useLoaded(readLists, [])
  const ids = useMemo(
    () => [...(value?.open ?? []), ...(value?.last ?? [])].flatMap((bulk) => [bulk.fromQueueId, ...listIds(bulk)]),
    [value],
  )
  useNames(ids, readLists)
  const isRunning = value?.open.some(({ state }) => state === 'running') ?? false
  useEffect(() => {
    if (!isRunning) return undefined
    const timer = setInterval(() => document.hidden || reload(), rereadMs)
    return () => clearInterval(timer)
  }, [isRunning])
  if (!value) return error ? html`<${Failure} error=${error} onRetry=${reload} />` : html`<${Loading} what="Loading the bulk transfers" />`
  const { open, last } = value
  if (open.length + last.length === 0)
    return html`<${Empty} title="No bulk transfer yet">Those that run, are paused or are over will be listed here.</${Empty}>`
  return html`${error && html`<${Failure} error=${error} onRetry=${reload} />`}
    <${Rows} title="Running and paused" id="bulk-open" bulks=${open} />
    <${Rows} title="The last ones" id="bulk-last" bulks=${last} />`
}
