/** Phone numbers in any notation: the service allows, dials, compares and stores them in E.164 form. */
import t from 'tap'
import { setUpIvrCall } from '../support/calls.ts'
import { startTestSystem } from '../support/test-system.ts'

t.test('given an allowed number', async (t) => {
  const { control, postTransfer, request, logLines } = await startTestSystem(t, { ALLOWED_NUMBERS: '+1317555*' })
  const dialed = (conversationId: string) => control.transfers(conversationId).map(({ to }) => to)

  for (const address of ['tel:+13175550123', '+1 317-555-0123', '+1 (317) 555.0123'])
    t.test(`when a transfer to ${address} is requested, then the number is dialed and stored in E.164 form, on both routes`, async (t) => {
      const plain = setUpIvrCall(control)
      const response = await postTransfer({ conversationId: plain.conversationId, target: { type: 'number', address } })
      t.match(response, {
        status: 202,
        body: { target: { type: 'number', address: '+13175550123' }, resolvedTarget: { address: '+13175550123' } },
      })
      t.strictSame(dialed(plain.conversationId), ['+13175550123'])

      const flat = setUpIvrCall(control)
      const { body } = await request('POST', '/v1/architect/transfers', {
        conversationId: flat.conversationId,
        targetType: 'number',
        targetId: address,
      })
      t.match(body, { ok: true, state: 'initiated' })
      t.strictSame(dialed(flat.conversationId), ['+13175550123'])
    })

  t.test('when the number is a fallback, then it is dialed in E.164 form', async (t) => {
    const { conversationId, userId } = setUpIvrCall(control)
    control.setAgent(userId, { presence: 'Away' })
    const fallback = [{ type: 'number', address: 'tel:+1-317-555-0124' }]
    const { body } = await postTransfer({ conversationId, target: { type: 'agent', userId }, fallback })
    t.match(body, { state: 'initiated', resolvedTarget: { address: '+13175550124', usedFallback: true } })
  })

  t.test('when it is requested again in another notation, then that counts as a repeat, with a key and without', async (t) => {
    const { conversationId } = setUpIvrCall(control)
    const requestAs = (address: string, headers = {}) => postTransfer({ conversationId, target: { type: 'number', address } }, headers)
    const responses = await Promise.all(['+13175550125', 'tel:+13175550125', '+1 317 555 0125'].map((address) => requestAs(address)))
    t.equal(new Set(responses.map(({ body }) => body.id)).size, 1)
    const keyed = setUpIvrCall(control).conversationId
    const [first, second] = [
      await postTransfer({ conversationId: keyed, target: { type: 'number', address: '+13175550125' } }, { 'idempotency-key': 'n' }),
      await postTransfer({ conversationId: keyed, target: { type: 'number', address: '+1 317-555-0125' } }, { 'idempotency-key': 'n' }),
    ]
    t.equal(second.body.id, first.body.id)
    t.equal(second.headers.get('idempotent-replayed'), 'true')
  })

  t.test('when the number is written in another notation, then it is the same place on the path', async (t) => {
    const { conversationId, queueId } = setUpIvrCall(control)
    const first = await postTransfer({ conversationId, target: { type: 'number', address: '+13175550126' }, mode: 'dryRun' })
    const written = await postTransfer({ conversationId, target: { type: 'number', address: 'tel:+1 317-555-0126' }, mode: 'dryRun' })
    t.strictSame(written.body.transferPath, first.body.transferPath, 'it is the same place on the path')
    t.equal((await postTransfer({ conversationId, target: { type: 'queue', queueId } })).status, 202)
  })

  t.test('when a number that is not allowed is written differently, then it is still not allowed', async (t) => {
    const { conversationId } = setUpIvrCall(control)
    for (const address of ['tel:+1 318-555-0123', '+(1)318 5550123'])
      t.match(await postTransfer({ conversationId, target: { type: 'number', address } }), {
        status: 422,
        body: { code: 'TARGET_NOT_ALLOWED' },
      })
  })

  t.test('then no log line contains a number in any notation', async (t) => {
    t.notMatch(JSON.stringify(logLines), /31[78]\D{0,2}555[-. ]?01\d\d/)
  })
})
