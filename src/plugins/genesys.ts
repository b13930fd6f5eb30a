/** The connection to Genesys Cloud: one client, its caches and one notification feed, shared by the whole service. */
import type { FastifyInstance } from 'fastify'
import fp from 'fastify-plugin'
import { connectGenesys, type GenesysClient, type GenesysSettings } from '../genesys/client.ts'
import { createConditionDirectory, type ConditionDirectory } from '../genesys/condition-directory.ts'
import { createDirectory, type Directory } from '../genesys/directory.ts'
import { createNames, type Names } from '../genesys/names.ts'
import { createOutageObserver, outageSubjects } from '../genesys/platform-outages.ts'
import { createNotificationFeed, type NotificationFeed } from '../genesys/notifications/feed.ts'
import { epochMs } from '../model/clock.ts'
import { createOutageLog } from '../telemetry/outage-log.ts'

export interface GenesysPluginOptions extends GenesysSettings {
  /** Whether pickups are detected by notification events. Without events they are detected by polling only. */
  subscribesToEvents: boolean
  /** For tests: returns a wrapper around the client, which the service uses instead. */
  wrap?: (client: GenesysClient) => GenesysClient
}

/** How long the login at the start is waited for, ms. */
const firstLoginTimeoutMs = 10_000

async function genesysPlugin(
  app: FastifyInstance,
  { subscribesToEvents, wrap = (client) => client, ...settings }: GenesysPluginOptions,
): Promise<void> {
  const outageLog = createOutageLog(app.log)
  const outageObserver = createOutageObserver(outageLog)
  const client = wrap(
    await connectGenesys({
      ...settings,
      requestObserver: app.metrics.genesys,
      callObserver: {
        ...outageObserver,
        onLogin(error) {
          app.metrics.onLogin(error)
          outageObserver.onLogin(error)
        },
      },
      onCertificateError: () => app.metrics.onCertificateError('platform'),
    }),
  )
  const feed = subscribesToEvents ? createNotificationFeed({ calls: client, log: app.log, selectProxy: settings.selectProxy }) : undefined
  // A wrong secret is logged when the service starts, and not only when the first call must be moved. The observer logs the failure, and every
  // call logs in again, so the result does not matter here.
  app.addHook('onListen', (done) => {
    void client.waitForToken(epochMs() + firstLoginTimeoutMs).catch(() => undefined)
    done()
  })
  app.decorate('genesys', {
    client,
    directory: createDirectory(client),
    conditions: createConditionDirectory(client),
    names: createNames(client),
    feed,
    isOutageLogged: () => outageSubjects.some((subject) => outageLog.hasOutage(subject)),
  })
  app.addHook('onClose', async () => {
    feed?.close()
    await client.close()
  })
}

declare module 'fastify' {
  interface FastifyInstance {
    genesys: {
      client: GenesysClient
      directory: Directory
      conditions: ConditionDirectory
      /** Names of queues, skills and agents, for people. */
      names: Names
      /** Undefined when PICKUP_EVENTS is off. */
      feed: NotificationFeed | undefined
      /** Whether the log has an error or a warning about the platform as a whole, and not yet that it works again. */
      isOutageLogged(): boolean
    }
  }
}
export default fp(genesysPlugin, { name: 'genesys', dependencies: ['metrics'], fastify: '5.x' })
