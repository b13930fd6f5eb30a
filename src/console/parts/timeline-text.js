/** What happened to a transfer as text: one line for each thing, in order. */
import { useState } from 'preact/hooks'
import { formatDuration, states } from '../format.js'
import { html } from '../html.js'
import { describeTarget } from '../names.js'
import { describeDetail, describeStatus } from '../words/audit-entry.js'
import { Time } from './pieces.js'

/** What says nothing to people who look for what happened to a call; it is there with all details. */
const technical = new Set([
  'mode',
  'from',
  'context',
  'attributes',
  'readAges',
  'availabilityAgeMs',
  'summaryLength',
  'targetType',
  'deliveryId',
  'endpoint',
  'eventId',
])
const isFirst = (name, value) => name === 'attempt' && value === 1
const formatDetail = (detail, isDetailed) =>
  Object.entries(detail ?? {})
    .filter(([name, value]) => value !== null && value !== '' && (isDetailed || !(technical.has(name) || isFirst(name, value))))
    .map(([name, value]) => describeDetail(name, value))
    .join(' · ')

/** Each kind of thing: its tone, its title, and more about it. */
const describers = {
  audit: ({ status, audit }, isDetailed) => ({
    tone: states[status]?.tone ?? 'quiet',
    title: audit.detail?.settledBy ? `Settled: ${describeStatus(status).toLowerCase()}` : describeStatus(status),
    more: [
      audit.code,
      audit.caller && (isDetailed || status === 'accepted') && `by ${audit.caller}`,
      formatDetail(audit.detail, isDetailed),
    ],
  }),
  hop: ({ status, hop }) => ({
    tone: 'accent',
    title: status === 'started' ? `Hop ${hop.number} began` : `Hop ${hop.number}: ${describeStatus(status).toLowerCase()}`,
    more: [describeTarget(hop.resolvedTarget)],
  }),
  delivery: ({ delivery: { type, attempt, endpoint } }, isDetailed) => ({
    tone: !attempt ? 'quiet' : attempt.status >= 200 && attempt.status < 300 ? 'good' : 'bad',
    title: attempt ? 'Webhook sent' : 'Webhook queued',
    more: [
      type,
      attempt && (attempt.status ? `answered ${attempt.status}` : attempt.error),
      attempt && formatDuration(attempt.durationMs),
      isDetailed && endpoint,
    ],
  }),
}

/** The audit trail has what became of each webhook, too. */
const isRepeated = ({ kind, status }) => kind === 'audit' && status.startsWith('delivery')

export function TimelineText({ items, start }) {
  const [isDetailed, setDetailed] = useState(false)
  return html`<label class="all-details">
      <input type="checkbox" checked=${isDetailed} onChange=${(event) => setDetailed(event.currentTarget.checked)} /> All details
    </label>
    <ol class="events">
      ${items
        .filter((item) => isDetailed || !isRepeated(item))
        .map((item) => {
          const { tone, title, more } = describers[item.kind](item, isDetailed)
          return html`<li class=${tone}>
            <span class="event-time"
              ><${Time} value=${item.at} /><small>+${formatDuration(Math.max(0, Date.parse(item.at) - start))}</small></span
            >
            <div>
              <strong>${title}</strong>
              <p>${more.filter(Boolean).join(' · ')}</p>
            </div>
          </li>`
        })}
    </ol>`
}
