/** The CRM: each endpoint's queue in the ledger is worked off as long as the service runs. Without an address nobody is told anything. */
import type { FastifyInstance } from 'fastify'
import fp from 'fastify-plugin'
import { v7 as uuid } from 'uuid'
import { InvalidSetting } from '../environment.ts'
import { eventTypes } from '../transfers/stages/crm-webhook.ts'
import { createDeliveryWorker } from '../webhooks/delivery-worker.ts'
import { endpointsOf, eventsOf, secretsOf, wants, type Endpoint } from '../webhooks/endpoints.ts'
import { parseNetworks } from '../webhooks/network-guard.ts'
import { createWebhookSender, type Attempt } from '../webhooks/webhook-sender.ts'
import { signatureHeaders } from '../webhooks/signature.ts'

export interface CrmWebhooksPluginOptions {
  urls: readonly string[]
  secrets: string | undefined
  events: string
  allowedNetworks: string
}

export interface CrmWebhooks {
  readonly endpoints: readonly Endpoint[]
  /** The endpoints that are told of events of this type, by id. */
  audience(type: string): string[]
  /** Sends an event that means nothing, once, by the rules of every delivery. */
  test(endpoint: Endpoint, traceparent: string): Promise<Attempt & { id: string }>
}

function read<T>(setting: string, parse: () => T): T {
  try {
    return parse()
  } catch (error) {
    throw new InvalidSetting(setting, (error as Error).message)
  }
}

function endpointsFrom({ urls, secrets = '', events }: CrmWebhooksPluginOptions): Endpoint[] {
  if (urls.length === 0) return []
  return endpointsOf(
    urls,
    read('CRM_WEBHOOK_SECRET', () => secretsOf(secrets, urls.length)),
    read('CRM_WEBHOOK_EVENTS', () => eventsOf(events, urls.length, eventTypes)),
  )
}

async function crmWebhooksPlugin(app: FastifyInstance, options: CrmWebhooksPluginOptions): Promise<void> {
  const allowedNetworks = read('WEBHOOK_ALLOWED_NETWORKS', () => parseNetworks(options.allowedNetworks))
  const endpoints = endpointsFrom(options)
  const poster = createWebhookSender({ allowedNetworks })
  const { adopted, former } = await app.ledger.enrolEndpoints(endpoints.map(({ id }) => id))
  if (adopted > 0)
    app.log.info({ stage: 'webhook', deliveries: adopted }, 'the address of an endpoint was changed; it takes over what waits')
  for (const endpoint of former)
    app.log.warn({ stage: 'webhook', endpoint }, 'deliveries wait for an endpoint that is not configured any more')
  const deliverers = endpoints.map((endpoint) =>
    createDeliveryWorker({
      ledger: app.ledger,
      post: poster.post,
      endpoint,
      clock: Date.now,
      random: Math.random,
      log: app.log,
      observe: app.metrics.webhook(endpoint.id),
    }),
  )
  app.decorate('crmWebhooks', {
    endpoints,
    audience: (type) => endpoints.filter((endpoint) => wants(endpoint, type)).map(({ id }) => id),
    async test({ url, secrets }, traceparent) {
      const id = `evt_${uuid()}`
      const timestamp = new Date().toISOString()
      const body = JSON.stringify({ type: 'webhook.test', timestamp, data: { message: 'This is a test of Handoff; no call was moved.' } })
      const headers = signatureHeaders(id, Math.floor(Date.now() / 1000), body, secrets)
      return { id, ...(await poster.post(url, { ...headers, traceparent }, body)) }
    },
  })
  app.addHook('onClose', async () => {
    await Promise.all(deliverers.map((deliverer) => deliverer.close()))
    await poster.close()
  })
}

declare module 'fastify' {
  interface FastifyInstance {
    crmWebhooks: CrmWebhooks
  }
}
export default fp(crmWebhooksPlugin, { name: 'crm-webhooks', dependencies: ['ledger', 'metrics'], fastify: '5.x' })
