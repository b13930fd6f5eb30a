/** The contents page: what is plugged in, in which order. */
import Fastify, { LogController, type FastifyBaseLogger, type FastifyInstance } from 'fastify'
import type { TypeBoxTypeProvider } from '@fastify/type-provider-typebox'
import type { Logger } from 'pino'
import { v7 as uuid } from 'uuid'
import type { Environment } from './environment.ts'
import type { GenesysClient } from './genesys/client.ts'
import type { Ledger } from './ledger/ledger.ts'
import auditLog, { traced } from './plugins/audit-log.ts'
import auth from './plugins/auth.ts'
import crmWebhooks from './plugins/crm-webhooks.ts'
import genesys from './plugins/genesys.ts'
import ledger from './plugins/ledger.ts'
import metrics from './plugins/metrics.ts'
import openapi from './plugins/openapi.ts'
import jsonBody from './plugins/json-body.ts'
import problemDetails, { beforeRoutes } from './plugins/problem-details.ts'
import gracefulShutdown from './plugins/graceful-shutdown.ts'
import transfers from './plugins/transfers.ts'
import tracing from './plugins/tracing.ts'
import { architectRoutes } from './routes/architect.ts'
import { auditRoutes } from './routes/audit.ts'
import { healthRoutes } from './routes/health.ts'
import { metricsRoutes } from './routes/metrics.ts'
import { oauthRoutes } from './routes/oauth.ts'
import { transferListRoutes } from './routes/transfer-lists.ts'
import { transferRoutes } from './routes/transfers.ts'
import { webhookDeliveryRoutes } from './routes/webhook-deliveries.ts'
import { webhookEndpointRoutes } from './routes/webhook-endpoints.ts'
import type { Rules } from './transfers/stage-context.ts'

/** What the pipeline goes by. */
const rulesOf = (environment: Environment): Rules => ({
  maxDepth: environment.MAX_TRANSFER_DEPTH,
  defaultQueueId: environment.DEFAULT_QUEUE_ID,
  fallbackQueueId: environment.FALLBACK_QUEUE_ID,
  allowedNumbers: environment.ALLOWED_NUMBERS,
  deadlineMs: environment.TRANSFER_DEADLINE_MS,
  pollIntervalMs: environment.PICKUP_POLL_INTERVAL_MS,
  pickupTimeoutMs: environment.PICKUP_TIMEOUT_MS,
  loopSecret: environment.LOOP_TOKEN_SECRET,
  settleMs: 5_000,
  conflictPauseMs: 2_000,
})

/** What may be fitted otherwise than the settings say: quicker rules, a shorter lease, something between the pipeline and its ports. */
export interface AppOverrides {
  rules?: Partial<Rules>
  leaseMs?: number
  wrapLedger?: (ledger: Ledger) => Ledger
  wrapGenesys?: (client: GenesysClient) => GenesysClient
}

const bare = (log: Logger) =>
  Fastify({
    loggerInstance: log as FastifyBaseLogger,
    logController: new LogController({ disableRequestLogging: true, requestIdLogLabel: 'http.request.id' }),
    genReqId: () => uuid(),
    childLoggerFactory: traced,
    ajv: { customOptions: { removeAdditional: false, discriminator: true, coerceTypes: false } },
    bodyLimit: 64 * 1024,
    keepAliveTimeout: 72_000,
    requestTimeout: 30_000,
    exposeHeadRoutes: false,
    ...beforeRoutes,
  }).withTypeProvider<TypeBoxTypeProvider>()

async function plugIn(app: ReturnType<typeof bare>, environment: Environment, { rules, leaseMs, ...ports }: AppOverrides): Promise<void> {
  const pipelineRules = { ...rulesOf(environment), ...rules }
  await app.register(tracing, { endpoint: environment.OTEL_EXPORTER_OTLP_ENDPOINT })
  await app.register(problemDetails)
  await app.register(gracefulShutdown)
  await app.register(jsonBody)
  await app.register(auditLog)
  await app.register(openapi)
  await app.register(metrics)
  await app.register(ledger, {
    url: environment.DATABASE_URL,
    auditKey: environment.AUDIT_KEY,
    retentionDays: environment.RETENTION_DAYS,
    ...(leaseMs && { leaseMs }),
    ...(ports.wrapLedger && { wrap: ports.wrapLedger }),
  })
  await app.register(auth, {
    seeds: environment.API_KEYS,
    requestsPerMinute: environment.CALLER_REQUESTS_PER_MINUTE,
    tokenSecret: environment.LOOP_TOKEN_SECRET,
  })
  await app.register(genesys, {
    clientId: environment.GENESYS_CLIENT_ID,
    clientSecret: environment.GENESYS_CLIENT_SECRET,
    environment: environment.GENESYS_ENV,
    ...(environment.GENESYS_GATEWAY_URL && { gatewayUrl: environment.GENESYS_GATEWAY_URL }),
    requestsPerMinute: environment.GENESYS_REQUESTS_PER_MINUTE,
    tokenPoolSize: environment.GENESYS_TOKEN_POOL_SIZE,
    events: environment.PICKUP_EVENTS === 'on',
    ...(ports.wrapGenesys && { wrap: ports.wrapGenesys }),
  })
  await app.register(crmWebhooks, {
    urls: environment.CRM_WEBHOOK_URL,
    secrets: environment.CRM_WEBHOOK_SECRET,
    events: environment.CRM_WEBHOOK_EVENTS,
    allowedNetworks: environment.WEBHOOK_ALLOWED_NETWORKS,
  })
  await app.register(transfers, { rules: pipelineRules })

  await app.register(healthRoutes)
  await app.register(metricsRoutes)
  await app.register(oauthRoutes)
  await app.register(transferRoutes, { rules: pipelineRules })
  await app.register(architectRoutes, { rules: pipelineRules, organizationId: environment.GENESYS_ORGANIZATION_ID })
  await app.register(transferListRoutes)
  await app.register(webhookDeliveryRoutes)
  await app.register(webhookEndpointRoutes)
  await app.register(auditRoutes)
  await app.ready()
}

/**
 * The service, ready to listen.
 * @throws InvalidSetting, StoreUnavailable; what was opened before that is closed again, the lease given back
 */
export async function buildApp(environment: Environment, log: Logger, fittings: AppOverrides = {}): Promise<FastifyInstance> {
  const app = bare(log)
  try {
    await plugIn(app, environment, fittings)
    return app
  } catch (error) {
    await app.close()
    throw error
  }
}
