/** The CRM: its queue in the ledger is worked off as long as the service runs. Without an address nobody is told anything. */
import type { FastifyInstance } from 'fastify'
import fp from 'fastify-plugin'
import { InvalidSetting } from '../environment.ts'
import { createDeliverer } from '../webhooks/delivery.ts'
import { parseNetworks } from '../webhooks/network-guard.ts'
import { createPoster } from '../webhooks/post.ts'
import { parseSecrets } from '../webhooks/signature.ts'

export interface CrmPluginOptions {
  url: string | undefined
  secrets: string | undefined
  allowedNetworks: string
}

function read<T>(setting: string, parse: () => T): T {
  try {
    return parse()
  } catch (error) {
    throw new InvalidSetting(setting, (error as Error).message)
  }
}

async function crmPlugin(app: FastifyInstance, { url, secrets, allowedNetworks }: CrmPluginOptions): Promise<void> {
  const networks = read('WEBHOOK_ALLOWED_NETWORKS', () => parseNetworks(allowedNetworks))
  if (url && secrets) {
    const keys = read('CRM_WEBHOOK_SECRET', () => parseSecrets(secrets))
    const poster = createPoster({ allowedNetworks: networks })
    const deliverer = createDeliverer({
      ledger: app.ledger,
      post: poster.post,
      url,
      secrets: keys,
      clock: Date.now,
      random: Math.random,
      log: app.log,
    })
    app.addHook('onClose', async () => {
      await deliverer.close()
      await poster.close()
    })
  }
}

export default fp(crmPlugin, { name: 'crm', dependencies: ['ledger'], fastify: '5.x' })
