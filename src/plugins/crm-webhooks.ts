/** Runs one delivery worker for each webhook endpoint of the CRM. Without an endpoint no webhook is sent. */
import type { FastifyInstance } from 'fastify'
import fp from 'fastify-plugin'
import { v7 as uuid } from 'uuid'
import { InvalidSetting } from '../environment.ts'
import type { SelectProxy } from '../outbound/proxy-selector.ts'
import { eventTypes } from '../transfers/stages/crm-webhook.ts'
import { createDeliveryWorker } from '../webhooks/delivery-worker.ts'
import { createEndpoints, parseEndpointEvents, parseEndpointSecrets, wantsEvent, type Endpoint } from '../webhooks/endpoints.ts'
import { checkUrl } from '../webhooks/network-guard.ts'
import { parseNetworks } from '../model/formats/networks.ts'
import { createWebhookSender, type SendResult } from '../webhooks/webhook-sender.ts'
import { createSignatureHeaders } from '../webhooks/signature.ts'
import { epochMs } from '../model/clock.ts'

/** The settings CRM_WEBHOOK_URL, CRM_WEBHOOK_SECRET, CRM_WEBHOOK_EVENTS and WEBHOOK_ALLOWED_NETWORKS. */
export interface CrmWebhooksPluginOptions {
  urls: readonly string[]
  secrets: string | undefined
  events: string
  allowedNetworks: string
  selectProxy?: SelectProxy | undefined
}

export interface CrmWebhooks {
  readonly endpoints: readonly Endpoint[]
  /** The ids of the endpoints that receive events of this type. */
  endpointIdsFor(eventType: string): string[]
  /** Sends one event of type webhook.test and does not retry it. Like every delivery it is signed, and sent to allowed networks only. */
  sendTestEvent(endpoint: Endpoint, traceparent: string): Promise<SendResult & { id: string }>
}

function parseSetting<T>(setting: string, parse: () => T): T {
  try {
    return parse()
  } catch (error) {
    throw new InvalidSetting(setting, (error as Error).message)
  }
}

function configuredEndpoints({ urls, secrets = '', events }: CrmWebhooksPluginOptions): Endpoint[] {
  if (urls.length === 0) return []
  return createEndpoints(
    urls,
    parseSetting('CRM_WEBHOOK_SECRET', () => parseEndpointSecrets(secrets, urls.length)),
    parseSetting('CRM_WEBHOOK_EVENTS', () => parseEndpointEvents(events, urls.length, eventTypes)),
  )
}

async function crmWebhooksPlugin(app: FastifyInstance, options: CrmWebhooksPluginOptions): Promise<void> {
  const allowedNetworks = parseSetting('WEBHOOK_ALLOWED_NETWORKS', () => parseNetworks(options.allowedNetworks))
  const endpoints = configuredEndpoints(options)
  const sender = createWebhookSender({ allowedNetworks, selectProxy: options.selectProxy })
  for (const { id, url, origin } of endpoints) {
    const check = checkUrl(url, allowedNetworks)
    if (check.isAllowed) continue
    app.log.warn(
      { stage: 'webhook', endpoint: id, origin },
      `no webhook is sent to this endpoint, because the address in CRM_WEBHOOK_URL is refused: ${check.reason}; add its network to WEBHOOK_ALLOWED_NETWORKS, or use a public https address`,
    )
  }

  const { reassigned, unconfigured } = await app.ledger.registerEndpoints(endpoints.map(({ id }) => id))
  if (reassigned > 0)
    app.log.info(
      { stage: 'webhook', deliveries: reassigned },
      'the address of an endpoint was changed; its pending deliveries go to the new address',
    )
  for (const endpoint of unconfigured)
    app.log.warn({ stage: 'webhook', endpoint }, 'deliveries are pending for an endpoint that is no longer configured')

  const workers = endpoints.map((endpoint) =>
    createDeliveryWorker({
      ledger: app.ledger,
      async send(...request) {
        const result = await sender.send(...request)
        if (result.certificateCode) app.metrics.onCertificateError('webhook')
        return result
      },
      endpoint,
      clock: epochMs,
      random: Math.random,
      log: app.log,
      onAttempt: app.metrics.webhook(endpoint.id),
    }),
  )
  app.decorate('crmWebhooks', {
    endpoints,
    endpointIdsFor: (eventType) => endpoints.filter((endpoint) => wantsEvent(endpoint, eventType)).map(({ id }) => id),
    async sendTestEvent({ url, secrets }, traceparent) {
      const id = `evt_${uuid()}`
      const timestamp = new Date().toISOString()
      const body = JSON.stringify({ type: 'webhook.test', timestamp, data: { message: 'This is a test of Handoff; no call was moved.' } })
      const headers = createSignatureHeaders(id, Math.floor(Date.now() / 1000), body, secrets)
      return { id, ...(await sender.send(url, { ...headers, traceparent }, body)) }
    },
  })
  app.addHook('onClose', async () => {
    await Promise.all(workers.map((worker) => worker.close()))
    await sender.close()
  })
}

declare module 'fastify' {
  interface FastifyInstance {
    crmWebhooks: CrmWebhooks
  }
}
export default fp(crmWebhooksPlugin, { name: 'crm-webhooks', dependencies: ['ledger', 'metrics'], fastify: '5.x' })
