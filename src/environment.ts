/** Every setting of the service, described once: its name, what it means, what it defaults to and how it is read. */

export class InvalidSetting extends Error {
  readonly setting: string
  constructor(setting: string, why: string) {
    super(`${setting}: ${why}`)
    this.name = 'InvalidSetting'
    this.setting = setting
  }
}

type Reader<T> = (text: string) => T
interface Setting<T> {
  /** One line for `.env.example` and the README. */
  describes: string
  read: Reader<T>
  /** Text that stands for an absent setting; absent as well: the setting is required. */
  otherwise?: string
  /** Its value must never be written anywhere. */
  secret?: true
  /** Has a default, but a first start needs it: shown among the required ones. */
  firstStart?: true
}

const text: Reader<string> = (value) => value
const optional: Reader<string | undefined> = (value) => value || undefined

const whole =
  (least: number, most: number): Reader<number> =>
  (value) => {
    const number = Number(value)
    if (!/^\d+$/.test(value) || number < least || number > most) throw new Error(`must be a whole number from ${least} to ${most}`)
    return number
  }

const atLeast =
  (characters: number): Reader<string> =>
  (value) => {
    if (value.length < characters) throw new Error(`must have at least ${characters} characters`)
    return value
  }

/** The id of something on the platform. */
const idOf =
  (what: string): Reader<string | undefined> =>
  (value) => {
    if (value !== '' && !/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i.test(value)) throw new Error(`must be the id of ${what} (a UUID)`)
    return value.toLowerCase() || undefined
  }

function webAddress(value: string): string {
  const url = URL.canParse(value) ? new URL(value) : undefined
  if (url?.protocol !== 'http:' && url?.protocol !== 'https:') throw new Error('must be an http or https address')
  if (url.username || url.password) throw new Error('must not carry a user name or password')
  return value
}
const baseAddress: Reader<string | undefined> = (value) => (value === '' ? undefined : webAddress(value).replace(/\/+$/, ''))
/** An address may have commas in it: the next one begins where a scheme does. */
const webAddresses: Reader<readonly string[]> = (value) => {
  const addresses = value === '' ? [] : value.split(/[\s,;]+(?=\w+:)/).map(webAddress)
  if (new Set(addresses).size < addresses.length) throw new Error('names an address twice')
  return addresses
}

const database: Reader<string> = (value) => {
  if (/^postgres(ql)?:\/\/./.test(value) && URL.canParse(value)) return value
  if (!/^sqlite:.+/.test(value))
    throw new Error(
      'must be sqlite:<path> (sqlite::memory: for a ledger that is forgotten) or postgres://<user>:<password>@<host>/<database>',
    )
  return value
}

const oneOf =
  <T extends string>(...words: T[]): Reader<T> =>
  (value) => {
    const found = words.find((word) => word === value)
    if (!found) throw new Error(`must be one of ${words.join(', ')}`)
    return found
  }

const patterns: Reader<RegExp[]> = (value) =>
  words(value).map((pattern, at) => {
    if (!/^\+[0-9*]{1,32}$/.test(pattern)) throw new Error(`entry ${at + 1} must be a number in E.164 form, with * for any digits (+4930*)`)
    return new RegExp(`^\\+${pattern.slice(1).replaceAll('*', '[0-9]*')}$`)
  })

const words = (value: string): string[] =>
  value
    .split(',')
    .map((word) => word.trim())
    .filter(Boolean)

