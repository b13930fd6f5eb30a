/** How settings are read, which are refused, and what .env.example contains. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parse } from 'dotenv'
import t from 'tap'
import { collectSecrets, InvalidSetting, readEnvironment, type SettingName } from '../src/environment.ts'
import { createExampleFile } from '../src/environment/example-file.ts'

const secret = 'S3cr3t-of-sixteen-and-more'
const requiredSettings = { GENESYS_CLIENT_ID: 'client', GENESYS_CLIENT_SECRET: secret, LOOP_TOKEN_SECRET: secret, AUDIT_KEY: secret }
const requiredNames = Object.keys(requiredSettings) as SettingName[]
const queueId = '9e0e0000-0000-4000-8000-000000000001'

t.test('given only the required settings, then the others have their defaults', async (t) => {
  const { ALLOWED_NUMBERS, ...environment } = readEnvironment(requiredSettings)
  t.strictSame(environment, {
    ...requiredSettings,
    GENESYS_ENV: 'mypurecloud.com',
    GENESYS_GATEWAY_URL: undefined,
    GENESYS_REQUESTS_PER_MINUTE: 300,
    GENESYS_TOKEN_POOL_SIZE: 1,
    GENESYS_ORGANIZATION_ID: undefined,
    CRM_WEBHOOK_URL: [],
    CRM_WEBHOOK_EVENTS: '*',
    CRM_WEBHOOK_INCLUDE_SUMMARY: 'off',
    PICKUP_EVENTS: 'on',
    LOOP_GUARD_ATTRIBUTES: 'on',
    OTEL_EXPORTER_OTLP_ENDPOINT: undefined,
    CRM_WEBHOOK_SECRET: undefined,
    WEBHOOK_ALLOWED_NETWORKS: '',
    HTTPS_PROXY: undefined,
    HTTP_PROXY: undefined,
    NO_PROXY: '',
    DATABASE_URL: 'sqlite:./data/handoff.db',
    DATABASE_DIRECT_URL: undefined,
    HOST: '127.0.0.1',
    PORT: 3000,
    TRUST_PROXY: '',
    DOCS: 'on',
    CONSOLE: 'on',
    MCP: 'off',
    LOG_LEVEL: 'info',
    LOG_FORMAT: 'json',
    MAX_TRANSFER_DEPTH: 3,
    DEFAULT_QUEUE_ID: undefined,
    FALLBACK_QUEUE_ID: undefined,
    TRANSFER_DEADLINE_MS: 8000,
    PICKUP_POLL_INTERVAL_MS: 2000,
    PICKUP_TIMEOUT_MS: 30_000,
    CALLER_REQUESTS_PER_MINUTE: 12_000,
    LOOP_TOKEN_SECRET_PREVIOUS: [],
    AUDIT_KEY_PREVIOUS: [],
    API_KEYS: '',
    RETENTION_DAYS: 90,
    SHUTDOWN_DELAY_MS: 1000,
  })
  t.strictSame(ALLOWED_NUMBERS, [])
})

t.test('given settings with spaces around them, then the spaces are removed, and an empty setting is absent', async (t) => {
  t.match(
    readEnvironment({
      ...requiredSettings,
      PORT: ' 8080 ',
      HOST: '',
      LOG_LEVEL: '  ',
      DEFAULT_QUEUE_ID: queueId.toUpperCase(),
      GENESYS_GATEWAY_URL: 'https://gateway.example/genesys//',
    }),
    {
      PORT: 8080,
      HOST: '127.0.0.1',
      LOG_LEVEL: 'info',
      DEFAULT_QUEUE_ID: queueId,
      GENESYS_GATEWAY_URL: 'https://gateway.example/genesys',
    },
  )
})

t.test('given keys that were AUDIT_KEY before, then each is an entry, and each is a secret', async (t) => {
  const environment = readEnvironment({ ...requiredSettings, AUDIT_KEY_PREVIOUS: 'the-second-key-of-it, the-first-key%2Cof-it' })
  t.strictSame(environment.AUDIT_KEY_PREVIOUS, ['the-second-key-of-it', 'the-first-key,of-it'])
  t.ok(environment.AUDIT_KEY_PREVIOUS.every((key) => collectSecrets(environment).includes(key)))
})

t.test('given allowed numbers, then * stands for any digits and nothing else', async (t) => {
  const { ALLOWED_NUMBERS: patterns } = readEnvironment({ ...requiredSettings, ALLOWED_NUMBERS: '+4930*, +15551234567,+44*99' })
  const isAllowed = (number: string) => patterns.some((pattern) => pattern.test(number))
  for (const number of ['+4930', '+49301234567', '+15551234567', '+4499', '+44123499']) t.ok(isAllowed(number), number)
  for (const number of ['+493', '4930123', '+155512345678', '+1555123456', '+4412349', '+4930x', '+4930\n1', '+49+4930', ''])
    t.notOk(isAllowed(number), JSON.stringify(number))
})

/** Invalid values of each setting, and what the message says besides the name of the setting. */
const malformed: Array<[name: SettingName, values: string[], message: RegExp]> = [
  ['LOOP_TOKEN_SECRET', ['short', 'x'.repeat(15)], /at least 16 characters/],
  ['AUDIT_KEY', ['short'], /at least 16 characters/],
  ['AUDIT_KEY_PREVIOUS', ['short', `${secret.slice(1)},short`], /entry [12] must have at least 16 characters/],
  ['AUDIT_KEY_PREVIOUS', [`${secret}2,${secret}2`], /has an entry twice/],
  ['AUDIT_KEY_PREVIOUS', [secret, `${secret}2, ${secret}`], /must not have what AUDIT_KEY has/],
  ['LOOP_TOKEN_SECRET_PREVIOUS', ['short'], /entry 1 must have at least 16 characters/],
  ['LOOP_TOKEN_SECRET_PREVIOUS', [secret], /must not have what LOOP_TOKEN_SECRET has/],
  [
    'GENESYS_GATEWAY_URL',
    ['gateway', 'ftp://gateway.example', '//gateway.example', 'http://', 'javascript:alert(1)'],
    /http or https address/,
  ],
  ['GENESYS_GATEWAY_URL', [`https://user:${secret}@gateway.example`, `https://${secret}@gateway.example`], /user name or password/],
  ['CRM_WEBHOOK_URL', ['crm.example', 'file:///etc/passwd'], /http or https address/],
  ['CRM_WEBHOOK_URL', [`https://user:${secret}@crm.example`], /user name or password/],
  // What follows a # is never sent. An address to which paths are added may have neither a query nor a fragment.
  ['CRM_WEBHOOK_URL', [`https://crm.example/hook#${secret}`], /must not contain a #/],
  ['GENESYS_GATEWAY_URL', [`https://gateway.example/#${secret}`, `https://gateway.example/?key=${secret}`], /must not contain a # or \?/],
  ['OTEL_EXPORTER_OTLP_ENDPOINT', ['http://127.0.0.1:4318/#x', 'http://127.0.0.1:4318?x=1'], /must not contain a # or \?/],
  // Docker's --env-file does not remove quotes, so the secret would differ from the one that a .env file gives.
  ['AUDIT_KEY', [`"${secret}"`, `'${secret}'`], /has quotes around it/],
  ['GENESYS_CLIENT_SECRET', [`"${secret}"`, ` \`${secret}\` `], /has quotes around it/],
  ['PORT', ['"3000"'], /has quotes around it/],
  ['GENESYS_REQUESTS_PER_MINUTE', ['0', '-1', 'many', '1.5', '1e3', '0x10', '100001'], /whole number from 1 to 100000/],
  ['GENESYS_TOKEN_POOL_SIZE', ['0', '51', 'two'], /whole number from 1 to 50/],
  [
    'DATABASE_URL',
    ['handoff.db', 'sqlite:', 'mysql://x', 'SQLITE:x', 'postgres://', `postgres://user:${secret}@ho st/db`, `user:${secret}@host/db`],
    /sqlite:<path>/,
  ],
  [
    'DATABASE_URL',
    [
      `postgres://user:1#${secret}@host/db`,
      `postgres://user:1/${secret}@host/db`,
      `postgres://user:1?${secret}@host/db`,
      `postgres://user:%${secret}@host/db`,
    ],
    /write # as %23, \/ as %2F, \? as %3F, @ as %40 and % as %25/,
  ],
  ['DATABASE_DIRECT_URL', [`postgres://user:1#${secret}@host/db`], /write # as %23/],
  ['DATABASE_DIRECT_URL', ['sqlite:x.db', 'postgres://', `postgres://user:${secret}@ho st/db`], /postgres:\/\//],
  [
    'HTTPS_PROXY',
    ['socks5://proxy:1080', 'http://', 'http://proxy:3128/path', `http://user:${secret}@ho st:1`, 'proxy:port'],
    /address of an HTTP proxy/,
  ],
  ['HTTPS_PROXY', [`http://user:a#${secret}@proxy:3128`, `http://user:1#${secret}@proxy:3128`, `user:1/${secret}@proxy`], /write # as %23/],
  ['HTTP_PROXY', [`http://user:${secret}%@proxy:3128`], /% as %25/],
  ['PORT', ['-1', '65536', '80 80', 'http', '+80'], /whole number from 0 to 65535/],
  ['LOG_LEVEL', ['verbose', 'INFO', '30'], /one of trace, debug/],
  ['MAX_TRANSFER_DEPTH', ['0', '51', 'three'], /whole number from 1 to 50/],
  ['DEFAULT_QUEUE_ID', ['support', `${queueId}x`, queueId.replaceAll('-', '')], /id of a queue/],
  ['FALLBACK_QUEUE_ID', ['support', `{${queueId}}`], /id of a queue/],
  [
    'ALLOWED_NUMBERS',
    ['4930*', '+49 30', '*', '+', '+49?', '+49301234567;+1', `+4930,${secret}`],
    /entry \d must be a number in E\.164 form/,
  ],
  ['TRANSFER_DEADLINE_MS', ['99', '60001', '8s'], /whole number from 100 to 60000/],
  ['PICKUP_POLL_INTERVAL_MS', ['9', '60001'], /whole number from 10 to 60000/],
  ['PICKUP_TIMEOUT_MS', ['49', '3600001'], /whole number from 50 to 3600000/],
  ['RETENTION_DAYS', ['-1', '3651', '90d'], /whole number from 0 to 3650/],
  ['SHUTDOWN_DELAY_MS', ['8001', '1s'], /whole number from 0 to 8000/],
  ['CALLER_REQUESTS_PER_MINUTE', ['0', '10000001'], /whole number from 1 to 10000000/],
]

function refusalOf(source: Record<string, string | undefined>, options: { needsApiKey?: boolean } = {}): InvalidSetting | undefined {
  try {
    readEnvironment(source, options)
    return undefined
  } catch (error) {
    if (error instanceof InvalidSetting) return error
    throw error
  }
}

t.test('given a setting that is missing or malformed, then one line names it, without its value', async (t) => {
  const expectRefusal = (source: Record<string, string | undefined>, setting: SettingName, message: RegExp, description: string): void => {
    const error = refusalOf(source)
    t.equal(error?.setting, setting, description)
    t.ok(error?.message.startsWith(`${setting}: `), description)
    t.match(error?.message, message)
    t.notMatch(error?.message, /\n|S3cr3t/, 'one line, no secret')
  }
  for (const name of requiredNames)
    for (const value of [undefined, '', ' \t'])
      expectRefusal({ ...requiredSettings, [name]: value }, name, /is required/, `${name} as ${JSON.stringify(value)}`)
  for (const [name, values, message] of malformed)
    for (const value of values) expectRefusal({ ...requiredSettings, [name]: value }, name, message, `${name} as ${value}`)
  expectRefusal(
    { ...requiredSettings, CRM_WEBHOOK_URL: 'https://crm.example' },
    'CRM_WEBHOOK_SECRET',
    /required with CRM_WEBHOOK_URL/,
    'a CRM without a secret',
  )
  t.equal(refusalOf({ ...requiredSettings, API_KEYS: '', CRM_WEBHOOK_SECRET: 'whsec_x' }), undefined, 'a secret without a CRM is accepted')
})

t.test('given a password with special characters that are encoded, then the address of the database is accepted', async (t) => {
  const url = 'postgres://user:a%23b%2Fc%3Fd%40e%25f@host:5432/db?sslmode=require'
  t.equal(readEnvironment({ ...requiredSettings, DATABASE_URL: url }).DATABASE_URL, url)
})

t.test('given several settings that are missing or malformed, then one error names each of them, in a line of its own', async (t) => {
  const error = refusalOf({ ...requiredSettings, AUDIT_KEY: '', PORT: 'http', LOG_LEVEL: 'loud', CRM_WEBHOOK_URL: 'https://crm.example' })
  t.strictSame(
    error?.message.split('\n').map((line) => line.split(':')[0]),
    ['PORT', 'LOG_LEVEL', 'AUDIT_KEY', 'CRM_WEBHOOK_SECRET'],
  )
  t.notMatch(error?.message, /S3cr3t/)
})

t.test(
  'given a ledger that does not exist yet, when settings are missing, then the API key that the first start needs is named, too',
  async (t) => {
    const folder = mkdtempSync(join(tmpdir(), 'handoff-'))
    t.teardown(() => rmSync(folder, { recursive: true }))
    const file = join(folder, 'handoff.db')
    const isApiKeyNamed = (settings: Record<string, string>): boolean => {
      const error = refusalOf({ ...requiredSettings, AUDIT_KEY: '', DATABASE_URL: `sqlite:${file}`, ...settings }, { needsApiKey: true })
      return error?.message.split('\n').some((line) => line.startsWith('API_KEYS: is required')) === true
    }
    t.ok(isApiKeyNamed({}))
    t.ok(isApiKeyNamed({ DATABASE_URL: 'sqlite::memory:' }))
    t.ok(isApiKeyNamed({ DATABASE_URL: 'postgres://user:password@host/db' }), 'whether this ledger has keys is not known')
    t.notOk(isApiKeyNamed({ API_KEYS: `hk_ops_${'x'.repeat(16)}:transfers:read` }))
    t.equal(
      refusalOf({ ...requiredSettings, DATABASE_URL: `sqlite:${file}` }, { needsApiKey: true }),
      undefined,
      'the ledger is asked if nothing else is missing',
    )
    writeFileSync(file, '')
    t.notOk(isApiKeyNamed({}), 'a ledger that exists may have keys')
  },
)

t.test('given .env.example, then it is the generated one, names every setting once, and shows the defaults', async (t) => {
  const text = createExampleFile()
  t.equal(readFileSync(new URL('../.env.example', import.meta.url), 'utf8'), text, 'it is the committed one (npm run openapi writes it)')
  t.strictSame(Object.keys(parse(text)), [...requiredNames, 'API_KEYS'], 'it asks for what a first start needs')
  t.ok(
    Object.values(parse(text)).every((value) => value === ''),
    'the settings that it asks for have no values',
  )
  const names = [...text.matchAll(/^(?:# )?([A-Z_]+)=/gm)].map(([, name]) => String(name))
  t.strictSame(names.toSorted(), Object.keys(readEnvironment(requiredSettings)).toSorted(), 'it names every setting once')
  const uncommented = parse(text.replaceAll(/^# (?=[A-Z_]+=)/gm, ''))
  t.strictSame(
    readEnvironment({ ...uncommented, ...requiredSettings }),
    readEnvironment(requiredSettings),
    'its commented values are the defaults',
  )
})
