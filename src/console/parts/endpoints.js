/** The webhook endpoints of the CRM: whether they answer, and how far they are behind. */
import { formatCount, formatWait } from '../format.js'
import { html } from '../html.js'
import { Time } from './pieces.js'

const healthOf = ({ pausedAt, failingSince, origin }) =>
  pausedAt ? ['bad', 'paused'] : failingSince ? ['warn', 'failing'] : origin ? ['good', 'fine'] : ['quiet', 'not configured']

function Endpoint({ endpoint }) {
  const { id, origin, pending, oldestPendingAt, failingSince, failures, nextProbeAt } = endpoint
  const [tone, label] = healthOf(endpoint)
  return html`<li>
    <span class="badge ${tone}">${label}</span>
    <div>
      <strong>${origin ?? id}</strong>
      <p>
        ${pending === 0 ? 'Nothing is pending.' : `${formatCount(pending)} pending, ${formatWait(Date.now() - Date.parse(oldestPendingAt))} behind.`}
        ${failingSince && html` ${formatCount(failures)} attempts have failed since <${Time} value=${failingSince} />.`}
        ${nextProbeAt && html` Next try at <${Time} value=${nextProbeAt} />.`}
      </p>
    </div>
  </li>`
}

export const Endpoints = ({ endpoints }) =>
  endpoints.length === 0
    ? html`<p class="lead">No webhooks are configured: the CRM is told nothing.</p>`
    : html`<ul class="deliveries">
        ${endpoints.map((endpoint) => html`<${Endpoint} key=${endpoint.id} endpoint=${endpoint} />`)}
      </ul>`