const settings = {
  GENESYS_CLIENT_ID: { describes: 'OAuth client (client credentials grant) of the Genesys Cloud organisation', read: atLeast(1) },
  GENESYS_CLIENT_SECRET: { describes: 'Its secret', read: atLeast(1), secret: true },
  GENESYS_ENV: {
    describes: 'Region of the organisation, such as mypurecloud.com, mypurecloud.ie or usw2.pure.cloud',
    read: atLeast(1),
    otherwise: 'mypurecloud.com',
  },
  GENESYS_GATEWAY_URL: {
    describes: 'Where to reach the platform instead (a proxy or the simulator): login at {gateway}/oauth/token, API at {gateway}/api/v2',
    read: baseAddress,
    otherwise: '',
  },
  GENESYS_REQUESTS_PER_MINUTE: {
    describes: "The platform's limit for one token; 95 % of it is used",
    read: whole(1, 100_000),
    otherwise: '300',
  },
  GENESYS_TOKEN_POOL_SIZE: { describes: 'Tokens used side by side, each with its own limit', read: whole(1, 50), otherwise: '1' },
  GENESYS_ORGANIZATION_ID: {
    describes: 'The only organisation whose data actions may ask, by the ININ-Organization-Id that the platform sends; empty: not checked',
    read: idOf('an organisation'),
    otherwise: '',
  },
  CRM_WEBHOOK_URL: {
    describes: 'Where the CRM is told, one address or several, comma-separated; empty: nobody is told',
    read: webAddresses,
    otherwise: '',
  },
  CRM_WEBHOOK_SECRET: {
    describes:
      'Signing secrets (whsec_…), comma-separated during rotation, the newest first; of several addresses separated by semicolons, in their order; required with CRM_WEBHOOK_URL',
    read: optional,
    otherwise: '',
    secret: true,
  },
  CRM_WEBHOOK_EVENTS: {
    describes:
      'Events the CRM is told of, comma-separated (transfer.picked_up,transfer.failed), of several addresses separated by semicolons; * is all',
    read: text,
    otherwise: '*',
  },
  WEBHOOK_ALLOWED_NETWORKS: {
    describes: 'Private networks a webhook may go to all the same: CIDRs, comma-separated',
    read: text,
    otherwise: '',
  },
  DATABASE_URL: {
    describes: 'The ledger: sqlite:<path>, or postgres://… for several nodes',
    read: database,
    otherwise: 'sqlite:./data/handoff.db',
  },
  HOST: { describes: 'Address to listen on', read: atLeast(1), otherwise: '127.0.0.1' },
  PORT: { describes: 'Port to listen on; 0: any free one', read: whole(0, 65_535), otherwise: '3000' },
  LOG_LEVEL: {
    describes: 'trace, debug, info, warn, error, fatal or silent',
    read: oneOf('trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent'),
    otherwise: 'info',
  },
  MAX_TRANSFER_DEPTH: { describes: 'How often one conversation may be transferred', read: whole(1, 50), otherwise: '3' },
  DEFAULT_QUEUE_ID: { describes: "A skill's queue where the request names none", read: idOf('a queue'), otherwise: '' },
  FALLBACK_QUEUE_ID: { describes: 'Queue for calls whose target and fallbacks are not available', read: idOf('a queue'), otherwise: '' },
  ALLOWED_NUMBERS: {
    describes: 'Numbers calls may be transferred to: E.164, * for any digits, comma-separated; empty: none',
    read: patterns,
    otherwise: '',
  },
  TRANSFER_DEADLINE_MS: {
    describes: 'Time for one request, until the platform has accepted the transfer',
    read: whole(100, 60_000),
    otherwise: '8000',
  },
  PICKUP_POLL_INTERVAL_MS: { describes: 'How often a transferred call is looked at, at first', read: whole(10, 60_000), otherwise: '2000' },
  PICKUP_TIMEOUT_MS: { describes: 'How long a pickup is waited for', read: whole(50, 3_600_000), otherwise: '30000' },
  PICKUP_EVENTS: {
    describes: "on: pickups are heard on the platform's notification channel and polled only where it is silent; off: polled",
    read: oneOf('on', 'off'),
    otherwise: 'on',
  },
  OTEL_EXPORTER_OTLP_ENDPOINT: {
    describes: 'Collector of OpenTelemetry traces (OTLP over HTTP, such as http://127.0.0.1:4318); empty: no traces',
    read: baseAddress,
    otherwise: '',
  },
  RETENTION_DAYS: {
    describes: 'Finished transfers are forgotten after so many days, their audit trail is not; 0: never',
    read: whole(0, 3_650),
    otherwise: '90',
  },
  SHUTDOWN_DELAY_MS: {
    describes: 'Between saying "not ready" and refusing requests when the service is stopped',
    read: whole(0, 8_000),
    otherwise: '1000',
  },
  CALLER_REQUESTS_PER_MINUTE: {
    describes: 'Requests that one API key may make in a minute',
    read: whole(1, 10_000_000),
    otherwise: '12000',
  },
  LOOP_TOKEN_SECRET: {
    describes: 'Key of the loop token that is mirrored to the conversation (npm run keys -- settings prints one)',
    read: atLeast(16),
    secret: true,
  },
  AUDIT_KEY: { describes: 'Key of the audit chain; keep it away from those who can write the ledger', read: atLeast(16), secret: true },
  API_KEYS: {
    describes: 'Keys to seed: <key>:<scope>+<scope>, comma-separated (npm run keys -- create makes lasting ones)',
    read: text,
    otherwise: '',
    firstStart: true,
  },
} satisfies Record<string, Setting<unknown>>

