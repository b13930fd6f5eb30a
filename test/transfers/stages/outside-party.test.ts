/** A call that is connected to a number outside: the refusal says how the platform could take it back, and that waiting does not help. */
import { test } from 'tap'
import { setUpIvrCall } from '../../support/calls.ts'
import { startTestSystem } from '../../support/test-system.ts'

test('given a call that was sent to a number which has answered, when another transfer is requested, then it is refused for good, and the detail names SIP REFER', async (t) => {
  const { control, postTransfer, request, waitForState } = await startTestSystem(t, { ALLOWED_NUMBERS: '+1317555*' })
  const { conversationId, queueId } = setUpIvrCall(control)
  const { body } = await postTransfer({ conversationId, target: { type: 'number', address: '+13175550123' } })
  await waitForState(body.id, 'picked_up')

  const refused = await postTransfer({ conversationId, target: { type: 'queue', queueId } })
  t.match(refused, {
    status: 409,
    body: { code: 'CONVERSATION_NOT_TRANSFERABLE', retryable: false, stage: 'validation', detail: /SIP REFER/ },
  })
  t.equal(refused.headers.get('retry-after'), null)
  const { body: flat } = await request('POST', '/v1/architect/transfers', { conversationId, targetType: 'queue', targetId: queueId })
  t.match(flat, { ok: false, code: 'CONVERSATION_NOT_TRANSFERABLE', retryable: false, message: /SIP REFER/ })
  t.equal(control.transfers(conversationId).length, 1)
})
