/** Which client a token request names, and which requests are invalid. */
import t from 'tap'
import { createApiKey } from '../../src/auth/api-key.ts'
import { listCandidateKeys, checkGrant, parseForm, TokenRequestError } from '../../src/auth/token-request.ts'

const { text, stored } = createApiKey({ scopes: ['transfers:read'], label: '', queues: null, now: Date.parse('2026-03-01T00:00:00Z') })
const basic = (user: string, password: string): string => `Basic ${Buffer.from(`${user}:${password}`).toString('base64')}`

t.test(
  'given a token request, then the client is in the body or in Basic, never in both, and an invalid form or grant is refused',
  async (t) => {
    const { id } = stored
    t.strictSame(listCandidateKeys(undefined, { client_id: id, client_secret: text }), [text])
    t.strictSame(listCandidateKeys(basic(id, text), {}), [text])
    t.strictSame(listCandidateKeys(basic(id, encodeURIComponent(`hk_a_${'+/='.repeat(8)}`)), {}).length, 0, 'the id belongs to the key')
    t.strictSame(
      listCandidateKeys(basic('a', encodeURIComponent(`hk_a_${'+/='.repeat(8)}`)), {}).at(-1),
      `hk_a_${'+/='.repeat(8)}`,
      'Basic is URL-encoded',
    )
    for (const body of [{}, { client_id: id }, { client_secret: text }, { client_id: 'x', client_secret: text }])
      t.strictSame(listCandidateKeys(undefined, body), [])
    t.throws(() => listCandidateKeys(basic(id, text), { client_secret: text }), { code: 'invalid_request' })
    t.throws(() => parseForm('grant_type=a&grant_type=b'), { code: 'invalid_request' })
    t.throws(() => checkGrant({}), { code: 'invalid_request' })
    t.throws(() => checkGrant({ grant_type: 'password' }), { code: 'unsupported_grant_type' })
    t.ok(new TokenRequestError('invalid_client', 'x') instanceof Error)
  },
)
