/** LOOP_TOKEN_SECRET is changed node by node (docs/rotation.md#loop_token_secret): what was signed with the old one is still accepted. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import t from 'tap'
import { startPlatformAndCrm } from '../support/test-system.ts'
import { operationsKey, testSettings } from '../support/settings.ts'
import { startService, type Service } from '../support/service.ts'
import { setUpIvrCall } from '../support/calls.ts'
import { createPlatformClient } from '../support/platform-client.ts'
import { waitFor } from '../support/wait-for.ts'

t.setTimeout(240_000)
const [oldSecret, newSecret] = ['loop token secret before', 'loop token secret after']
const number = '+4930123456'

async function requestToken({ url }: Service): Promise<string> {
  const response = await fetch(`${url}/oauth/token`, {
    method: 'POST',
    headers: { authorization: `Basic ${Buffer.from(`ops:${operationsKey}`).toString('base64')}` },
    body: new URLSearchParams({ grant_type: 'client_credentials' }),
  })
  return String(((await response.json()) as { access_token?: string }).access_token)
}
const statusWith = async (service: Service, token: string): Promise<number> =>
  (await service.request('GET', '/v1/transfers', undefined, { authorization: `Bearer ${token}` })).status

t.test(
  'given nodes with the old secret and with the new one, then access tokens, loop tokens and hashed numbers of both count on the new one',
  async (t) => {
    const folder = mkdtempSync(join(tmpdir(), 'handoff-rotation-'))
    t.teardown(() => rmSync(folder, { recursive: true }))
    const { simulator, crm } = await startPlatformAndCrm(t)
    const { control } = simulator
    const settings = { ...testSettings(simulator.url, crm.url), ALLOWED_NUMBERS: '+4930*', MAX_TRANSFER_DEPTH: '9' }
    const withSecret = (file: string, secret: string, previous = '') => ({
      ...settings,
      DATABASE_URL: `sqlite:${join(folder, file)}`,
      LOOP_TOKEN_SECRET: secret,
      LOOP_TOKEN_SECRET_PREVIOUS: previous,
    })
    // All nodes accept tokens of both secrets before one of them signs with the new one.
    const old = await startService(t, withSecret('one.db', oldSecret, newSecret))
    const renewed = await startService(t, withSecret('one.db', newSecret, oldSecret))
    const last = await startService(t, withSecret('one.db', newSecret))
    const [oldToken, newToken] = [await requestToken(old), await requestToken(renewed)]
    t.strictSame(
      await Promise.all([old, renewed, last].flatMap((service) => [statusWith(service, oldToken), statusWith(service, newToken)])),
      [200, 200, 200, 200, 401, 200],
    )

    const { conversationId, queueId, otherQueueId } = setUpIvrCall(control)
    const first = await old.postTransfer({ conversationId, target: { type: 'queue', queueId: otherQueueId } })
    t.equal(first.status, 202)
    const platform = createPlatformClient(simulator.url)
    await waitFor(
      async () => JSON.stringify(await platform.getConversation(conversationId)).includes('loopPreventionToken'),
      'the loop token',
    )
    await Promise.all([old.stop(), renewed.stop(), last.stop()])

    // Another ledger: only the attributes of the call tell its history.
    const elsewhere = await startService(t, withSecret('two.db', newSecret, oldSecret))
    t.match(await elsewhere.postTransfer({ conversationId, target: { type: 'queue', queueId: otherQueueId } }), {
      body: { code: 'LOOP_DETECTED' },
    })
    const next = await elsewhere.postTransfer({ conversationId, target: { type: 'queue', queueId } })
    t.match(next, { status: 202, body: { transferDepth: 2 } })
    await elsewhere.stop()
  },
)

t.test('given a call that was transferred to a number, when the secret is changed, then the number still counts as visited', async (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'handoff-rotation-'))
  t.teardown(() => rmSync(folder, { recursive: true }))
  const { simulator, crm } = await startPlatformAndCrm(t)
  const settings = { ...testSettings(simulator.url, crm.url), ALLOWED_NUMBERS: '+4930*', DATABASE_URL: `sqlite:${join(folder, 'one.db')}` }
  const { conversationId } = setUpIvrCall(simulator.control)
  const before = await startService(t, { ...settings, LOOP_TOKEN_SECRET: oldSecret })
  const { status, body } = await before.postTransfer({ conversationId, target: { type: 'number', address: number } })
  t.equal(status, 202)
  await before.stop()
  const after = await startService(t, { ...settings, LOOP_TOKEN_SECRET: newSecret, LOOP_TOKEN_SECRET_PREVIOUS: oldSecret })
  const again = await after.postTransfer({ conversationId, target: { type: 'number', address: number } }, { 'idempotency-key': 'again' })
  t.match(again.body, { code: 'LOOP_DETECTED' }, `transfer ${body.id} was there`)
  await after.stop()
})
