/** One transfer: what it is, what can be done about it, and what happened, as a picture and as text. */
import { useEffect, useMemo, useState } from 'preact/hooks'
import { expectWait, explainStuck } from '../advice.js'
import { request, withNames } from '../api.js'
import { formatDuration, isOpen, states } from '../format.js'
import { useLoaded, useNames, useNow } from '../hooks.js'
import { html } from '../html.js'
import { describeMeaning } from '../words/meaning.js'
import { describePlace, describeTarget, listIds, nameOf } from '../names.js'
import { Considered } from '../parts/considered.js'
import { Deliveries } from '../parts/deliveries.js'
import { Badge, Fact, Failure, Heading, Loading, Time, WholeId } from '../parts/pieces.js'
import { TimelinePicture } from '../parts/timeline-picture.js'
import { TimelineText } from '../parts/timeline-text.js'
import { PriorityDialog, SettleDialog } from '../parts/transfer-actions.js'
import { goTo, linkTo } from '../router.js'
import { may } from '../session.js'
import { followTransfers } from '../stream.js'

async function load(id, signal) {
  const [transfer, { items }, { deliveries }] = await Promise.all([
    request(`v1/transfers/${id}`, { query: withNames, signal }),
    request(`v1/transfers/${id}/timeline`, { signal }),
    request('v1/webhook-deliveries', { query: { transferId: id, limit: 200 }, signal }),
  ])
  return { transfer, items, deliveries }
}

const canSettle = ({ state }) => state === 'indeterminate' && may('transfers:settle')
const canChangePriority = ({ state, resolvedTarget }) =>
  state === 'initiated' && ['queue', 'skill'].includes(resolvedTarget?.type) && may('transfers:write')

/** While it is not known where a call is, the service does not move it. */
const canMove = ({ state }) => state === 'initiated' && may('transfers:write')

function Facts({ transfer }) {
  const {
    id,
    conversationId,
    target,
    resolvedTarget,
    reason,
    summary,
    priority,
    requestedBy,
    createdAt,
    latencyMs,
    pickupMs,
    agentUserId,
    bounces,
  } = transfer
  return html`<dl class="facts">
    <${Fact} label="Asked for">${describeTarget(target)}</${Fact}>
    <${Fact} label="Goes to">${resolvedTarget ? `${describeTarget(resolvedTarget)}${resolvedTarget.usedFallback ? ' (fallback)' : ''}` : '–'}</${Fact}>
    <${Fact} label="Reason">${reason ?? '–'}</${Fact}>
    <${Fact} label="Priority">${resolvedTarget?.priority ?? priority}</${Fact}>
    <${Fact} label="Requested"><${Time} value=${createdAt} /> by ${requestedBy}</${Fact}>
    <${Fact} label="Moved after">${formatDuration(latencyMs)}</${Fact}>
    <${Fact} label="Picked up after">${formatDuration(pickupMs)}${agentUserId ? html` by <span title=${agentUserId}>${nameOf(agentUserId)}</span>` : ''}</${Fact}>
    <${Fact} label="Offers not taken">${bounces}</${Fact}>
    <${Fact} label="Conversation">
      <${WholeId} id=${conversationId} what="conversation" />
      <a class="beside" href=${linkTo('search', { conversationId })}>All transfers of it</a>
    </${Fact}>
    <${Fact} label="Transfer"><${WholeId} id=${id} what="transfer" /></${Fact}>
    ${summary && html`<${Fact} label="Summary">${summary}</${Fact}>`}
  </dl>`
}

/** What an operator has said about the outcome, if that is how the transfer came into its state. A later hop may have the same state. */
function findSettlement({ state }, items) {
  const detail = items.findLast(({ kind, status }) => kind === 'audit' && status === state)?.audit.detail
  return detail?.settledBy ? detail : undefined
}

function Story({ transfer, items, advice }) {
  const settlement = findSettlement(transfer, items)
  return html`<section
    class="story ${advice && transfer.state !== 'indeterminate' ? 'warn' : states[transfer.state]?.tone}"
    aria-label="How it is"
  >
    <div><${Badge} state=${transfer.state} /> ${transfer.code && html`<code>${transfer.code}</code>`}</div>
    <p>${advice?.why ?? transfer.message ?? describeMeaning(transfer)}</p>
    ${advice && transfer.message && advice.action !== 'settle' && html`<p class="todo">${transfer.message}</p>`}
    ${settlement && html`<p class="todo">Settled by ${settlement.settledBy}${settlement.reason && `: ${settlement.reason}`}</p>`}
    ${advice && html`<p class="todo">${advice.todo}</p>`}
  </section>`
}

