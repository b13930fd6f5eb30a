/** What was considered for a call, in order: which place takes it, and why the others do not. */
import { html } from '../html.js'
import { describeMessage, describePathEntry } from '../names.js'

const reasons = {
  closed: 'closed',
  wait_too_long: 'wait too long',
  not_available: 'nobody available',
  visited_before: 'was there before',
  number_unknown: 'number unknown',
}

export const Considered = ({ entries }) =>
  html`<ol class="considered">
    ${entries.map(
      ({ place, taken, reason, message, estimatedWaitSeconds, opensAt, warnings }) =>
        html`<li class=${taken ? 'taken' : ''}>
          <span class="badge ${taken ? 'good' : 'quiet'}">${taken ? 'takes the call' : (reasons[reason] ?? reason ?? 'not needed')}</span>
          <div>
            <strong>${describePathEntry(place)}</strong>
            ${message && html`<p>${describeMessage(message)}</p>`} ${opensAt && html`<p>Opens ${new Date(opensAt).toLocaleString()}</p>`}
            ${estimatedWaitSeconds !== null && html`<p>Estimated wait ${estimatedWaitSeconds} s</p>`}
            ${warnings.map((warning) => html`<p class="warning">${warning}</p>`)}
          </div>
        </li>`,
    )}
  </ol>`
