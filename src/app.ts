/** Which plugins and routes the service consists of, in the order in which they are registered. */
import Fastify, { LogController, type FastifyBaseLogger, type FastifyInstance } from 'fastify'
import type { TypeBoxTypeProvider } from '@fastify/type-provider-typebox'
import type { Logger } from 'pino'
import { v7 as uuid } from 'uuid'
import type { Environment } from './environment.ts'
import type { GenesysClient } from './genesys/client.ts'
import type { Ledger } from './ledger/contract/ledger.ts'
import { createProxySelector } from './outbound/proxy-selector.ts'
import auditLog from './plugins/audit-log.ts'
import auth from './plugins/auth.ts'
import { maxConnections } from './plugins/connections/connection-limit.ts'
import { createHttpServer } from './plugins/connections/http-server.ts'
import proxies, { parseTrustedProxies, type TrustProxy } from './plugins/connections/proxies.ts'
import requestHeaders from './plugins/connections/request-headers.ts'
import unreadResponses from './plugins/connections/unread-responses.ts'
import consolePages from './plugins/console/console.ts'
import crmWebhooks from './plugins/crm-webhooks.ts'
import { earlyErrorOptions } from './plugins/early-errors.ts'
import gauges from './plugins/gauges.ts'
import genesys from './plugins/genesys.ts'
import gracefulShutdown from './plugins/graceful-shutdown.ts'
import jsonBody from './plugins/json-body.ts'
import ledger from './plugins/ledger.ts'
import metrics from './plugins/metrics.ts'
import openapi from './plugins/openapi.ts'
import platformHeaders from './plugins/platform-headers.ts'
import problemDetails from './plugins/problem-details.ts'
import requestLog, { createRequestLog } from './plugins/request-log.ts'
import schemas from './plugins/schemas.ts'
import { compileAfterStart, createSchemaCompilers } from './plugins/schemas/compile-on-demand.ts'
import tracing from './plugins/tracing.ts'
import transfers from './plugins/transfers.ts'
import { architectRoutes } from './routes/architect.ts'
import { auditRoutes } from './routes/audit.ts'
import { bulkTransferRoutes } from './routes/bulk/bulk-transfers.ts'
import { healthRoutes } from './routes/health.ts'
import { metricsRoutes } from './routes/metrics.ts'
import { oauthRoutes } from './routes/oauth.ts'
import { transferListRoutes } from './routes/transfer-lists.ts'
import { transferStreamRoutes } from './routes/transfer-history/stream.ts'
import { transferTimelineRoutes } from './routes/transfer-history/timeline.ts'
import { transferRoutes } from './routes/transfers.ts'
import { versionRoutes } from './routes/version.ts'
import { webhookDeliveryRoutes } from './routes/webhook-deliveries.ts'
import { webhookEndpointRoutes } from './routes/webhook-endpoints.ts'
import { webhookRedeliveryRoutes } from './routes/webhook-redeliveries.ts'
import type { Rules } from './transfers/stage-context.ts'

/** What tests may replace: single rules of the pipeline, the lease's length, the ledger, the platform client, and connection limits. */
export interface AppOverrides {
  rules?: Partial<Rules>
  leaseMs?: number
  wrapLedger?: (ledger: Ledger) => Ledger
  wrapGenesys?: (client: GenesysClient) => GenesysClient
  connections?: Partial<typeof connectionLimits>
}

/** The limits for the connections of clients. */
const connectionLimits = {
  /** How long a request may take to arrive, headers and body, ms. */
  requestTimeoutMs: 30_000,
  /** How long a connection without a request is kept, ms. */
  keepAliveTimeoutMs: 72_000,
  /** A connection is closed when its client reads nothing of a response for this time, ms. */
  readTimeoutMs: 30_000,
  /** How much of their responses all clients together may leave unread, in characters. */
  maxUnreadLength: 32_000_000,
  /**
   * How many pipelined requests may wait on all connections together. One connection has about fifty at most (small-reads.ts), so only
   * many connections that pipeline at the same time reach this.
   */
  maxWaiting: 4_000,
  /** How many streams of events are open at once: half of the connections, so that transfers can always be requested. */
  maxStreams: Math.floor(maxConnections() / 2),
  /** How often each stream gets a comment, and its key is checked again, ms. */
  heartbeatMs: 15_000,
  /** How much may wait for one reader of a stream, in bytes, before its stream is ended. */
  maxUnreadStreamBytes: 4_000_000,
}

