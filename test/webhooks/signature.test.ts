/** How webhooks are signed. Two independent libraries verify the signatures. */
import assert from 'node:assert/strict'
import { createHmac, randomBytes } from 'node:crypto'
import fc from 'fast-check'
import { Webhook } from 'standardwebhooks'
import { Webhook as SvixWebhook } from 'svix'
import t from 'tap'
import { parseSecrets, createSignatureHeaders } from '../../src/webhooks/signature.ts'

const createSecret = (bytes = 32) => `whsec_${randomBytes(bytes).toString('base64')}`
const now = () => Math.floor(Date.now() / 1000)
const body = JSON.stringify({ type: 'transfer.picked_up', data: { message: 'Grüße 👋' } })
const passes = (verify: () => unknown): boolean => {
  try {
    verify()
    return true
  } catch {
    return false
  }
}
/** Whether a library accepts the webhook. Receivers use either of two libraries, so both must agree. */
function accepts(key: string, headers: Record<string, string>, text = body): boolean {
  const [standardAccepts, svixAccepts] = [new Webhook(key), new SvixWebhook(key)].map((webhook) =>
    passes(() => webhook.verify(text, headers)),
  )
  assert.equal(standardAccepts, svixAccepts, 'the two libraries agree')
  return standardAccepts === true
}

t.test('given a signed body, then the Standard Webhooks library accepts it', async (t) => {
  const key = createSecret()
  const headers = createSignatureHeaders('msg_1', now(), body, parseSecrets(key))
  t.ok(accepts(key, headers))
  t.equal(headers['webhook-id'], 'msg_1')
})

t.test('given a body of any length in any script, then the library accepts it', async (t) => {
  const key = createSecret(24)
  t.doesNotThrow(() =>
    fc.assert(
      fc.property(fc.json({ stringUnit: 'grapheme' }), fc.uuid(), (text, id) =>
        accepts(key, createSignatureHeaders(id, now(), text, parseSecrets(key)), text),
      ),
      { numRuns: 100 },
    ),
  )
})

t.test('given two secrets during a change of secrets, then receivers with the old or the new one accept, and no other', async (t) => {
  const [newSecret, oldSecret, otherSecret] = [createSecret(), createSecret(64), createSecret()]
  const headers = createSignatureHeaders('msg_1', now(), body, parseSecrets(`${newSecret}, ${oldSecret}`))
  t.ok(accepts(newSecret, headers) && accepts(oldSecret, headers))
  t.notOk(accepts(otherSecret, headers))
  t.match(headers['webhook-signature'], /^v1,[\w+/]{43}= v1,[\w+/]{43}=$/)
})

t.test('given a webhook that was changed or replayed, then the library rejects it', async (t) => {
  const key = createSecret()
  const headers = createSignatureHeaders('msg_1', now(), body, parseSecrets(key))
  t.notOk(accepts(key, headers, `${body} `), 'another body')
  t.notOk(accepts(key, { ...headers, 'webhook-id': 'msg_2' }), 'another id')
  t.notOk(accepts(key, { ...headers, 'webhook-timestamp': `${now() + 1}` }), 'another time')
  t.notOk(accepts(key, createSignatureHeaders('msg_1', now() - 400, body, parseSecrets(key))), 'an old webhook, replayed')
})

t.test(
  'given two secrets, then x-transfer-signature is the hex HMAC of time and body with the first secret, and changes when time or body change',
  async (t) => {
    const [first, second] = [createSecret(), createSecret()]
    const [key] = parseSecrets(first)
    const sign = (text: string, at: number) =>
      createSignatureHeaders('msg_1', at, text, parseSecrets(`${first},${second}`))['x-transfer-signature']
    t.equal(sign(body, 1_700_000_000), `sha256=${createHmac('sha256', key!).update('1700000000.').update(Buffer.from(body)).digest('hex')}`)
    t.not(sign(body, 1_700_000_000), sign(body, 1_700_000_001))
    t.not(sign(body, 1_700_000_000), sign(`${body} `, 1_700_000_000))
  },
)

t.test('given the published test vector, when it is signed, then the signature equals the published one', async (t) => {
  const headers = createSignatureHeaders(
    'msg_p5jXN8AQM9LWM0D4loKWxJek',
    1_614_265_330,
    '{"test": 2432232314}',
    parseSecrets('whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw'),
  )
  t.equal(
    headers['webhook-signature'],
    'v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=',
    'the test vector of the Standard Webhooks libraries',
  )
  t.equal(headers['webhook-timestamp'], '1614265330')
})

const malformed: Array<[given: string, text: string, message: RegExp]> = [
  ['an empty text', '', /secret 1 does not start with whsec_/],
  ['a secret without its prefix', randomBytes(32).toString('base64'), /secret 1 does not start with whsec_/],
  ['a pasted signature', `v1,${createSecret()}`, /secret 1 does not start with whsec_/],
  ['a secret and a trailing comma', `${createSecret()},`, /secret 2 does not start with whsec_/],
  ['text that is not base64', 'whsec_hunter2-hunter2-hunter2-hunter2-hunter2', /secret 1 is not base64/],
  ['base64 without its padding', `whsec_${randomBytes(25).toString('base64').replaceAll('=', '')}`, /secret 1 is not base64/],
  ['a secret with a space inside', `whsec_${'QUJD'.repeat(5)} ${'QUJD'.repeat(5)}`, /secret 1 does not start with whsec_|not base64/],
  ['a second secret of 23 bytes', `${createSecret()},${createSecret(23)}`, /secret 2 encodes 23 bytes, at least 24/],
]
for (const [given, text, message] of malformed) {
  t.test(`given ${given}, when secrets are parsed, then it is refused, and the error does not repeat it`, async (t) => {
    t.throws(() => parseSecrets(text), { message })
    const parts = text.split(/[,_ ]/).filter((part) => part.length > 5 && part !== 'whsec')
    try {
      parseSecrets(text)
    } catch (error) {
      for (const part of parts) t.notMatch((error as Error).message, part)
    }
  })
}

t.test('given an invalid id or time, or no secret, when a webhook is signed, then an error says why', async (t) => {
  const keys = parseSecrets(createSecret())
  t.throws(() => createSignatureHeaders('a.b', 1, body, keys), /without a dot/)
  t.throws(() => createSignatureHeaders('a\r\nb', 1, body, keys), /visible ASCII/)
  t.throws(() => createSignatureHeaders('a', 1.5, body, keys), /whole number/)
  t.throws(() => createSignatureHeaders('a', 1, body, []), /without a secret/)
})
