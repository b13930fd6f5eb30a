/** The platform: one client with its shared token, one directory with its caches, for everybody. */
import type { FastifyInstance } from 'fastify'
import fp from 'fastify-plugin'
import { connectGenesys, type GenesysClient, type GenesysSettings } from '../genesys/client.ts'
import { createDirectory, type Directory } from '../genesys/directory.ts'

export interface GenesysPluginOptions extends GenesysSettings {
  wrap?: (client: GenesysClient) => GenesysClient
}

async function genesysPlugin(app: FastifyInstance, { wrap = (client) => client, ...settings }: GenesysPluginOptions): Promise<void> {
  const client = wrap(await connectGenesys(settings))
  app.decorate('genesys', { client, directory: createDirectory(client) })
  app.addHook('onClose', () => client.close())
}

declare module 'fastify' {
  interface FastifyInstance {
    genesys: { client: GenesysClient; directory: Directory }
  }
}
export default fp(genesysPlugin, { name: 'genesys', fastify: '5.x' })
