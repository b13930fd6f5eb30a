/** Callbacks for a certain time: a time that has passed is refused, and one that passes after the request means as soon as possible. */
import { randomUUID } from 'node:crypto'
import t from 'tap'
import { normalizeRequest } from '../../../src/transfers/request/normalize-request.ts'
import { startTestSystem } from '../../support/test-system.ts'
import { assertOneCallback, setUpClosedQueue } from './scene.ts'

const minuteMs = 60_000
const timeFromNow = (ms: number): string => new Date(Date.now() + ms).toISOString()

t.test('given a call in the IVR', async (t) => {
  const system = await startTestSystem(t)
  const { app, control, postTransfer } = system

  t.test('when a callback is requested for a time in the past, then the request is refused, and the refusal names the field', async (t) => {
    for (const mode of ['execute', 'decide', 'dryRun']) {
      const { conversationId, callback, queueId } = setUpClosedQueue(system)
      const queue = { type: 'queue', queueId }
      const late = { ...callback, scheduledAt: timeFromNow(-2 * minuteMs) }
      for (const [field, targets] of [
        ['target.scheduledAt', { target: late }],
        ['fallback[1].scheduledAt', { target: queue, fallback: [queue, late] }],
      ] as const)
        t.match(await postTransfer({ conversationId, mode, ...targets }), {
          status: 400,
          body: { code: 'INVALID_REQUEST', field, detail: /in the past/, retryable: false },
        })
      t.strictSame([control.callbacks(conversationId), control.transfers(conversationId)], [[], []], mode)
    }
  })

  t.test('when the time has passed less than a minute ago, then the caller is called back as soon as possible', async (t) => {
    const { conversationId, callback } = setUpClosedQueue(system)
    const { status, body } = await postTransfer({ conversationId, target: { ...callback, scheduledAt: timeFromNow(-minuteMs / 2) } })
    t.match({ status, body }, { status: 202, body: { state: 'callback_created', message: /as soon as an agent is free/ } })
    t.match(control.callbacks(conversationId), [{ scheduledTime: null }])
    assertOneCallback(t, system, conversationId)
  })

  t.test('when the time passes before the callback is created, then the caller is called back as soon as possible', async (t) => {
    const { conversationId, callback, closed } = setUpClosedQueue(system)
    control.addFault({ operation: 'GET /conversations/{id}', conversationId, fault: { kind: 'delay', ms: 600 } })
    const scheduledAt = timeFromNow(400)
    const { status, body } = await postTransfer({ conversationId, target: closed, fallback: [{ ...callback, scheduledAt }] })
    t.match({ status, body }, { status: 202, body: { state: 'callback_created', resolvedTarget: { scheduledAt } } })
    t.match(control.callbacks(conversationId), [{ scheduledTime: null }])
  })

  t.test('when the request is repeated after the time has passed, then it gets the answer about the callback', async (t) => {
    for (const key of [undefined, randomUUID()]) {
      const { conversationId, callback } = setUpClosedQueue(system)
      const submit = (conversation: string, receivedAt: number) => {
        const request = { conversationId: conversation, target: { ...callback, scheduledAt } }
        const traceparent = `00-${randomUUID().replaceAll('-', '')}-0123456789abcdef-01`
        const rules = { defaultQueueId: undefined, fallbackQueueId: undefined }
        return app.transfers.submit(normalizeRequest(request, { key, traceparent }, rules), { id: 'ops', queues: null }, receivedAt)
      }
      const scheduledAt = timeFromNow(minuteMs)
      const later = Date.now() + 5 * minuteMs
      const { outcome } = await submit(conversationId, Date.now())
      t.match(outcome, { transfer: { state: 'callback_created', resolvedTarget: { scheduledAt } } })
      t.match(await submit(conversationId, later), { outcome, replayed: true })
      const other = control.addConversation({ in: 'ivr' }).conversationId
      if (key === undefined) t.match(await submit(other, later), { outcome: { problem: { code: 'INVALID_REQUEST' } } })
      assertOneCallback(t, system, conversationId)
    }
  })
})
