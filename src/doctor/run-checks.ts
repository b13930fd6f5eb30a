/** Which checks the doctor runs, in which order. None of them changes a call. */
import { randomUUID } from 'node:crypto'
import type { Environment } from '../environment.ts'
import { createProxySelector } from '../outbound/proxy-selector.ts'
import type { CheckResult } from './check-result.ts'
import { checkCredentials, listOtherRegions } from './credentials.ts'
import { checkDurability } from './ledger-durability.ts'
import { checkLedger, checkProxy, checkSecret } from './local-checks.ts'
import { checkScheduleGroup } from './opening-hours.ts'
import { checkOrganizationLimits } from './organization-limits.ts'
import { checkPermissions } from './permissions.ts'
import { checkClock, checkNotifications, checkRateLimit } from './platform-checks.ts'
import { createPlatformConnection, type PlatformConnection } from './platform-connection.ts'
import { checkQueue, checkSkill } from './queues-and-skills.ts'
import { checkWebhooks } from './webhook-checks.ts'

export interface CheckOptions {
  /** Ids of queues to check besides those that the settings name. */
  queues: string[]
  /** Ids of skills to check. */
  skills: string[]
  /** Ids of schedule groups to check. */
  scheduleGroups: string[]
  /** Whether to send each webhook endpoint a test event. */
  shouldTestWebhooks: boolean
  /** Whether to try the credentials at the other regions if the region of the settings does not accept them. */
  shouldFindRegion: boolean
}

/**
 * Runs all checks; those that need a login are skipped if it fails.
 * @throws Error that names a setting that is not valid
 */
export async function runChecks(environment: Environment, options: CheckOptions): Promise<CheckResult[]> {
  const settings = {
    clientId: environment.GENESYS_CLIENT_ID,
    clientSecret: environment.GENESYS_CLIENT_SECRET,
    environment: environment.GENESYS_ENV,
    gatewayUrl: environment.GENESYS_GATEWAY_URL,
    selectProxy: createProxySelector(environment),
  }
  const localResults = [
    checkSecret('LOOP_TOKEN_SECRET', environment),
    checkSecret('AUDIT_KEY', environment),
    ...(await checkLedger(environment)),
    ...(await checkDurability(environment)),
    ...checkProxy(environment),
    ...(await checkWebhooks(environment, { shouldSendTestEvent: options.shouldTestWebhooks })),
  ]
  const connection = createPlatformConnection(settings)
  try {
    const otherRegions = options.shouldFindRegion && !settings.gatewayUrl ? listOtherRegions(settings) : []
    const credentials = await checkCredentials(connection, settings, otherRegions)
    if (credentials.outcome !== 'ok') return [...localResults, credentials]
    return [...localResults, credentials, ...(await runPlatformChecks(connection, environment, options))]
  } finally {
    await connection.close()
  }
}

/** The checks that need a login. */
async function runPlatformChecks(
  connection: PlatformConnection,
  environment: Environment,
  { queues, skills, scheduleGroups }: CheckOptions,
): Promise<CheckResult[]> {
  const { DEFAULT_QUEUE_ID, FALLBACK_QUEUE_ID, ALLOWED_NUMBERS, PICKUP_EVENTS, GENESYS_REQUESTS_PER_MINUTE, GENESYS_TOKEN_POOL_SIZE } =
    environment
  const results = [checkClock(connection), ...(await checkPermissions(connection, { hasAllowedNumbers: ALLOWED_NUMBERS.length > 0 }))]
  const namedQueues: Array<[source: string, id: string | undefined]> = [
    ['DEFAULT_QUEUE_ID', DEFAULT_QUEUE_ID],
    ['FALLBACK_QUEUE_ID', FALLBACK_QUEUE_ID],
    ...queues.map((id): [string, string] => ['--queue', id]),
  ]
  for (const [source, id] of namedQueues) if (id) results.push(await checkQueue(connection, source, id))
  for (const id of skills) results.push(await checkSkill(connection, id))
  for (const id of scheduleGroups) results.push(await checkScheduleGroup(connection, id))
  if (PICKUP_EVENTS === 'on') {
    const queueId = DEFAULT_QUEUE_ID ?? queues[0] ?? randomUUID()
    results.push(await checkNotifications(connection, `v2.routing.queues.${queueId}.conversations.calls`))
  }
  const settings = { requestsPerMinute: GENESYS_REQUESTS_PER_MINUTE, tokenPoolSize: GENESYS_TOKEN_POOL_SIZE }
  results.push(...(await checkOrganizationLimits(connection, settings)))
  // Last, so that the reported rate limit includes the requests of the other checks.
  results.push(checkRateLimit(connection, GENESYS_REQUESTS_PER_MINUTE))
  return results
}