/**
 * Builds the service, ready to listen.
 * @throws InvalidSetting, StoreUnavailable; everything that was opened before the error is closed again, and the lease is released
 */
export async function buildApp(environment: Environment, log: Logger, overrides: AppOverrides = {}): Promise<FastifyInstance> {
  const trustProxy = parseTrustedProxies(environment.TRUST_PROXY)
  const limits = { ...connectionLimits, ...overrides.connections }
  const app = createFastify(log, trustProxy, limits)
  const rules = { ...rulesFrom(environment), ...overrides.rules }
  try {
    await registerHttp(app, environment, trustProxy, limits)
    await registerServices(app, environment, rules, overrides)
    await registerRoutes(app, environment, rules, limits)
    await app.ready()
    return app
  } catch (error) {
    await app.close()
    throw error
  }
}

/** Routes for whose response an Architect flow waits, with the caller on the phone. */
const urgentRoutes: ReadonlySet<string> = new Set(['POST /v1/architect/transfers', 'GET /v1/architect/transfers/:id'])

function createFastify(log: FastifyBaseLogger, trustProxy: TrustProxy, limits: typeof connectionLimits) {
  const compilers = createSchemaCompilers(({ method, url }) => urgentRoutes.has(`${method} ${url}`))
  const app = Fastify({
    loggerInstance: log,
    logController: new LogController({ disableRequestLogging: true, requestIdLogLabel: 'http.request.id' }),
    genReqId: () => uuid(),
    childLoggerFactory: createRequestLog,
    // Requests are validated as they are: nothing is removed and no type is converted. Fields of the requests
    // of data actions (routes/architect.ts) may have several types.
    // That the schemas themselves are valid is tested with the OpenAPI document: checking it here would take 25 ms and 2 MB.
    ajv: {
      customOptions: {
        removeAdditional: false,
        discriminator: true,
        coerceTypes: false,
        allowUnionTypes: true,
        validateSchema: false,
        // How OpenAPI says that a query parameter is a list.
        keywords: ['style', 'explode'],
      },
    },
    schemaController: { compilersFactory: compilers.factories },
    bodyLimit: 64 * 1024,
    serverFactory: createHttpServer(limits),
    trustProxy,
    // A client whose base address ends in a slash sends paths that begin with two slashes.
    routerOptions: { ignoreDuplicateSlashes: true },
    ...earlyErrorOptions,
  }).withTypeProvider<TypeBoxTypeProvider>()
  compileAfterStart(app, compilers)
  return app
}
type App = ReturnType<typeof createFastify>

/** The plugins that concern all requests. The order of the plugins is the order of their hooks. */
async function registerHttp(app: App, environment: Environment, trustProxy: TrustProxy, limits: typeof connectionLimits): Promise<void> {
  await app.register(tracing, { endpoint: environment.OTEL_EXPORTER_OTLP_ENDPOINT })
  await app.register(problemDetails)
  await app.register(requestHeaders)
  await app.register(proxies, { trustProxy })
  await app.register(unreadResponses, limits)
  await app.register(platformHeaders)
  await app.register(gracefulShutdown)
  await app.register(jsonBody)
  await app.register(requestLog)
  await app.register(schemas)
  if (environment.DOCS === 'on') await app.register(openapi)
  if (environment.CONSOLE === 'on') await app.register(consolePages)
  await app.register(metrics)
}

