import { createHmac } from 'node:crypto'
import t from 'tap'
import { startCrm, type Crm } from '../../src/demo/crm.ts'
import { parseSecrets, signatureHeaders } from '../../src/webhooks/signature.ts'

const body = JSON.stringify({ type: 'transfer.initiated', data: { conversationId: 'c', actionId: 'a' } })
const now = () => Math.floor(Date.now() / 1000)
const signed = (crm: Crm, seconds = now(), text = body) => signatureHeaders('evt_1', seconds, text, parseSecrets(crm.secret))
const tell = async (crm: Crm, headers: Record<string, string>, text = body) =>
  (await fetch(crm.url, { method: 'POST', headers, body: text })).status

t.test('given a delivery signed by Handoff, when it comes twice, then it is believed and heard once', async (t) => {
  const crm = await startCrm()
  t.teardown(() => crm.close())
  const told: string[] = []
  crm.onHeard(({ type }) => told.push(type))
  t.equal(await tell(crm, signed(crm)), 204)
  t.equal(await tell(crm, signed(crm)), 204)
  t.match(crm.heard, [{ type: 'transfer.initiated', conversationId: 'c', transferId: 'a' }])
  t.strictSame([crm.heard.length, told, crm.refused], [1, ['transfer.initiated'], []])
})

t.test('given a delivery with anything wrong about it, then it is turned away and not heard', async (t) => {
  const crm = await startCrm()
  t.teardown(() => crm.close())
  const [key = Buffer.alloc(0)] = parseSecrets(crm.secret)
  const good = signed(crm)
  const plainOnly = createHmac('sha256', key).update(`${good['webhook-timestamp']}.x`).digest('hex')
  const wrong: Array<[what: string, headers: Record<string, string>, text?: string]> = [
    ['another body', good, body.replace('initiated', 'picked_up')],
    ['another secret', signatureHeaders('evt_1', now(), body, [Buffer.alloc(32, 1)])],
    ['another id', { ...good, 'webhook-id': 'evt_2' }],
    ['an old timestamp', signed(crm, now() - 301)],
    ['a timestamp ahead', signed(crm, now() + 302)],
    ['no timestamp', { ...good, 'webhook-timestamp': '' }],
    ['no signatures', {}],
    ['only the standard signature', { ...good, 'x-transfer-signature': '' }],
    ['a plain signature of something else', { ...good, 'x-transfer-signature': `sha256=${plainOnly}` }],
    ['only the plain signature', { ...good, 'webhook-signature': 'v1,' }],
  ]
  for (const [what, headers, text] of wrong) t.equal(await tell(crm, headers, text), 401, what)
  t.equal(crm.refused.length, wrong.length)
  t.equal(crm.heard.length, 0)
})

t.test('given two secrets during rotation, when a delivery carries both signatures, then one that fits is enough', async (t) => {
  const crm = await startCrm()
  t.teardown(() => crm.close())
  const headers = signed(crm)
  t.equal(await tell(crm, { ...headers, 'webhook-signature': `v1,${'A'.repeat(43)}= ${headers['webhook-signature']}` }), 204)
})
