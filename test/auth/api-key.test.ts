import t from 'tap'
import { idOf, makeKey, matches, parseScopes, parseSeeds, scopes } from '../../src/auth/api-key.ts'

const now = Date.parse('2026-03-01T00:00:00Z')
const secret = 'S3cr3t-of-sixteen-and-more'

t.test('given a new key, then it has 256 random bits, matches itself alone, and only its hash is kept', async (t) => {
  const { text, kept } = makeKey(['transfers:read'], 'dashboards', null, now)
  t.match(text, /^hk_[0-9a-f]{12}_[A-Za-z0-9_-]{43}$/)
  t.notOk(JSON.stringify(kept).includes(text.split('_').slice(2).join('_')))
  t.match(kept, {
    id: String(idOf(text)),
    scopes: ['transfers:read'],
    queues: null,
    label: 'dashboards',
    createdAt: '2026-03-01T00:00:00.000Z',
    revokedAt: null,
  })
  t.ok(matches(text, kept))
  t.notOk(matches(`${text}x`, kept))
  t.notOk(matches(makeKey(['transfers:read'], '', null, now).text, kept))
  t.notOk(matches(text, { ...kept, revokedAt: '2026-03-02T00:00:00.000Z' }), 'a key that was taken back matches nothing')
})

t.test('given words, then only scopes are scopes, and the message repeats none of them', async (t) => {
  t.strictSame(parseScopes([...scopes]), [...scopes])
  t.strictSame(parseScopes(['audit:read', 'audit:read']), ['audit:read'])
  t.throws(() => parseScopes([]), { message: /a key needs a scope; there are transfers:write/ })
  for (const wrong of ['transfers', 'TRANSFERS:READ', '', ' audit:read', secret, 'constructor']) {
    t.throws(() => parseScopes(['audit:read', wrong]), { message: /^scope 2 is none; there are transfers:write/ })
  }
})

t.test('given the API_KEYS setting, then it is read entry by entry', async (t) => {
  t.strictSame(parseSeeds('', now), [])
  t.match(parseSeeds(` hk_ops_${secret}:transfers:write+transfers:read , hk_bi_${secret}:audit:read,`, now), [
    { id: 'ops', scopes: ['transfers:write', 'transfers:read'], queues: null, label: 'API_KEYS', revokedAt: null },
    { id: 'bi', scopes: ['audit:read'] },
  ])
  const [base64] = parseSeeds('hk_b64_abc+/=defghijklmnopq:audit:read', now)
  t.ok(base64 && matches('hk_b64_abc+/=defghijklmnopq', base64), 'secrets may be base64')
})

t.test('given a malformed entry, then the message names it by its place and never repeats a secret', async (t) => {
  for (const [wrong, why] of [
    [secret, /entry 1 must be <key>/],
    [`hk_ops_${secret}`, /entry 1: scope 1 is none/],
    [`hk_ops_${secret}:`, /entry 1: scope 1 is none/],
    ['hk_ops_short:audit:read', /entry 1 must be <key>/],
    [`hk_o ps_${secret}:audit:read`, /entry 1 must be <key>/],
    [`hk__${secret}:audit:read`, /entry 1 must be <key>/],
    [`audit:read:hk_ops_${secret}`, /entry 1 must be <key>/],
    [`hk_ops_${secret}:audit`, /entry 1: scope 1 is none/],
    [`hk_ops_${secret}:${secret}:audit:read`, /entry 1: scope 1 is none/],
    [`hk_a_${secret}:audit:read+hk_b_${secret}:audit:read`, /entry 1: scope 2 is none/],
    [`hk_a_${secret}:audit:read,hk_b_${secret}`, /entry 2: scope 1 is none/],
    [`hk_a_${secret}:audit:read,hk_a_${secret}x:audit:read`, /entry 2: its id .* is taken/],
  ] as const) {
    try {
      parseSeeds(wrong, now)
      t.fail(`${wrong} was read`)
    } catch (error) {
      t.match((error as Error).message, why)
      t.notMatch((error as Error).message, /S3cr3t/)
      t.notMatch((error as Error).message, '\n')
    }
  }
})