export type SettingName = keyof typeof settings
export type Environment = { readonly [Name in SettingName]: ReturnType<(typeof settings)[Name]['read']> }

/**
 * Reads the settings from an environment such as `process.env`. An empty value counts as absent.
 * @throws InvalidSetting for the first setting that is missing or malformed; its message names the setting and never repeats a secret.
 */
export function readEnvironment(source: Record<string, string | undefined>): Environment {
  const entries = Object.entries<Setting<unknown>>(settings).map(([name, setting]) => {
    const given = source[name]?.trim() || setting.otherwise
    if (given === undefined) throw new InvalidSetting(name, `is required (${setting.describes})`)
    try {
      return [name, setting.read(given)] as const
    } catch (error) {
      throw new InvalidSetting(name, (error as Error).message)
    }
  })
  const environment = Object.fromEntries(entries) as Environment
  if (environment.CRM_WEBHOOK_URL.length > 0 && !environment.CRM_WEBHOOK_SECRET)
    throw new InvalidSetting('CRM_WEBHOOK_SECRET', 'is required with CRM_WEBHOOK_URL')
  return environment
}

/** Every secret among the settings, each by itself: what no log line may hold. */
export function secretsIn(environment: Environment): string[] {
  const held = Object.entries<Setting<unknown>>(settings).flatMap(([name, { secret }]) => {
    const value = environment[name as SettingName]
    return secret && typeof value === 'string' ? value.split(/[,;]/) : []
  })
  const { password = '' } = URL.parse(environment.DATABASE_URL) ?? {}
  const seeds = environment.API_KEYS.split(',').map((seed) => seed.split(':')[0] ?? '')
  return [...held, password, decodeURIComponent(password), ...seeds].map((one) => one.trim()).filter(Boolean)
}

const rule = (title: string): string => `# ${title} ${'-'.repeat(96 - title.length)}\n`
const exampleHead = `# Settings of Handoff, read from the environment and from .env where the service is started.
# "npm run keys -- settings" prints fresh secrets and a key. This file is written by "npm run openapi".
`

/** The settings as lines of a `.env` file: what a first start needs, left empty; then the rest, commented out, with their defaults. */
export function exampleEnvironment(): string {
  const all = Object.entries<Setting<unknown>>(settings)
  const needed = all.filter(([, { otherwise, firstStart }]) => otherwise === undefined || firstStart)
  const rest = all.filter((one) => !needed.includes(one))
  const lines = (some: typeof all, mark: string): string[] =>
    some.map(([name, { describes, otherwise = '' }]) => `# ${describes}\n${mark}${name}=${otherwise}\n`)
  return [exampleHead, rule('Required'), ...lines(needed, ''), rule('Optional, with the defaults'), ...lines(rest, '# ')].join('\n')
}