const above = html`<a href=${linkTo('')}>Live</a> / Transfer`

export function TransferView({ id, query }) {
  const loaded = useLoaded((signal) => load(id, signal), [id])
  const [dialog, setDialog] = useState()
  useEffect(() => setDialog(query.do), [query.do])
  const [status, setStatus] = useState('connecting')
  const now = useNow()
  useEffect(() => {
    const abort = new AbortController()
    void followTransfers({
      signal: abort.signal,
      onStatus: setStatus,
      // What changed between the first reading and the connection, or during a break, is in what is read now.
      onOpen: () => loaded.reload(),
      onChange: (changed) => changed.id === id && loaded.reload(),
    })
    return () => abort.abort()
  }, [id])
  const { value: summary } = useLoaded((signal) => request('v1/transfers/summary', { signal }), [])
  const { value, error, reload } = loaded
  const ids = useMemo(() => (value ? listIds(value.transfer) : []), [value])
  useNames(ids, (signal) => request(`v1/transfers/${id}`, { query: withNames, signal }))
  if (!value)
    return html`<${Heading}
        title="Transfer"
        above=${above}
      />${error ? html`<${Failure} error=${error} onRetry=${error.status === 404 ? undefined : reload} />` : html`<${Loading} what="Loading the transfer" />`}`
  const { transfer, items, deliveries } = value
  const advice = explainStuck(transfer, now, expectWait(summary), 0, may)
  const close = () => {
    setDialog(undefined)
    // Whoever has gone elsewhere meanwhile stays there.
    if (query.do && location.hash.startsWith(linkTo(`transfers/${id}`))) goTo(linkTo(`transfers/${id}`), true)
  }
  const done = () => {
    close()
    reload()
  }
  return html`<${Heading} title=${describePlace(transfer)} above=${above}>
      ${status === 'unavailable' && html`<button type="button" onClick=${reload}>Load again</button>`}
      ${canChangePriority(transfer) && html`<button type="button" onClick=${() => setDialog('priority')}>Priority…</button>`}
      ${canMove(transfer) && html`<a class="button" href=${linkTo('try', { conversationId: transfer.conversationId })}>Move elsewhere…</a>`}
      ${canSettle(transfer) && html`<button type="button" class="primary" onClick=${() => setDialog('settle')}>Settle…</button>`}
    </${Heading}>
    ${error && html`<${Failure} error=${error} onRetry=${reload} />`}
    <${Story} transfer=${transfer} items=${items} advice=${advice} />
    <section class="card" aria-labelledby="picture-title">
      <h2 id="picture-title">On one time axis</h2>
      <${TimelinePicture} transfer=${transfer} items=${items} now=${now} isOver=${!isOpen(transfer)} />
    </section>
    <div class="columns">
      <section class="card" aria-labelledby="events-title">
        <h2 id="events-title">What happened</h2>
        <${TimelineText} items=${items} start=${Date.parse(transfer.createdAt)} />
      </section>
      <div>
        <section class="card" aria-labelledby="facts-title"><h2 id="facts-title">The transfer</h2><${Facts} transfer=${transfer} /></section>
        ${
          transfer.considered.length > 0 &&
          html`<section class="card" aria-labelledby="considered-title">
            <h2 id="considered-title">Considered</h2>
            <${Considered} entries=${transfer.considered} />
          </section>`
        }
        <section class="card" aria-labelledby="deliveries-title">
          <h2 id="deliveries-title">What the CRM was told</h2>
          <${Deliveries} deliveries=${deliveries} onDone=${reload} />
        </section>
      </div>
    </div>
    ${dialog === 'settle' && canSettle(transfer) && html`<${SettleDialog} transfer=${transfer} onDone=${done} onClose=${close} />`}
    ${dialog === 'priority' && canChangePriority(transfer) && html`<${PriorityDialog} transfer=${transfer} onDone=${done} onClose=${close} />`}`
}
