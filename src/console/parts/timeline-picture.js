/** What happened to a transfer as a picture: stages, hops, offers and deliveries on one time axis. */
import { formatDuration, states } from '../format.js'
import { useMedia } from '../hooks.js'
import { html } from '../html.js'
import { describeTarget } from '../names.js'

const stageNames = {
  accepted: 'Checking',
  executing: 'Being moved',
  decided: 'Waiting for the flow',
  initiated: 'Waiting for pickup',
  indeterminate: 'Unclear',
}
const steps = [0.1, 0.25, 0.5, 1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 1_800, 3_600, 7_200, 21_600, 86_400, 604_800].map(
  (seconds) => seconds * 1_000,
)

/** The state of the transfer over time: from each audit entry that names a state to the next one. */
function listStages({ state, updatedAt }, items, end) {
  const audited = items.filter(({ kind, status }) => kind === 'audit' && states[status])
  const changes = audited.at(-1)?.status === state ? audited : [...audited, { at: updatedAt, status: state }]
  return changes.flatMap(({ at, status }, index) => {
    const to = changes[index + 1] ? Date.parse(changes[index + 1].at) : end
    return stageNames[status] ? [{ from: Date.parse(at), to, label: stageNames[status], tone: states[status].tone }] : []
  })
}

const listHops = ({ hops }, end) =>
  hops.flatMap(({ number, resolvedTarget, initiatedAt, endedAt, outcome }) =>
    initiatedAt
      ? [
          {
            from: Date.parse(initiatedAt),
            to: endedAt ? Date.parse(endedAt) : end,
            label: `${number}. ${describeTarget(resolvedTarget)}`,
            tone: outcome ? (outcome === 'overflowed' ? 'quiet' : states[outcome].tone) : 'accent',
          },
        ]
      : [],
  )

/** Offers that agents did not take, and pickups. */
const listRings = (items) =>
  items
    .filter(({ kind, status }) => kind === 'audit' && ['bounced', 'picked_up', 'late_pickup'].includes(status))
    .map(({ at, status }) => ({
      at: Date.parse(at),
      label: status === 'bounced' ? 'Not taken' : 'Picked up',
      tone: status === 'bounced' ? 'warn' : 'good',
    }))

const isDelivered = ({ status }) => status >= 200 && status < 300
const listDeliveries = (items) =>
  items
    .filter(({ delivery }) => delivery?.attempt)
    .map(({ at, delivery: { type, attempt } }) => ({
      at: Date.parse(at),
      label: `${type.replace('transfer.', '').replaceAll('_', ' ')}${isDelivered(attempt) ? '' : ', not delivered'}`,
      tone: isDelivered(attempt) ? 'good' : 'bad',
    }))

/** Marks get their label beside them where no other mark is in the way; `room` is what a label takes, as a share of the axis. */
const labelMarks = (marks, share, room) =>
  marks.map((mark, index) => {
    const next = marks[index + 1] ? share(marks[index + 1].at) : 1
    return { ...mark, hasLabel: next - share(mark.at) > room }
  })

function Lane({ title, bars = [], marks = [], place }) {
  if (bars.length + marks.length === 0) return undefined
  return html`<div class="lane">
    <span class="lane-title">${title}</span>
    <div class="lane-track">
      ${bars.map(
        ({ from, to, label, tone }) =>
          html`<span
            class="bar ${tone}"
            title="${label}: ${formatDuration(to - from)}"
            style=${{ left: place(from), width: `calc(${place(to)} - ${place(from)})` }}
          >
            <span>${label}</span>
          </span>`,
      )}
      ${marks.map(
        ({ at, label, tone, hasLabel }) =>
          html`<span class="mark ${tone}" title=${label} style=${{ left: place(at) }}></span
            >${hasLabel && html`<span class="mark-label" style=${{ left: place(at) }}>${label}</span>`}`,
      )}
    </div>
  </div>`
}

/** @param items the timeline; @param now epoch ms, where the bars of a transfer that is not over end */
export function TimelinePicture({ transfer, items, now, isOver }) {
  const isNarrow = useMedia('(max-width: 720px)')
  const start = Date.parse(transfer.createdAt)
  const known = items.filter(({ kind }) => kind !== 'delivery').map(({ at }) => Date.parse(at))
  const end = Math.max(start + 200, isOver ? Math.max(...known, start) : now)
  // Deliveries may be tried for days: those that come much later are at the edge.
  const last = Math.min(end + (end - start) * 0.5, Math.max(end, ...listDeliveries(items).map(({ at }) => at)))
  const span = (last - start) * (isNarrow ? 1.3 : 1.14)
  const share = (at) => Math.max(0, Math.min(1, (at - start) / span))
  const place = (at) => `${(share(at) * 100).toFixed(2)}%`
  const labeled = (marks) => labelMarks(marks, share, isNarrow ? 0.3 : 0.12)
  const step = steps.find((candidate) => span / candidate <= (isNarrow ? 3 : 6)) ?? steps.at(-1)
  const ticks = Array.from({ length: Math.floor((span * 0.94) / step) + 1 }, (_, index) => index * step)
  const hops = listHops(transfer, end)
  const description = `Time axis of ${formatDuration(span)}. ${hops.map(({ label, from, to }) => `Hop ${label}, ${formatDuration(to - from)}`).join('; ')}`
  return html`<figure class="picture" role="img" aria-label=${description}>
    <${Lane} title="Stages" bars=${listStages(transfer, items, end)} place=${place} />
    <${Lane} title="Hops" bars=${hops} place=${place} />
    <${Lane} title="Offers" marks=${labeled(listRings(items))} place=${place} />
    <${Lane} title="Webhooks" marks=${labeled(listDeliveries(items))} place=${place} />
    <div class="lane axis">
      <span class="lane-title"></span>
      <div class="lane-track">
        ${ticks.map((tick) => html`<span class="tick" style=${{ left: place(start + tick) }}>${tick === 0 ? '0' : formatDuration(tick).replace('.0 s', ' s')}</span>`)}
      </div>
    </div>
  </figure>`
}
