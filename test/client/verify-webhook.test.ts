/** Which webhooks the client accepts: those that Handoff has sent, with either signature, and no others. */
import { test } from 'tap'
import { Webhook } from 'standardwebhooks'
import { createClient, verifyWebhook, WebhookError, type WebhookDelivery, type WebhookEvent } from '../../client/src/index.ts'
import { createSignatureHeaders, parseSecrets } from '../../src/webhooks/signature.ts'
import { setUpIvrCall } from '../support/calls.ts'
import { operationsKey } from '../support/settings.ts'
import { crmSecret } from '../support/test-crm.ts'
import { startTestSystem } from '../support/test-system.ts'
import { waitFor } from '../support/wait-for.ts'

const createSecret = (text: string): string => `whsec_${Buffer.from(text.padEnd(24, '.')).toString('base64')}`
const [secret, newSecret, otherSecret] = [createSecret('first'), createSecret('second'), createSecret('third')]
const nowSeconds = (): number => Math.floor(Date.now() / 1_000)
const body = JSON.stringify({ type: 'webhook.test', timestamp: '2026-11-20T09:30:00.000Z', data: { message: 'ü' } })
const both = ['webhook-signature', 'x-transfer-signature'] as const

/** A delivery that is signed as Handoff signs it. */
function sign({ atSeconds = nowSeconds(), text = body, secrets = [secret] } = {}): Omit<WebhookDelivery, 'headers'> & {
  headers: Record<string, string>
} {
  const headers = createSignatureHeaders('evt_1', atSeconds, text, parseSecrets(secrets.join(',')))
  return { headers, body: text, secrets: secret }
}

/** Why a delivery is not accepted; `accepted` if it is. */
async function resultOf(delivery: WebhookDelivery): Promise<string> {
  try {
    await verifyWebhook(delivery)
    return 'accepted'
  } catch (error) {
    if (error instanceof WebhookError) return error.code
    throw error
  }
}

/** What a receiver does with an event: the compiler knows which fields each event has. */
const describe = (event: WebhookEvent): string =>
  event.type === 'webhook.test' ? event.data.message : `${event.data.actionId} ${event.type} ${event.data.agentUserId}`

test('given deliveries of the service, then both signatures verify, whatever the framework', async (t) => {
  const system = await startTestSystem(t)
  const { conversationId, queueId, userId } = setUpIvrCall(system.control, [{ after: 20, with: 'pickup' }])
  const client = createClient({ baseUrl: system.url, apiKey: operationsKey })
  const { id: actionId } = await client.transfer({ conversationId, target: { type: 'queue', queueId } })
  const { data } = await client.api.GET('/v1/webhook-endpoints')
  await client.api.POST('/v1/webhook-endpoints/{id}/test', { params: { path: { id: String(data?.endpoints[0]?.id) } } })
  await waitFor(() => system.crm.accepted.length === 3, 'two events and a test')

  const seen = new Set<string>()
  for (const { headers, body, id } of system.crm.accepted) {
    const bytes = Buffer.from(body)
    for (const delivery of [
      { headers, body },
      { headers: new Headers(Object.entries(headers).map(([name, value]) => [name, String(value)])), body: bytes },
      {
        headers: Object.fromEntries(Object.entries(headers).map(([name, value]) => [name.toUpperCase(), [String(value)]])),
        body: new Uint8Array(bytes),
      },
      { headers: { get: (name: string) => [headers[name] ?? null].flat()[0] ?? null }, body: new Uint8Array(bytes).buffer },
    ])
      for (const signature of both) {
        const verified = await verifyWebhook({ ...delivery, secrets: crmSecret, signature })
        t.equal(verified.id, id)
        t.strictSame(verified.event, JSON.parse(body))
        t.ok(Math.abs(Date.now() - verified.sentAt.getTime()) < 300_000)
        seen.add(describe(verified.event))
      }
  }
  t.strictSame(
    [...seen].toSorted(),
    [
      `${actionId} transfer.initiated null`,
      `${actionId} transfer.picked_up ${userId}`,
      'This is a test of Handoff; no call was moved.',
    ].toSorted(),
  )
})

