import fc from 'fast-check'
import t from 'tap'
import { readEnvironment, secretsIn } from '../../src/environment.ts'
import { auditInEcs, factsInEcs } from '../../src/telemetry/ecs.ts'
import { createLog, redact } from '../../src/telemetry/log.ts'

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

t.test('given the settings, then every secret among them is known, each by itself', async (t) => {
  t.strictSame(
    secretsIn(environment).toSorted(),
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
  'given a secret of the settings anywhere in a line, as it is, in JSON or in a URL, then it is not written, and the line stays JSON',
  async (t) => {
    const lines: string[] = []
    const secrets = secretsIn(environment)
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

const shapes: Array<[what: string, text: string]> = [
  ['E.164', '+4915112345678'],
  ['in words', 'call +4915112345678 now'],
  ['with spaces', '+49 151 1234 5678'],
  ['with hyphens and brackets', '+1 (555) 123-4567'],
  ['in a URL', '?to=%2B4915112345678'],
  ['as a tel address', 'tel:+4915112345678;ext=1'],
  ['as a tel address without a plus', 'tel:4915112345678'],
  ['as a SIP address', 'sip:4915112345678@host;user=phone'],
  ['as a text of its own', '{"ani":"4915112345678"}'],
  ['in JSON in JSON', '{"a":"{\\"ani\\":\\"+4915112345678\\"}"}'],
]
t.test('given a number in any of the forms that it comes in, then it is masked', async (t) => {
  for (const [what, text] of shapes) t.notMatch(redact(text).replaceAll(/\D/g, ''), /151123|555123|45678/, `${what}: ${redact(text)}`)
})

t.test('given any number of the world in a line, then it is masked, and the rest stays', async (t) => {
  t.doesNotThrow(() =>
    fc.assert(
      fc.property(fc.stringMatching(/^[1-9][0-9]{6,14}$/), fc.constantFrom('x', ' ', '"', '.'), (digits, beside) => {
        const line = `before${beside}+${digits}${beside}after`
        if (redact(line) !== `before${beside}+[number]${beside}after`) throw new Error(redact(line))
      }),
    ),
  )
})

t.test('given what looks like a secret, then it is masked', async (t) => {
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

t.test('given facts, then they stand in the fields that ECS has for them, and the outcome and the duration follow', async (t) => {
  t.strictSame(factsInEcs({ stage: 'execution', outcome: 'passed', durationMs: 12 }), {
    stage: 'execution',
    outcome: 'passed',
    durationMs: 12,
    'event.duration': 12_000_000,
    'event.outcome': 'success',
  })
  t.match(factsInEcs({ outcome: 'NO_AGENT_AVAILABLE' }), { 'event.outcome': 'failure' })
  t.match(factsInEcs({ outcome: 'indeterminate' }), { 'event.outcome': 'unknown' })
  t.strictSame(factsInEcs({ method: 'GET', status: 404, caller: 'ops' }), {
    'http.request.method': 'GET',
    'user.id': 'ops',
    'http.response.status_code': 404,
    'event.outcome': 'failure',
  })
})

t.test('given audit rows of every kind, then each has the category, type and outcome that ECS allows', async (t) => {
  const row = (status: string) => auditInEcs({ timestamp: '2026-01-01T00:00:00.000Z', status, seq: 7, hash: 'h', traceId: null })
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
  t.notOk('hash' in row('accepted') || 'trace.id' in row('accepted'), 'hash is a field set of ECS, and no name for ours')
})
