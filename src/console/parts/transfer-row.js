/** One transfer as a row of a list. The whole row is a link to it. */
import { formatWait, isOpen, waitOf } from '../format.js'
import { html } from '../html.js'
import { describePlace, shortId } from '../names.js'
import { linkTo } from '../router.js'
import { Badge, Time } from './pieces.js'

/** Height of a row, px; on a phone it has two lines. */
export const rowHeight = { wide: 52, narrow: 76 }

const columns = ['State', 'Target', 'Reason or code', 'Wait', 'Hop', 'Since', 'Conversation']

export const TransferRowHead = () =>
  html`<div class="row head" aria-hidden="true">${columns.map((column) => html`<span>${column}</span>`)}</div>`

export function TransferRow({ transfer, now, isStuck }) {
  const { id, state, code, reason, hops = [], createdAt, conversationId, mode } = transfer
  return html`<a class="row ${isStuck ? 'stuck' : ''} ${isOpen(transfer) ? '' : 'over'}" href=${linkTo(`transfers/${id}`)}>
    <span class="cell-state"><${Badge} state=${state} /></span>
    <span class="cell-target">${describePlace(transfer)}</span>
    <span class="cell-reason">${reason ?? code ?? (mode === 'decide' ? 'moved by the flow' : '–')}</span>
    <span class="cell-wait">${formatWait(waitOf(transfer, now))}</span>
    <span class="cell-hop">${hops.length || '–'}</span>
    <span class="cell-since"><${Time} value=${createdAt} /></span>
    <span class="cell-id" title=${conversationId}>${shortId(conversationId)}</span>
  </a>`
}
