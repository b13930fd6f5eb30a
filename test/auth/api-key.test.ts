/** API keys: how a key is created and matched, and how scopes and the API_KEYS setting are parsed. */
import t from 'tap'
import { createApiKey, matchesActiveKey, parseKeyId, parseScopes, parseSeedKeys, scopes } from '../../src/auth/api-key.ts'

const now = Date.parse('2026-03-01T00:00:00Z')
const secret = 'S3cr3t-of-sixteen-and-more'

t.test('given a new key, then it has 256 random bits, matches only itself, and only its hash is stored', async (t) => {
  const { text, stored } = createApiKey({ scopes: ['transfers:read'], label: 'dashboards', queues: null, now })
  t.match(text, /^hk_[0-9a-f]{12}_[A-Za-z0-9_-]{43}$/)
  t.notOk(JSON.stringify(stored).includes(text.split('_').slice(2).join('_')))
  t.match(stored, {
    id: String(parseKeyId(text)),
    scopes: ['transfers:read'],
    queues: null,
    label: 'dashboards',
    createdAt: '2026-03-01T00:00:00.000Z',
    revokedAt: null,
  })
  t.ok(matchesActiveKey(text, stored))
  t.notOk(matchesActiveKey(`${text}x`, stored))
  t.notOk(matchesActiveKey(createApiKey({ scopes: ['transfers:read'], label: '', queues: null, now }).text, stored))
  t.notOk(matchesActiveKey(text, { ...stored, revokedAt: '2026-03-02T00:00:00.000Z' }), 'a revoked key matches nothing')
})

t.test(
  'given words, when they are parsed as scopes, then words that are not scopes are refused, and the message repeats none of them',
  async (t) => {
    t.strictSame(parseScopes([...scopes]), [...scopes])
    t.strictSame(parseScopes(['audit:read', 'audit:read']), ['audit:read'])
    t.throws(() => parseScopes([]), { message: /a key needs a scope; the scopes are transfers:write/ })
    for (const word of ['transfers', 'TRANSFERS:READ', '', ' audit:read', secret, 'constructor']) {
      t.throws(() => parseScopes(['audit:read', word]), { message: /^scope 2 does not exist; the scopes are transfers:write/ })
    }
  },
)

t.test('given the API_KEYS setting, then each entry becomes a key', async (t) => {
  t.strictSame(parseSeedKeys('', now), [])
  t.match(parseSeedKeys(` hk_ops_${secret}:transfers:write+transfers:read , hk_bi_${secret}:audit:read,`, now), [
    { id: 'ops', scopes: ['transfers:write', 'transfers:read'], queues: null, label: 'API_KEYS', revokedAt: null },
    { id: 'bi', scopes: ['audit:read'] },
  ])
  const [base64] = parseSeedKeys('hk_b64_abc+/=defghijklmnopq:audit:read', now)
  t.ok(base64 && matchesActiveKey('hk_b64_abc+/=defghijklmnopq', base64), 'a secret may be base64')
})

t.test('given a malformed entry in API_KEYS, then the message names its position and repeats no secret', async (t) => {
  for (const [setting, message] of [
    [secret, /entry 1 must be <key>/],
    [`hk_ops_${secret}`, /entry 1: scope 1 does not exist/],
    [`hk_ops_${secret}:`, /entry 1: scope 1 does not exist/],
    ['hk_ops_short:audit:read', /entry 1 must be <key>/],
    [`hk_o ps_${secret}:audit:read`, /entry 1 must be <key>/],
    [`hk__${secret}:audit:read`, /entry 1 must be <key>/],
    [`audit:read:hk_ops_${secret}`, /entry 1 must be <key>/],
    [`hk_ops_${secret}:audit`, /entry 1: scope 1 does not exist/],
    [`hk_ops_${secret}:${secret}:audit:read`, /entry 1: scope 1 does not exist/],
    [`hk_a_${secret}:audit:read+hk_b_${secret}:audit:read`, /entry 1: scope 2 does not exist/],
    [`hk_a_${secret}:audit:read,hk_b_${secret}`, /entry 2: scope 1 does not exist/],
    [`hk_a_${secret}:audit:read,hk_a_${secret}x:audit:read`, /entry 2: its id .* is taken/],
  ] as const) {
    try {
      parseSeedKeys(setting, now)
      t.fail(`${setting} was accepted`)
    } catch (error) {
      t.match((error as Error).message, message)
      t.notMatch((error as Error).message, /S3cr3t/)
      t.notMatch((error as Error).message, '\n')
    }
  }
})
