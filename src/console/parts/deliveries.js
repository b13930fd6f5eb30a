/** What the CRM was told about a transfer, and telling it again. */
import { request } from '../api.js'
import { useAction } from '../hooks.js'
import { html } from '../html.js'
import { may } from '../session.js'
import { Time } from './pieces.js'

const tones = { delivered: 'good', pending: 'info', exhausted: 'bad', refused: 'bad' }

function Delivery({ delivery: { id, type, state, attempts, createdAt, nextAttemptAt }, onDone }) {
  const again = useAction(async () => {
    await request(`v1/webhook-deliveries/${id}/redeliver`, { method: 'POST' })
    onDone()
  })
  return html`<li>
    <span class="badge ${tones[state] ?? 'quiet'}">${state}</span>
    <div>
      <strong>${type}</strong>
      <p>
        <${Time} value=${createdAt} /> · ${attempts.length} ${attempts.length === 1 ? 'attempt' : 'attempts'}
        ${nextAttemptAt && html` · next at <${Time} value=${nextAttemptAt} />`}
      </p>
      ${again.error && html`<p class="form-error" role="alert">${again.error.message}</p>`}
    </div>
    ${
      may('webhooks:write') &&
      html`<button type="button" disabled=${again.isRunning} aria-label="Send again: ${type}" onClick=${again.run}>Send again</button>`
    }
  </li>`
}

export const Deliveries = ({ deliveries, onDone }) =>
  deliveries.length === 0
    ? html`<p class="lead">The CRM was told nothing about this transfer.</p>`
    : html`<ul class="deliveries">
        ${deliveries.map((delivery) => html`<${Delivery} key=${delivery.id} delivery=${delivery} onDone=${onDone} />`)}
      </ul>`
