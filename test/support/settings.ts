/** The settings and API keys of a service under test. */
import { crmSecret } from './test-crm.ts'

/** A key with every scope. */
export const operationsKey = `hk_ops_${'o'.repeat(43)}`
/** A key that can only read transfers. */
export const readerKey = `hk_reader_${'r'.repeat(43)}`

/**
 * Environment variables that make the pipeline fast enough for tests. The deadline and the pickup timeout are long, so that they do not
 * end a transfer by accident; a test about one of them sets its own.
 * @param crmUrl where webhooks go; without it none are sent
 */
export const testSettings = (simulatorUrl: string, crmUrl?: string): Record<string, string> => ({
  GENESYS_CLIENT_ID: 'handoff-demo',
  GENESYS_CLIENT_SECRET: 'handoff-demo-secret',
  GENESYS_GATEWAY_URL: simulatorUrl,
  GENESYS_REQUESTS_PER_MINUTE: '60000',
  LOOP_TOKEN_SECRET: 'loop token secret of the tests',
  AUDIT_KEY: 'audit key of the tests',
  DATABASE_URL: 'sqlite::memory:',
  PORT: '0',
  LOG_LEVEL: 'info',
  API_KEYS: `${operationsKey}:transfers:write+transfers:read+audit:read+webhooks:write,${readerKey}:transfers:read`,
  PICKUP_POLL_INTERVAL_MS: '40',
  TRANSFER_DEADLINE_MS: '30000',
  PICKUP_TIMEOUT_MS: '30000',
  ...(crmUrl && { CRM_WEBHOOK_URL: crmUrl, CRM_WEBHOOK_SECRET: crmSecret, WEBHOOK_ALLOWED_NETWORKS: '127.0.0.0/8' }),
})
