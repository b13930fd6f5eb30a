/** What a log line contains, and what is removed from it. */
import { randomUUID } from 'node:crypto'
import fc from 'fast-check'
import t from 'tap'
import { readEnvironment, collectSecrets } from '../../src/environment.ts'
import { isFinal, states, type State } from '../../src/model/states.ts'
import { toEcsAuditEvent, toEcsFields } from '../../src/telemetry/ecs.ts'
import { createLog } from '../../src/telemetry/log.ts'
import { redact } from '../../src/telemetry/redact-log-line.ts'
import { operationsKey } from '../support/settings.ts'

const webhookSecret = `whsec_${Buffer.from('one webhook secret of the tests').toString('base64')}`
const environment = readEnvironment({
  GENESYS_CLIENT_ID: 'client',
  GENESYS_CLIENT_SECRET: 'platform/secret+of=tests',
  LOOP_TOKEN_SECRET: 'loop "secret" of the tests',
  AUDIT_KEY: 'audit key of the tests',
  CRM_WEBHOOK_URL: 'https://a.example',
  CRM_WEBHOOK_SECRET: `${webhookSecret},${webhookSecret.toLowerCase()}`,
  API_KEYS: `hk_a_${'a'.repeat(43)}:transfers:read`,
  DATABASE_URL: 'postgres://handoff:p%40ssword-of-tests@db.example/handoff',
})

t.test('given the settings, when their secrets are collected, then each one is listed', async (t) => {
  t.strictSame(
    collectSecrets(environment).toSorted(),
    [
      'platform/secret+of=tests',
      'loop "secret" of the tests',
      'audit key of the tests',
      webhookSecret,
      webhookSecret.toLowerCase(),
      `hk_a_${'a'.repeat(43)}`,
      'p%40ssword-of-tests',
      'p@ssword-of-tests',
    ].toSorted(),
  )
})

t.test(
  'given a secret of the settings anywhere in a line, when the line is written, then it is valid JSON without the secret, even encoded',
  async (t) => {
    const lines: string[] = []
    const secrets = collectSecrets(environment)
    const log = createLog('info', { destination: { write: (line: string) => void lines.push(line) }, secrets })
    for (const secret of secrets) {
      log.info(
        { reason: `failed with ${secret}`, nested: { deep: [secret] }, url: `https://x.example/?a=${encodeURIComponent(secret)}` },
        secret,
      )
      log.error({ err: new Error(`no ${secret}`) }, 'm')
    }
    t.equal(lines.length, secrets.length * 2)
    for (const line of lines) {
      t.doesNotThrow(() => JSON.parse(line) as unknown)
      for (const secret of secrets)
        for (const form of [secret, encodeURIComponent(secret), JSON.stringify(secret).slice(1, -1)]) t.notOk(line.includes(form), form)
    }
  },
)

const numberFormats: Array<[format: string, text: string]> = [
  ['E.164', '+4915112345678'],
  ['in a sentence', 'call +4915112345678 now'],
  ['with spaces', '+49 151 1234 5678'],
  ['with hyphens and brackets', '+1 (555) 123-4567'],
  ['in a URL', '?to=%2B4915112345678'],
  ['as a tel address', 'tel:+4915112345678;ext=1'],
  ['as a tel address without a plus', 'tel:4915112345678'],
  ['as a SIP address', 'sip:4915112345678@host;user=phone'],
  ['as a complete string', '{"ani":"4915112345678"}'],
  ['as a complete string, without an area code', '{"ani":"5551230"}'],
  ['in JSON in JSON, as a complete string', '"{\\"ani\\":\\"5551230\\"}"'],
  ['in JSON in JSON', '{"a":"{\\"ani\\":\\"+4915112345678\\"}"}'],
]
t.test('given a phone number in any format, when a line is redacted, then the number is masked', async (t) => {
  for (const [format, text] of numberFormats)
    t.notMatch(redact(text).replaceAll(/\D/g, ''), /151123|555123|45678/, `${format}: ${redact(text)}`)
})

t.test('given any E.164 number in a line, when it is redacted, then the number is masked, and the rest of the line stays', async (t) => {
  t.doesNotThrow(() =>
    fc.assert(
      fc.property(fc.stringMatching(/^[1-9][0-9]{6,14}$/), fc.constantFrom('x', ' ', '"', '.'), (digits, separator) => {
        const line = `before${separator}+${digits}${separator}after`
        if (redact(line) !== `before${separator}+[number]${separator}after`) throw new Error(redact(line))
      }),
    ),
  )
})

t.test('given text that looks like a secret, when it is redacted, then the secret is masked', async (t) => {
  for (const text of [
    'Basic dXNlcjpwYXNzd29yZA==',
    'eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.abc',
    'postgres://handoff:hunter2@db/x',
    'access_token=abcdef123',
    '{"client_secret":"hunter2hunter2"}',
    '"{\\"password\\":\\"hunter2hunter2\\"}"',
  ])
    t.notMatch(redact(text), /hunter2|dXNlcj|eyJzdWI|abcdef123/, redact(text))
})

