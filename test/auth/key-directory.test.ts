/** How the key directory finds keys, and how soon it notices that a key was revoked. */
import t from 'tap'
import { issueToken } from '../../src/auth/access-token.ts'
import { createApiKey } from '../../src/auth/api-key.ts'
import { createKeyDirectory } from '../../src/auth/key-directory.ts'

const tokenSecret = 'loop token secret of the tests'

t.test('given a stored key, when it is revoked, then it and its tokens are refused within three seconds', async (t) => {
  let now = Date.parse('2026-03-01T00:00:00Z')
  let reads = 0
  const { text, stored } = createApiKey({ scopes: ['transfers:read'], label: '', queues: null, now })
  let keys = [stored]
  const directory = createKeyDirectory({
    seedKeys: [],
    listApiKeys: async () => {
      reads += 1
      return keys
    },
    tokenSecret,
    clock: () => now,
  })
  const token = { text: await issueToken(stored, tokenSecret, now), canBeToken: true }
  t.equal((await directory.findKey(text))?.id, stored.id)
  t.equal((await directory.findKeyByCredentials(token))?.id, stored.id)
  t.equal(
    await directory.findKeyByCredentials({ ...token, canBeToken: false }),
    undefined,
    'a token is accepted only as a bearer credential',
  )
  t.equal(reads, 1, 'the ledger is read once')

  keys = [{ ...stored, revokedAt: '2026-03-01T00:00:00.000Z' }]
  now += 3_001
  t.equal(await directory.findKey(text), undefined)
  t.equal(await directory.findKeyByCredentials(token), undefined)
  t.equal(await directory.hasValidKey(), false)
  t.equal((await directory.findKeyById(stored.id))?.revokedAt, '2026-03-01T00:00:00.000Z', 'by its id it is found with the reason')
  t.equal(await directory.findKeyById('another'), undefined)
  t.equal(reads, 2)
})

t.test('given a seed key and a stored key with the same id, then only the stored key is used', async (t) => {
  const { text, stored } = createApiKey({ scopes: ['transfers:read'], label: '', queues: null, now: 0 })
  const directory = createKeyDirectory({
    seedKeys: [stored],
    listApiKeys: async () => [{ ...stored, revokedAt: '2026-03-01T00:00:00.000Z' }],
    tokenSecret,
    clock: () => 0,
  })
  t.equal(await directory.findKey(text), undefined)
})
