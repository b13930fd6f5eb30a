/** The calls of a bulk transfer, or of its dry run, in the order in which they are moved. */
import { states } from '../format.js'
import { html } from '../html.js'
import { describeTarget, shortId } from '../names.js'
import { linkTo } from '../router.js'
import { Time } from './pieces.js'
import { VirtualList } from './virtual-list.js'

const rowHeight = 60
const tones = { pending: 'quiet', moving: 'info', moved: 'good', left: 'quiet', refused: 'bad', unknown: 'bad', cancelled: 'quiet' }

const describe = ({ message, code, resolvedTarget, transferState }) =>
  message ??
  code ??
  (resolvedTarget ? `to ${describeTarget(resolvedTarget)}` : transferState ? states[transferState].label.toLowerCase() : '')

function Call({ call }) {
  const { position, conversationId, waitingSince, priority, state, wouldMove, transferId } = call
  const label = state ?? (wouldMove ? 'would move' : 'stays')
  const tone = state ? tones[state] : wouldMove ? 'good' : 'warn'
  return html`<a class="bulk-call" href=${transferId ? linkTo(`transfers/${transferId}`) : linkTo('search', { conversationId })}>
    <span class="position">${position}</span>
    <span class="badge ${tone}">${label}</span>
    <span class="what"><strong>${shortId(conversationId)}</strong><small>${describe(call)}</small></span>
    <span class="since"
      ><span>since <${Time} value=${waitingSince} /></span><small>priority ${priority}</small></span
    >
  </a>`
}

export const BulkCalls = ({ calls, label }) =>
  html`<div class="bulk-calls">
    <${VirtualList}
      rows=${calls.map((call) => ({ ...call, id: call.conversationId }))}
      rowHeight=${rowHeight}
      label=${label}
      renderRow=${(call) => html`<${Call} call=${call} />`}
    />
  </div>`
