/** The calls of a bulk transfer, or of its dry run, in the order in which they are moved. */
import { states } from '../format.js'
import { html } from '../html.js'
import { describeTarget, shortId } from '../names.js'
import { linkTo } from '../router.js'
import { Time } from './pieces.js'
import { VirtualList } from './virtual-list.js'

const rowHeight = 60

/** The states of a call in a bulk transfer, in the order in which they are summed up. */
export const callStates = {
  moved: { label: 'moved', tone: 'good' },
  moving: { label: 'being moved', tone: 'info' },
  refused: { label: 'refused', tone: 'bad' },
  unknown: { label: 'unclear', tone: 'bad' },
  left: { label: 'left alone', tone: 'quiet' },
  cancelled: { label: 'canceled', tone: 'quiet' },
  pending: { label: 'pending', tone: 'rest' },
}

/** Why a call could not be checked, by the code. A bulk transfer waits until that has passed, and goes on by itself. */
export const passingReasons = {
  RATE_LIMITED: 'the platform takes no more requests for the moment',
  GENESYS_UNAVAILABLE: 'the platform does not answer',
  OVERLOADED: 'the service is busy',
  EXPIRED: 'there was no time left',
}

const describe = ({ message, code, resolvedTarget, transferState }) =>
  message ??
  code ??
  (resolvedTarget ? `to ${describeTarget(resolvedTarget)}` : transferState ? states[transferState].label.toLowerCase() : '')

function Call({ call }) {
  const isChecked = !(call.code in passingReasons)
  const { position, conversationId, waitingSince, priority, state, wouldMove, transferId } = call
  const checked = wouldMove
    ? { label: 'would move', tone: 'good' }
    : isChecked
      ? { label: 'stays', tone: 'warn' }
      : { label: 'not checked', tone: 'quiet' }
  const { label, tone } = state ? callStates[state] : checked
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
