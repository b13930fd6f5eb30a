/** Which key or token a request's headers contain. */
import t from 'tap'
import { createApiKey } from '../../src/auth/api-key.ts'
import { readCredentials } from '../../src/auth/credentials.ts'

const { text } = createApiKey({ scopes: ['transfers:read'], label: '', queues: null, now: Date.parse('2026-03-01T00:00:00Z') })
const basic = (user: string, password: string): string => `Basic ${Buffer.from(`${user}:${password}`).toString('base64')}`

t.test(
  'given a bearer credential, Basic or X-API-Key, then the key or token is found, and only a bearer credential can be a token',
  async (t) => {
    t.strictSame(readCredentials({ authorization: `bEARER  ${text}` }), { text, canBeToken: true })
    t.strictSame(readCredentials({ authorization: basic('', text) }), { text, canBeToken: false })
    t.strictSame(readCredentials({ 'x-api-key': text }), { text, canBeToken: false })
  },
)

t.test(
  'given Basic and X-API-Key, then a password in the format of a key takes precedence, and any other password is for a proxy',
  async (t) => {
    t.strictSame(readCredentials({ authorization: basic('x', text), 'x-api-key': 'other' }), { text, canBeToken: false })
    t.strictSame(readCredentials({ authorization: basic('x', 'proxy'), 'x-api-key': text }), { text, canBeToken: false })
  },
)

t.test('given headers without a key or token, then none is found', async (t) => {
  for (const headers of [{}, { authorization: 'Basic' }, { authorization: basic('', '') }, { 'x-api-key': ['a', 'b'] }])
    t.equal(readCredentials(headers), undefined, JSON.stringify(headers))
})