t.test('given log fields, when they are converted, then they have ECS names, and an ECS outcome and duration', async (t) => {
  t.strictSame(toEcsFields({ stage: 'execution', outcome: 'passed', durationMs: 12 }), {
    stage: 'execution',
    outcome: 'passed',
    durationMs: 12,
    'event.duration': 12_000_000,
    'event.outcome': 'success',
  })
  const succeeded = new Set<State>(['accepted', 'executing', 'decided', 'initiated', 'picked_up', 'callback_created'])
  for (const outcome of states)
    t.match(toEcsFields({ outcome }), {
      'event.outcome': succeeded.has(outcome) ? 'success' : outcome === 'indeterminate' ? 'unknown' : 'failure',
    })
  t.match(toEcsFields({ outcome: 'NO_AGENT_AVAILABLE' }), { 'event.outcome': 'failure' })
  t.match(toEcsFields({ outcome: 'indeterminate' }), { 'event.outcome': 'unknown' })
  t.strictSame(toEcsFields({ method: 'GET', status: 404, caller: 'ops' }), {
    'http.request.method': 'GET',
    'user.id': 'ops',
    'http.response.status_code': 404,
    'event.outcome': 'failure',
  })
})

t.test(
  'given audit entries of every kind, when they are converted, then each has a category, type and outcome that ECS allows',
  async (t) => {
    const row = (status: string) => toEcsAuditEvent({ timestamp: '2026-01-01T00:00:00.000Z', status, seq: 7, hash: 'h', traceId: null })
    const expected: Array<[string, string, string, string]> = [
      ['accepted', 'session', 'start', 'unknown'],
      ['picked_up', 'session', 'end', 'success'],
      ['timeout', 'session', 'end', 'failure'],
      ['indeterminate', 'session', 'info', 'unknown'],
      ['caller_refused', 'authentication', 'denied', 'failure'],
      ['key_created', 'iam', 'creation', 'success'],
      ['delivery_delivered', 'network', 'info', 'success'],
      ['delivery_exhausted', 'network', 'info', 'failure'],
      ['endpoint_paused', 'network', 'info', 'failure'],
      ['late_pickup', 'session', 'info', 'success'],
    ]
    for (const [status, category, type, outcome] of expected)
      t.match(row(status), {
        'event.action': status,
        'event.category': [category],
        'event.type': [type],
        'event.outcome': outcome,
        'event.hash': 'h',
        'event.sequence': 7,
      })
    for (const state of states)
      t.match(row(state), { 'event.type': [isFinal(state) ? 'end' : state === 'indeterminate' ? 'info' : 'start'] }, state)
    t.match(row('callback_created'), { 'event.outcome': 'success' })
    t.match(row('routing_refused'), { 'event.outcome': 'failure' })
    t.notOk('hash' in row('accepted') || 'trace.id' in row('accepted'), 'hash is a field set of ECS, so our hash must not have that name')
  },
)

t.test('given an error of a library, when it is logged, then only its name, message, code and stack are written', async (t) => {
  const lines: string[] = []
  const log = createLog('info', { destination: { write: (line: string) => void lines.push(line) } })
  const logLine = (fields: object, message = 'm'): Record<string, unknown> => {
    lines.length = 0
    log.info(fields, message)
    t.equal(lines.length, 1)
    return JSON.parse(lines[0] ?? '') as Record<string, unknown>
  }
  const libraryError = Object.assign(new TypeError('Request failed with status code 401'), {
    code: 'ERR_BAD_REQUEST',
    config: { headers: { authorization: 'Bearer abcdefghijkl' }, data: 'client_secret=s3cr3t' },
    request: { _header: 's3cr3t' },
    response: { data: 's3cr3t' },
    cause: new Error('s3cr3t'),
  })
  const errorFields = (line: Record<string, unknown>): string[] => Object.keys(line).filter((name) => name.startsWith('err'))
  t.strictSame(errorFields(logLine({ err: libraryError })), ['error.type', 'error.message', 'error.code', 'error.stack_trace'])
  t.notMatch(lines[0], /s3cr3t|abcdefghijkl/)
  for (const thrown of [{ token: 's3cr3t' }, 's3cr3t', ['s3cr3t'], null, undefined, 7]) {
    logLine({ err: thrown })
    t.notMatch(lines[0], 's3cr3t')
  }
  t.strictSame(
    errorFields(logLine({ err: Object.assign(new Error('m'), { code: { secret: 's3cr3t' } }) })),
    ['error.type', 'error.message', 'error.stack_trace'],
    'a code that is not a string is not logged',
  )

  t.match(
    logLine(
      { err: new Error('call to +49 failed, +4915112345678 is busy'), number: '+4915112345678', url: '/x?to=%2B4915112345678' },
      'tel:+4915112345678',
    ),
    { number: '+[number]', url: '/x?to=+[number]', message: '[address]', 'error.message': 'call to +49 failed, +[number] is busy' },
    'phone numbers are masked in every field',
  )
  t.match(
    logLine({ key: `k=${operationsKey}.`, header: 'Bearer eyJhbGciOi.J9-_x"', secret: 'whsec_MfKQ9r8GKYqrTwjU' }),
    { key: 'k=[secret]', header: '[secret]"', secret: '[secret]' },
    'and so are secrets, without breaking the JSON',
  )
  const harmless = {
    id: randomUUID(),
    at: '2026-03-01T00:00:00.000Z',
    sum: '1+1',
    offset: '+02:00',
    ms: 1234567890,
    text: 'bearer of news',
  }
  t.match(logLine(harmless), harmless, 'harmless values stay')
  t.match(logLine({}), { 'log.level': 'info', 'service.name': 'handoff', '@timestamp': /Z$/ })
})
