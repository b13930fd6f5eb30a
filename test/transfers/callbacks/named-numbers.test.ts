/** A number to call back that is not the caller's own must fit ALLOWED_NUMBERS, wherever and however it is requested (docs/architecture.md#callback). */
import t from 'tap'
import { startTestSystem } from '../../support/test-system.ts'
import { asChief, callerNumber, setUpClosedQueue, withChiefKey } from './scene.ts'

const [allowed, foreign] = ['+13175550123', '+449098790123']

t.test('given numbers that callers may be called back at', async (t) => {
  const system = await startTestSystem(t, { ALLOWED_NUMBERS: '+1317*', ...withChiefKey })
  const { control, postTransfer } = system
  const refusal = {
    status: 422,
    body: { code: 'TARGET_NOT_ALLOWED', retryable: false, detail: /ALLOWED_NUMBERS has no pattern for the number to call back/ },
  }

  for (const mode of ['execute', 'decide', 'dryRun'])
    t.test(`when a callback names another number, mode ${mode}, then it is refused`, async (t) => {
      for (const isFallback of [false, true]) {
        const { conversationId, callback, closed } = setUpClosedQueue(system)
        const named = { ...callback, callbackNumber: '+44 9098 790 123' }
        const targets = isFallback ? { target: closed, fallback: [named] } : { target: named }
        const refused = await postTransfer({ conversationId, mode, ...targets })
        t.match(refused, refusal)
        t.notMatch(JSON.stringify(refused.body), foreign.slice(1))
        t.strictSame([control.callbacks(conversationId), control.transfers(conversationId)], [[], []])
      }
    })

  t.test('when the request skips checks, then the number is still checked', async (t) => {
    const { conversationId, callback } = setUpClosedQueue(system)
    const override = ['depth', 'loop', 'openHours', 'maxWait']
    t.match(await postTransfer({ conversationId, target: { ...callback, callbackNumber: foreign }, override }, asChief), refusal)
    t.strictSame(control.callbacks(conversationId), [])
  })

  t.test("when a callback names an allowed number or the caller's own, then it is created", async (t) => {
    for (const callbackNumber of [allowed, callerNumber, `tel:${callerNumber}`]) {
      const { conversationId, callback } = setUpClosedQueue(system)
      t.match(await postTransfer({ conversationId, target: { ...callback, callbackNumber } }), { status: 202 })
      t.match(control.callbacks(conversationId), [{ numbers: [callbackNumber.replace('tel:', '')] }])
    }
  })

  t.test("when the caller's number is hidden, then only an allowed number is called back", async (t) => {
    const { callback } = setUpClosedQueue(system)
    for (const [callbackNumber, status] of [
      [allowed, 202],
      [foreign, 422],
    ] as const) {
      const { conversationId } = control.addConversation({ in: 'ivr', ani: 'sip:anonymous@anonymous.invalid' })
      t.match(await postTransfer({ conversationId, target: { ...callback, callbackNumber } }), { status })
    }
  })
})

t.test('given no ALLOWED_NUMBERS, then only the caller can be called back', async (t) => {
  const system = await startTestSystem(t)
  const { conversationId, callback } = setUpClosedQueue(system)
  t.match(await system.postTransfer({ conversationId, target: { ...callback, callbackNumber: allowed } }), {
    body: { code: 'TARGET_NOT_ALLOWED' },
  })
  t.match(await system.postTransfer({ conversationId, target: { ...callback, callbackNumber: callerNumber } }), { status: 202 })
})