test('given a delivery that was changed, is old, or comes from someone else, then it is refused', async (t) => {
  for (const signature of both) {
    const check = async (change: (delivery: ReturnType<typeof sign>) => Partial<WebhookDelivery>, expected: string, name: string) => {
      const delivery = { ...sign(), signature }
      t.equal(await resultOf({ ...delivery, ...change(delivery) }), expected, `${signature}: ${name}`)
    }
    const withHeader =
      (name: string, value: string | string[] | undefined) =>
      ({ headers }: { headers: Record<string, string> }) => ({
        headers: { ...headers, [name]: value },
      })
    await check(() => ({}), 'accepted', 'as sent')
    await check(() => ({ body: `${body} ` }), 'WRONG_SIGNATURE', 'another body')
    await check(() => ({ body: body.replace('test', 'tesT') }), 'WRONG_SIGNATURE', 'another type')
    await check(() => ({ secrets: otherSecret }), 'WRONG_SIGNATURE', 'another secret')
    await check(withHeader('webhook-timestamp', `${nowSeconds() - 1}`), 'WRONG_SIGNATURE', 'another time')
    for (const seconds of [-400, 400, Number.NaN])
      await check(withHeader('webhook-timestamp', `${nowSeconds() + seconds}`), 'WRONG_TIME', `${seconds} s away`)
    for (const text of ['', ' ', '1e9', '-1', `${nowSeconds()}.0`, 'Infinity'])
      await check(withHeader('webhook-timestamp', text), text === '' ? 'MISSING_HEADER' : 'WRONG_TIME', `the time ${text}`)
    for (const header of ['webhook-id', 'webhook-timestamp', signature]) {
      await check(withHeader(header, undefined), 'MISSING_HEADER', `without ${header}`)
      await check(withHeader(header, ['a', 'b']), 'MISSING_HEADER', `with two ${header}`)
    }
    const wrongSignatures = [
      'x',
      'v1,',
      'v1,!',
      'sha256=',
      'sha256=zz',
      'v1a,AAAA',
      'sha256=00',
      `v1,${'A'.repeat(43)}=`,
      `sha256=${'0'.repeat(64)}`,
    ]
    for (const wrong of wrongSignatures) await check(withHeader(signature, wrong), 'WRONG_SIGNATURE', wrong)
  }
  const other = { ...sign().headers, 'webhook-id': 'evt_2' }
  t.equal(await resultOf({ ...sign(), headers: other }), 'WRONG_SIGNATURE', 'the id is signed')
  t.equal(
    await resultOf({ ...sign(), headers: other, signature: 'x-transfer-signature' }),
    'accepted',
    'the simpler signature does not cover the id',
  )
})

test('given a tolerance, then an attempt within it is accepted', async (t) => {
  for (const atSeconds of [nowSeconds() - 290, nowSeconds() + 290]) t.equal(await resultOf(sign({ atSeconds })), 'accepted')
  const old = sign({ atSeconds: nowSeconds() - 3_000 })
  t.equal(await resultOf(old), 'WRONG_TIME')
  t.equal(await resultOf({ ...old, toleranceSeconds: 3_600 }), 'accepted')
})

test('given a secret that is rotated, then receivers with the old one, the new one or both accept what is sent', async (t) => {
  const delivery = sign({ secrets: [newSecret, secret] })
  for (const secrets of [secret, newSecret, [otherSecret, secret], `${otherSecret}, ${newSecret}`])
    t.equal(await resultOf({ ...delivery, secrets }), 'accepted', String(secrets))
  t.equal(await resultOf({ ...delivery, secrets: otherSecret }), 'WRONG_SIGNATURE')
  const simple = { ...delivery, signature: 'x-transfer-signature' } as const
  t.equal(await resultOf({ ...simple, secrets: [secret, newSecret] }), 'accepted')
  t.equal(await resultOf({ ...simple, secrets: secret }), 'WRONG_SIGNATURE', 'it is made with the newest secret only')
})

test('given what any sender by Standard Webhooks signs, then it is accepted', async (t) => {
  const at = new Date()
  const headers = {
    'webhook-id': 'msg_1',
    'webhook-timestamp': `${Math.floor(at.getTime() / 1_000)}`,
    'webhook-signature': `v1a,AAAA v2,AAAA ${new Webhook(secret).sign('msg_1', at, body)}`,
  }
  t.equal((await verifyWebhook({ headers, body, secrets: secret })).event.type, 'webhook.test')
})

test('given a body that is signed but no event, then it is refused', async (t) => {
  for (const text of [
    '',
    'null',
    '{}',
    '[]',
    '"x"',
    '{"type":1,"data":{}}',
    '{"type":"transfer.failed"}',
    '{"type":"transfer.failed","data":null}',
    '{"type":',
  ])
    t.equal(await resultOf(sign({ text })), 'INVALID_BODY', text)
})

test('given a request without a body, as anybody can send one, then it is refused, and the error says what else it can be', async (t) => {
  for (const nothing of [undefined, null]) {
    t.equal(await resultOf({ ...sign(), body: nothing }), 'MISSING_BODY', String(nothing))
    await t.rejects(verifyWebhook({ headers: {}, body: nothing, secrets: secret }), {
      code: 'MISSING_BODY',
      message: /framework has not kept it/,
    })
  }
  t.equal(await resultOf(sign({ text: '' })), 'INVALID_BODY', 'a body of no characters that is signed')
})

test('given a mistake of the receiver, then the error names it, and no secret', async (t) => {
  const parsed = JSON.parse(body) as never
  await t.rejects(verifyWebhook({ ...sign(), body: parsed }), { name: 'TypeError', message: /not what a parser/ })
  for (const secrets of ['', [], 'first', 'whsec_', 'whsec_%%%', [secret, 'whsec_%%%'], 'whsec_QUJD']) {
    const error = (await verifyWebhook({ ...sign(), secrets }).catch((caught: unknown) => caught)) as Error
    t.equal(error.name, 'TypeError', String(secrets))
    t.notMatch(error.message, '%%%')
  }
})
