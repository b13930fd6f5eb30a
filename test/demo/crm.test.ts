/** Which webhooks the demo's CRM accepts. */
import { createHmac } from 'node:crypto'
import t from 'tap'
import { startCrm, type Crm } from '../../src/demo/crm.ts'
import { parseSecrets, createSignatureHeaders } from '../../src/webhooks/signature.ts'

const body = JSON.stringify({ type: 'transfer.initiated', data: { conversationId: 'c', actionId: 'a' } })
const now = () => Math.floor(Date.now() / 1000)
const sign = (crm: Crm, seconds = now(), text = body) => createSignatureHeaders('evt_1', seconds, text, parseSecrets(crm.secret))
const deliver = async (crm: Crm, headers: Record<string, string>, text = body) =>
  (await fetch(crm.url, { method: 'POST', headers, body: text })).status

t.test('given a delivery signed by Handoff, when it arrives twice, then it is accepted and kept once', async (t) => {
  const crm = await startCrm()
  t.teardown(() => crm.close())
  const types: string[] = []
  crm.onEvent(({ type }) => types.push(type))
  t.equal(await deliver(crm, sign(crm)), 204)
  t.equal(await deliver(crm, sign(crm)), 204)
  t.match(crm.events, [{ type: 'transfer.initiated', conversationId: 'c', transferId: 'a' }])
  t.strictSame([crm.events.length, types, crm.rejections], [1, ['transfer.initiated'], []])
})

t.test('given a delivery with anything wrong in it, then it is rejected and not kept', async (t) => {
  const crm = await startCrm()
  t.teardown(() => crm.close())
  const [key = Buffer.alloc(0)] = parseSecrets(crm.secret)
  const valid = sign(crm)
  const otherPlainSignature = createHmac('sha256', key).update(`${valid['webhook-timestamp']}.x`).digest('hex')
  const wrong: Array<[what: string, headers: Record<string, string>, text?: string]> = [
    ['another body', valid, body.replace('initiated', 'picked_up')],
    ['another secret', createSignatureHeaders('evt_1', now(), body, [Buffer.alloc(32, 1)])],
    ['another id', { ...valid, 'webhook-id': 'evt_2' }],
    ['an old timestamp', sign(crm, now() - 301)],
    ['a timestamp ahead', sign(crm, now() + 310)],
    ['no timestamp', { ...valid, 'webhook-timestamp': '' }],
    ['no signatures', {}],
    ['only the standard signature', { ...valid, 'x-transfer-signature': '' }],
    ['a plain signature of something else', { ...valid, 'x-transfer-signature': `sha256=${otherPlainSignature}` }],
    ['only the plain signature', { ...valid, 'webhook-signature': 'v1,' }],
  ]
  for (const [what, headers, text] of wrong) t.equal(await deliver(crm, headers, text), 401, what)
  t.equal(crm.rejections.length, wrong.length)
  t.equal(crm.events.length, 0)
})

t.test('given a change of secrets, when a delivery has two signatures, then one that matches is enough', async (t) => {
  const crm = await startCrm()
  t.teardown(() => crm.close())
  const headers = sign(crm)
  t.equal(await deliver(crm, { ...headers, 'webhook-signature': `v1,${'A'.repeat(43)}= ${headers['webhook-signature']}` }), 204)
})
