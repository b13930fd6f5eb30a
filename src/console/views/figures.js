/** How it goes: outcomes over time, pickups, refusals, queues and reasons; the platform's headroom; the webhook endpoints. */
import { useMemo } from 'preact/hooks'
import { request } from '../api.js'
import { learnQueueNames, listCodes, outcomes, readBars, readDay, readHeadroom } from '../figures.js'
import { formatCount, formatDuration, formatShare, formatTime } from '../format.js'
import { useLoaded, useNames } from '../hooks.js'
import { html } from '../html.js'
import { nameOf } from '../names.js'
import { BarChart } from '../parts/bar-chart.js'
import { Endpoints } from '../parts/endpoints.js'
import { Empty, Failure, Heading, Loading } from '../parts/pieces.js'
import { linkTo } from '../router.js'

/** A card that loads by itself, so that one failure leaves the others as they are. */
function Card({ title, id, loaded, children }) {
  return html`<section class="card" aria-labelledby=${id}>
    <h2 id=${id}>${title}</h2>
    ${loaded.error ? html`<${Failure} error=${loaded.error} onRetry=${loaded.reload} />` : loaded.value ? children(loaded.value) : html`<${Loading} what="Loading ${title}" />`}
  </section>`
}

const Compared = ({ label, now, before, format }) =>
  html`<div class="tile">
    <dt>${label}</dt>
    <dd>${format(now)}</dd>
    <dd class="before">${format(before)} a week ago</dd>
  </div>`

const Totals = ({ day: { today, lastWeek } }) =>
  html`<dl class="tiles">
    <${Compared} label="Transfers today" now=${today.total} before=${lastWeek.total} format=${formatCount} />
    <${Compared} label="Pickup rate" now=${today.pickupRate} before=${lastWeek.pickupRate} format=${formatShare} />
    <${Compared} label="Picked up after (median)" now=${today.pickupMs.p50} before=${lastWeek.pickupMs.p50} format=${formatDuration} />
    <${Compared} label="Moved within (95%)" now=${today.latencyMs.p95} before=${lastWeek.latencyMs.p95} format=${formatDuration} />
  </dl>`

function Codes({ counts }) {
  const entries = listCodes(counts)
  if (entries.length === 0) return html`<p class="lead">No refusals and no failures today.</p>`
  const most = entries[0][1]
  return html`<ul class="meters">
    ${entries.map(
      ([code, count]) =>
        html`<li>
          <a href=${linkTo('search', { code })}>${code}</a><span>${formatCount(count)}</span>
          <i style=${{ width: `${(count / most) * 100}%` }}></i>
        </li>`,
    )}
  </ul>`
}

/** @param none what stands for the transfers without a value */
function Groups({ title, groups, none, linkOf }) {
  if (groups.length === 0) return html`<p class="lead">Nothing today.</p>`
  return html`<div class="table-box" role="region" aria-label=${title} tabindex="0">
    <table>
      <thead>
        <tr>
          <th scope="col">${title}</th>
          <th scope="col">Transfers</th>
          <th scope="col">Picked up</th>
        </tr>
      </thead>
      <tbody>
        ${groups.slice(0, 12).map(
          ({ value, total, pickupRate }) =>
            html`<tr>
              <th scope="row">${value === null ? none : html`<a href=${linkOf(value)} title=${value}>${nameOf(value)}</a>`}</th>
              <td>${formatCount(total)}</td>
              <td>${formatShare(pickupRate)}</td>
            </tr>`,
        )}
      </tbody>
    </table>
  </div>`
}

function Headroom({ limit, used = 0, waiting = 0, breaker = 0 }) {
  if (breaker > 0) return html`<p class="notice bad">The platform counts as down: it does not answer this node.</p>`
  if (!limit) return html`<p class="lead">Nothing has been asked of the platform yet.</p>`
  return html`<p class="lead">
      ${formatCount(used)} of ${formatCount(limit)} requests in the last
      minute${waiting === 0 ? '; none waits' : `; ${formatCount(waiting)} wait`}.
    </p>
    <meter min="0" max=${limit} low=${limit * 0.7} high=${limit * 0.9} optimum="0" value=${used} aria-label="Requests of the last minute">
      ${formatShare(used / limit)}
    </meter>`
}

export function FiguresView() {
  const bars = useLoaded((signal) => readBars(new Date(), signal), [])
  const day = useLoaded((signal) => readDay(new Date(), signal), [])
  const headroom = useLoaded(readHeadroom, [])
  const endpoints = useLoaded((signal) => request('v1/webhook-endpoints', { signal }), [])
  const queueIds = useMemo(() => (day.value?.queues ?? []).flatMap(({ value }) => value ?? []), [day.value])
  useNames(queueIds, (signal) => learnQueueNames(day.value, signal))
  const reload = () => [bars, day, headroom, endpoints].forEach((loaded) => loaded.reload())
  const isEmpty = day.value?.today.total === 0 && day.value.lastWeek.total === 0
  const all = [bars, day, headroom, endpoints]
  const heading = html`<${Heading} title="How it goes"
    ><span class="export-label">${day.value && `Today until ${formatTime(day.value.now)}`}</span
    ><button type="button" onClick=${reload}>Load again</button></${Heading}
  >`
  if (all.every(({ error, value }) => error && !value)) return html`${heading}<${Failure} error=${day.error} onRetry=${reload} />`
  return html`${heading}
    ${day.error ? html`<${Failure} error=${day.error} onRetry=${day.reload} />` : day.value ? html`<${Totals} day=${day.value} />` : html`<${Loading} what="Loading today" />`}
    ${isEmpty && html`<${Empty} title="No transfers today">The figures fill up as calls are moved.</${Empty}>`}
    <${Card} title="Outcomes today" id="outcomes" loaded=${bars}>
      ${(value) => html`<${BarChart} title="Outcomes of the transfers of each two hours" series=${outcomes} bars=${value} />`}
    </${Card}>
    <div class="grid">
      <${Card} title="Codes of refusals and failures" id="codes" loaded=${day}>${({ today }) => html`<${Codes} counts=${today.byCode} />`}</${Card}>
      <div>
        <${Card} title="Requests to the platform" id="platform" loaded=${headroom}>${(value) => html`<${Headroom} ...${value} />`}</${Card}>
        <${Card} title="Webhook endpoints" id="endpoints" loaded=${endpoints}>
          ${(value) => html`<${Endpoints} endpoints=${value.endpoints} />`}
        </${Card}>
      </div>
      <${Card} title="Queues" id="queues" loaded=${day}>
        ${({ queues }) => html`<${Groups} title="Queue" none="No queue (agents, numbers)" groups=${queues} linkOf=${(queueId) => linkTo('search', { queueId })} />`}
      </${Card}>
      <${Card} title="Reasons" id="reasons" loaded=${day}>
        ${({ reasons }) => html`<${Groups} title="Reason" none="No reason given" groups=${reasons} linkOf=${(reason) => linkTo('search', { reason })} />`}
      </${Card}>
    </div>`
}
