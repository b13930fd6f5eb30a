/** Every setting of the service, described once: its name, its meaning, its default and how it is parsed. */
import {
  idOf,
  integerBetween,
  oneOf,
  parseBaseUrl,
  parseDatabaseUrl,
  parseHttpUrls,
  parseNumberPatterns,
  parseOptionalText,
  parsePostgresUrl,
  parseProxyUrl,
  parseText,
  secretsOfAtLeast,
  textOfAtLeast,
  type Parser,
} from './parsers.ts'

export interface Setting<T> {
  /** One line for `.env.example`. */
  description: string
  parse: Parser<T>
  /** The text to parse when the setting is absent. A setting without a default is required. */
  default?: string
  /** Another common name of the same setting. It takes precedence if both are set, as in curl. */
  alias?: string
  /** The value must never appear in output, logs or errors. */
  isSecret?: true
  /** The setting has a default, but a first start does not succeed with it: `.env.example` lists it among the required ones. */
  isNeededAtFirstStart?: true
}

export const settings = {
  GENESYS_CLIENT_ID: {
    description: 'OAuth client (client credentials grant) of the Genesys Cloud organization',
    parse: textOfAtLeast(1),
  },
  GENESYS_CLIENT_SECRET: { description: 'Secret of that client', parse: textOfAtLeast(1), isSecret: true },
  GENESYS_ENV: {
    description: 'Region of the organization, such as mypurecloud.com, mypurecloud.ie or usw2.pure.cloud',
    parse: textOfAtLeast(1),
    default: 'mypurecloud.com',
  },
  GENESYS_GATEWAY_URL: {
    description:
      'Base address to use instead of the region (a proxy or the simulator): login at {gateway}/oauth/token, API at {gateway}/api/v2',
    parse: parseBaseUrl,
    default: '',
  },
  GENESYS_REQUESTS_PER_MINUTE: {
    description: "The platform's limit for one token; Handoff uses 95 % of it",
    parse: integerBetween(1, 100_000),
    default: '300',
  },
  GENESYS_TOKEN_POOL_SIZE: {
    description: 'Number of tokens used in parallel, each with its own limit',
    parse: integerBetween(1, 50),
    default: '1',
  },
  GENESYS_ORGANIZATION_ID: {
    description: 'The only organization whose data actions are accepted, by the ININ-Organization-Id that the platform sends; empty: any',
    parse: idOf('an organization'),
    default: '',
  },
  CRM_WEBHOOK_URL: {
    description: 'Addresses that receive webhooks, comma-separated; empty: no webhooks are sent',
    parse: parseHttpUrls,
    default: '',
  },
  CRM_WEBHOOK_SECRET: {
    description:
      'Signing secrets (whsec_…), comma-separated during rotation, newest first; for several addresses one group each, separated by semicolons, in the same order; required with CRM_WEBHOOK_URL',
    parse: parseOptionalText,
    default: '',
    isSecret: true,
  },
  CRM_WEBHOOK_EVENTS: {
    description:
      'Events to send, comma-separated (transfer.picked_up,transfer.failed); for several addresses one group each, separated by semicolons; * means all',
    parse: parseText,
    default: '*',
  },
  CRM_WEBHOOK_INCLUDE_SUMMARY: {
    description: 'on: webhooks contain the summary and the reason of a transfer, which may be personal data; off: they do not',
    parse: oneOf('on', 'off'),
    default: 'off',
  },
  WEBHOOK_ALLOWED_NETWORKS: {
    description: 'Private networks that webhooks may be sent to: CIDRs, comma-separated',
    parse: parseText,
    default: '',
  },
  HTTPS_PROXY: {
    description:
      'Outbound proxy for https connections to the platform and to webhook receivers (http://user:password@host:port); empty: HTTP_PROXY',
    parse: parseProxyUrl,
    default: '',
    alias: 'https_proxy',
  },
  HTTP_PROXY: {
    description: 'Outbound proxy for plain http, and for https without HTTPS_PROXY',
    parse: parseProxyUrl,
    default: '',
    alias: 'http_proxy',
  },
  NO_PROXY: {
    description:
      'Hosts that are connected to directly: names (with their subdomains), addresses, CIDRs, each with an optional port; * for all',
    parse: parseText,
    default: '',
    alias: 'no_proxy',
  },
  DATABASE_URL: {
    description: 'The ledger: sqlite:<path>, or postgres://… for several nodes',
    parse: parseDatabaseUrl,
    default: 'sqlite:./data/handoff.db',
  },
  DATABASE_DIRECT_URL: {
    description: 'Address of the database itself if DATABASE_URL leads to PgBouncer: with it, nodes learn of new deliveries at once',
    parse: parsePostgresUrl,
    default: '',
  },
  HOST: { description: 'Address to listen on', parse: textOfAtLeast(1), default: '127.0.0.1' },
  PORT: { description: 'Port to listen on; 0: any free one', parse: integerBetween(0, 65_535), default: '3000' },
  TRUST_PROXY: {
    description:
      'Reverse proxies whose X-Forwarded-For (address of the client) and X-Forwarded-Prefix (path before all addresses) are believed: addresses and CIDRs, comma-separated; empty: none',
    parse: parseText,
    default: '',
  },
  DOCS: {
    description: 'on: serve the OpenAPI document at /openapi.yaml and Swagger UI at /docs; off: neither',
    parse: oneOf('on', 'off'),
    default: 'on',
  },
  CONSOLE: {
    description: 'on: serve the console at /console, a page for operators; off: not served. What it shows needs an API key',
    parse: oneOf('on', 'off'),
    default: 'on',
  },
  MCP: {
    description: 'on: serve tools for AI agents at /mcp (Model Context Protocol); off: not served, and nothing of it is loaded',
    parse: oneOf('on', 'off'),
    default: 'off',
  },
  LOG_LEVEL: {
    description: 'trace, debug, info, warn, error, fatal or silent',
    parse: oneOf('trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent'),
    default: 'info',
  },
  LOG_FORMAT: {
    description:
      'json: log lines are JSON in the Elastic Common Schema; pretty: text for people, in color on a terminal unless NO_COLOR is set',
    parse: oneOf('json', 'pretty'),
    default: 'json',
  },
  MAX_TRANSFER_DEPTH: { description: 'How often one conversation may be transferred', parse: integerBetween(1, 50), default: '3' },
  DEFAULT_QUEUE_ID: { description: 'Queue for a skill when the request names none', parse: idOf('a queue'), default: '' },
  FALLBACK_QUEUE_ID: {
    description: 'Queue for calls when neither the target nor a fallback of the request is available',
    parse: idOf('a queue'),
    default: '',
  },
  ALLOWED_NUMBERS: {
    description:
      'Numbers that calls may be transferred to, and that callbacks may name: E.164, * for any digits, comma-separated; empty: none',
    parse: parseNumberPatterns,
    default: '',
  },
  TRANSFER_DEADLINE_MS: {
    description: 'Time limit of one request, until the platform has accepted the transfer',
    parse: integerBetween(100, 60_000),
    default: '8000',
  },
  PICKUP_POLL_INTERVAL_MS: {
    description: 'Interval at which a transferred call is polled at first',
    parse: integerBetween(10, 60_000),
    default: '2000',
  },
  PICKUP_TIMEOUT_MS: { description: 'How long to wait for a pickup', parse: integerBetween(50, 3_600_000), default: '30000' },
  PICKUP_EVENTS: {
    description:
      "on: pickups are detected by events of the platform's notification service, with polling as the fallback; off: by polling only",
    parse: oneOf('on', 'off'),
    default: 'on',
  },
  LOOP_GUARD_ATTRIBUTES: {
    description:
      "on: depth and path of a transfer are also written to the customer's attributes, one more call for each transfer; off: not written, for organizations where no flow reads them and no other Handoff transfers the same calls",
    parse: oneOf('on', 'off'),
    default: 'on',
  },
  OTEL_EXPORTER_OTLP_ENDPOINT: {
    description: 'Collector of OpenTelemetry traces (OTLP over HTTP, such as http://127.0.0.1:4318); empty: no traces',
    parse: parseBaseUrl,
    default: '',
  },
  RETENTION_DAYS: {
    description: 'Finished transfers are deleted after so many days, but not before 3, and their audit trail is kept; 0: never',
    parse: integerBetween(0, 3_650),
    default: '90',
  },
  SHUTDOWN_DELAY_MS: {
    description: 'Time between reporting "not ready" and refusing requests when the service is stopped',
    parse: integerBetween(0, 8_000),
    default: '1000',
  },
  CALLER_REQUESTS_PER_MINUTE: {
    description: 'Requests that one API key may make in a minute',
    parse: integerBetween(1, 10_000_000),
    default: '12000',
  },
  LOOP_TOKEN_SECRET: {
    description:
      'Key of the loop tokens in conversations and of the access tokens, the same on every node (npm run keys -- settings prints one)',
    parse: textOfAtLeast(16),
    isSecret: true,
  },
  LOOP_TOKEN_SECRET_PREVIOUS: {
    description: 'The secret before LOOP_TOKEN_SECRET, while it is rotated: what was signed with it is still accepted',
    parse: secretsOfAtLeast(16),
    default: '',
    isSecret: true,
  },
  AUDIT_KEY: {
    description: 'Key of the audit chain; keep it away from everyone who can write to the ledger',
    parse: textOfAtLeast(16),
    isSecret: true,
  },
  AUDIT_KEY_PREVIOUS: {
    description:
      'Keys that were AUDIT_KEY before, comma-separated, newest first (a comma in a key is written as %2C): what they wrote can still be verified',
    parse: secretsOfAtLeast(16),
    default: '',
    isSecret: true,
  },
  API_KEYS: {
    description: 'Keys that exist from the start: <key>:<scope>+<scope>, comma-separated (npm run keys -- create makes permanent ones)',
    parse: parseText,
    default: '',
    isNeededAtFirstStart: true,
  },
} satisfies Record<string, Setting<unknown>>