/** The plugins that do the work: the ledger, authentication, the platform, webhooks and transfers. */
async function registerServices(app: App, environment: Environment, rules: Rules, overrides: AppOverrides): Promise<void> {
  const selectProxy = createProxySelector(environment)
  await app.register(auditLog)
  await app.register(ledger, {
    url: environment.DATABASE_URL,
    directUrl: environment.DATABASE_DIRECT_URL,
    auditKey: environment.AUDIT_KEY,
    previousAuditKeys: environment.AUDIT_KEY_PREVIOUS,
    retentionDays: environment.RETENTION_DAYS,
    ...(overrides.leaseMs && { leaseMs: overrides.leaseMs }),
    ...(overrides.wrapLedger && { wrap: overrides.wrapLedger }),
  })
  await app.register(auth, {
    seedKeys: environment.API_KEYS,
    requestsPerMinute: environment.CALLER_REQUESTS_PER_MINUTE,
    // Access tokens are signed with keys that are derived from this secret, so that they need no setting of their own.
    tokenSecret: environment.LOOP_TOKEN_SECRET,
    previousTokenSecrets: environment.LOOP_TOKEN_SECRET_PREVIOUS,
  })
  await app.register(genesys, {
    clientId: environment.GENESYS_CLIENT_ID,
    clientSecret: environment.GENESYS_CLIENT_SECRET,
    environment: environment.GENESYS_ENV,
    ...(environment.GENESYS_GATEWAY_URL && { gatewayUrl: environment.GENESYS_GATEWAY_URL }),
    requestsPerMinute: environment.GENESYS_REQUESTS_PER_MINUTE,
    tokenPoolSize: environment.GENESYS_TOKEN_POOL_SIZE,
    subscribesToEvents: environment.PICKUP_EVENTS === 'on',
    selectProxy,
    ...(overrides.wrapGenesys && { wrap: overrides.wrapGenesys }),
  })
  await app.register(crmWebhooks, {
    urls: environment.CRM_WEBHOOK_URL,
    secrets: environment.CRM_WEBHOOK_SECRET,
    events: environment.CRM_WEBHOOK_EVENTS,
    allowedNetworks: environment.WEBHOOK_ALLOWED_NETWORKS,
    selectProxy,
  })
  await app.register(transfers, { rules })
  await app.register(gauges, { databaseUrl: environment.DATABASE_URL })
}

async function registerRoutes(app: App, environment: Environment, rules: Rules, limits: typeof connectionLimits): Promise<void> {
  await app.register(healthRoutes)
  await app.register(versionRoutes)
  await app.register(metricsRoutes)
  await app.register(oauthRoutes, { prefix: '/oauth' })
  await app.register(transferRoutes, { prefix: '/v1/transfers', rules })
  await app.register(architectRoutes, {
    prefix: '/v1/architect/transfers',
    rules,
    organizationId: environment.GENESYS_ORGANIZATION_ID,
  })
  await app.register(transferListRoutes, { prefix: '/v1/transfers' })
  await app.register(transferTimelineRoutes, { prefix: '/v1/transfers' })
  await app.register(transferStreamRoutes, { prefix: '/v1/transfers', ...limits })
  await app.register(bulkTransferRoutes, { prefix: '/v1/bulk-transfers' })
  await app.register(webhookDeliveryRoutes, { prefix: '/v1/webhook-deliveries' })
  await app.register(webhookRedeliveryRoutes, { prefix: '/v1/webhook-redeliveries' })
  await app.register(webhookEndpointRoutes, { prefix: '/v1/webhook-endpoints' })
  await app.register(auditRoutes, { prefix: '/v1/audit' })
  if (environment.MCP === 'on') {
    // Loaded only here: the packages of the protocol take memory, and time at the start.
    const { mcpRoutes } = await import('./routes/mcp.ts')
    await app.register(mcpRoutes, { prefix: '/mcp', rules })
  }
}

/** The rules of the pipeline. */
function rulesFrom(environment: Environment): Rules {
  return {
    maxDepth: environment.MAX_TRANSFER_DEPTH,
    defaultQueueId: environment.DEFAULT_QUEUE_ID,
    fallbackQueueId: environment.FALLBACK_QUEUE_ID,
    allowedNumbers: environment.ALLOWED_NUMBERS,
    deadlineMs: environment.TRANSFER_DEADLINE_MS,
    pollIntervalMs: environment.PICKUP_POLL_INTERVAL_MS,
    pickupTimeoutMs: environment.PICKUP_TIMEOUT_MS,
    loopSecret: environment.LOOP_TOKEN_SECRET,
    previousLoopSecrets: environment.LOOP_TOKEN_SECRET_PREVIOUS,
    writesLoopGuardAttributes: environment.LOOP_GUARD_ATTRIBUTES === 'on',
    includesSummaryInEvents: environment.CRM_WEBHOOK_INCLUDE_SUMMARY === 'on',
    // These are no settings. `Rules` says where each is explained.
    notExecutedAfterMs: 5_000,
    optionalCallTimeoutMs: 1_500,
    conflictPauseMs: 2_000,
  }
}
