/** What a dry run of a bulk transfer has found: what would happen to each call, and what can be done now. */
import { formatCount } from '../format.js'
import { html } from '../html.js'
import { describeTarget, nameOf } from '../names.js'
import { BulkCalls, passingReasons } from './bulk-calls.js'
import { Empty, Notice } from './pieces.js'

/** Whether more calls will be moved than the dry run lists: the platform lists the oldest only, and the queue is read again later. */
export const movesMore = ({ calls, isTruncated, limit }) => isTruncated && calls.length < limit

/** How many calls would be moved, how many could not be checked, and the codes of those. */
function countCalls(calls) {
  const unchecked = calls.filter(({ wouldMove, code }) => !wouldMove && code in passingReasons)
  return {
    movable: calls.filter(({ wouldMove }) => wouldMove).length,
    unchecked: unchecked.length,
    codes: [...new Set(unchecked.map(({ code }) => code))],
  }
}

function Unchecked({ calls, unchecked, codes }) {
  const which = unchecked === calls.length ? 'None of these calls could be checked' : `${formatCount(unchecked)} could not be checked`
  return html`<${Notice} tone="warn">
    <strong>${which}: ${codes.map((code) => passingReasons[code]).join('; ')}</strong>
    <p>Look again in a moment, or move them now: a bulk transfer checks each call itself, and goes on by itself when this has passed.</p>
  </${Notice}>`
}

/** @param onStart called when the calls are to be moved; @param onCheckAgain called when the dry run is to be made again */
export function BulkDryRun({ dryRun, onStart, onCheckAgain }) {
  const { calls, fromQueueId, target, limit } = dryRun
  const hasMore = movesMore(dryRun)
  const { movable, unchecked, codes } = countCalls(calls)
  if (calls.length === 0) return html`<${Empty} title="No call waits there">Nothing is to be moved from ${nameOf(fromQueueId)}.</${Empty}>`
  const all = `${hasMore ? 'the first ' : ''}${formatCount(calls.length)} calls`
  return html`<section class="card outcome" aria-labelledby="bulk-outcome">
    <h2 id="bulk-outcome">
      ${
        movable === 0 && unchecked === calls.length
          ? `It is not known yet which of ${all} would go to ${describeTarget(target)}`
          : `${formatCount(movable)} of ${all} would go to ${describeTarget(target)}`
      }
    </h2>
    ${hasMore && html`<${Notice} tone="warn">More calls wait there than these. They are moved, too, ${formatCount(limit)} calls at most.</${Notice}>`}
    ${unchecked > 0 && html`<${Unchecked} ...${{ calls, unchecked, codes }} />`}
    <${BulkCalls} calls=${calls} label="What would happen to each call" />
    <div class="buttons">
      ${unchecked > 0 && html`<button type="button" onClick=${onCheckAgain}>Look again</button>`}
      ${
        movable + unchecked > 0 &&
        html`<button type="button" class="primary" onClick=${onStart}>
          Move ${hasMore ? 'all' : formatCount(movable + unchecked)} calls…
        </button>`
      }
    </div>
  </section>`
}
