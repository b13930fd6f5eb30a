/** The platform: one client with its shared token, one directory with its caches, one feed of what happens there, for everybody. */
import type { FastifyInstance } from 'fastify'
import fp from 'fastify-plugin'
import { connectGenesys, type GenesysClient, type GenesysSettings } from '../genesys/client.ts'
import { createDirectory, type Directory } from '../genesys/directory.ts'
import { createNotificationFeed, type NotificationFeed } from '../genesys/notifications/feed.ts'

export interface GenesysPluginOptions extends GenesysSettings {
  /** Whether pickups are heard where they can be; false: they are polled. */
  events: boolean
  wrap?: (client: GenesysClient) => GenesysClient
}

async function genesysPlugin(
  app: FastifyInstance,
  { events, wrap = (client) => client, ...settings }: GenesysPluginOptions,
): Promise<void> {
  const client = wrap(await connectGenesys({ ...settings, observers: app.metrics.genesys }))
  const feed = events ? createNotificationFeed({ calls: client, log: app.log }) : undefined
  app.decorate('genesys', { client, directory: createDirectory(client), feed })
  app.addHook('onClose', async () => {
    feed?.close()
    await client.close()
  })
}

declare module 'fastify' {
  interface FastifyInstance {
    genesys: { client: GenesysClient; directory: Directory; feed: NotificationFeed | undefined }
  }
}
export default fp(genesysPlugin, { name: 'genesys', dependencies: ['metrics'], fastify: '5.x' })
