/** Callbacks whose creation the platform does not confirm: one callback is created, whether the command or the answer gets lost. */
import t from 'tap'
import { startTestSystem } from '../../support/test-system.ts'
import { waitFor } from '../../support/wait-for.ts'
import { asChief, callbackCommand, assertOneCallback, readStatuses, setUpClosedQueue, withChiefKey } from './scene.ts'

const notExecutedAfterMs = 150

t.test('given a platform whose answer about a callback gets lost', async (t) => {
  const system = await startTestSystem(t, withChiefKey, { notExecutedAfterMs })
  const { control, postTransfer } = system

  const waitForCommand = (conversationId: string) =>
    waitFor(
      () => control.requests().log.some(({ operation, path }) => operation === callbackCommand && path.includes(conversationId)),
      'the command',
    )

  for (const [name, fault] of Object.entries({
    'the connection breaks': { kind: 'reset-after' },
    'a gateway answers 504': { kind: 'status', status: 504, acts: true },
    'half an answer arrives': { kind: 'half-response' },
  } as const))
    t.test(`when ${name} after the platform has acted, then the conversation shows the one callback`, async (t) => {
      const { conversationId, callback } = setUpClosedQueue(system)
      control.addFault({ operation: callbackCommand, conversationId, fault })
      const { status, body } = await postTransfer({ conversationId, target: callback })
      t.match({ status, body }, { status: 202, body: { state: 'callback_created', callbackConversationId: conversationId } })
      assertOneCallback(t, system, conversationId)
    })

  for (const [name, fault] of Object.entries({
    'the connection breaks': { kind: 'reset-before' },
    'a gateway answers 503': { kind: 'status', status: 503 },
  } as const))
    t.test(`when ${name} before the platform has acted, then the callback is created by a second attempt`, async (t) => {
      const { conversationId, callback, queueId } = setUpClosedQueue(system)
      control.createCallback(conversationId, { queueId })
      await waitFor(
        async () => (await system.getConversation(conversationId)).participants[0]?.callbacks?.length === 1,
        'the older callback',
      )
      control.addFault({ operation: callbackCommand, conversationId, fault })
      const { status, body } = await postTransfer({ conversationId, target: callback, override: ['loop'] }, asChief)
      t.match({ status, body }, { status: 202, body: { state: 'callback_created' } })
      t.strictSame(await readStatuses(system, body.id), ['accepted', 'executing', 'executing', 'callback_created'])
      t.equal(control.callbacks(conversationId).length, 2, 'the older callback, which is not of Handoff, and the new one')
    })

  t.test('when the platform shows the callback late, then there is no second one', async (t) => {
    control.configure({ queueDelayMs: 2 * notExecutedAfterMs })
    t.teardown(() => control.configure({ queueDelayMs: 50 }))
    const { conversationId, callback } = setUpClosedQueue(system)
    control.addFault({ operation: callbackCommand, conversationId, fault: { kind: 'reset-after' } })
    t.match(await postTransfer({ conversationId, target: callback }), { status: 202, body: { state: 'callback_created' } })
    assertOneCallback(t, system, conversationId)
  })

  t.test('when the caller hangs up after the callback was created, then the transfer still succeeds', async (t) => {
    const { conversationId, callback } = setUpClosedQueue(system)
    control.addFault({ operation: callbackCommand, conversationId, fault: { kind: 'reset-after' } })
    const answer = postTransfer({ conversationId, target: callback })
    await waitFor(() => control.callbacks(conversationId).length === 1, 'the callback')
    control.hangUp(conversationId)
    t.match(await answer, { status: 202, body: { state: 'callback_created' } })
  })

  t.test(
    'when the flow moves the call on and no callback was created, then there is no second attempt, and the request is refused',
    async (t) => {
      const { conversationId, callback, otherQueueId } = setUpClosedQueue(system)
      control.addFault({ operation: callbackCommand, conversationId, fault: { kind: 'reset-before' } })
      const answer = postTransfer({ conversationId, target: callback })
      await waitForCommand(conversationId)
      control.transferByFlow(conversationId, { queueId: otherQueueId })
      const { status, body } = await answer
      t.match({ status, body }, { status: 409, body: { code: 'GENESYS_CONFLICT' } })
      t.match(body.message ?? body.detail, /did not create the callback/)
      t.strictSame(control.callbacks(conversationId), [])
    },
  )

  t.test('when the caller hangs up and no callback was created, then the request is refused', async (t) => {
    const { conversationId, callback } = setUpClosedQueue(system)
    control.addFault({ operation: callbackCommand, conversationId, fault: { kind: 'reset-before' } })
    const answer = postTransfer({ conversationId, target: callback })
    await waitForCommand(conversationId)
    control.hangUp(conversationId)
    t.match(await answer, { status: 409, body: { code: 'CONVERSATION_ENDED' } })
    t.strictSame(control.callbacks(conversationId), [])
  })

  t.test('when the platform asks to wait, then the command is sent again after that', async (t) => {
    const { conversationId, callback } = setUpClosedQueue(system)
    control.addFault({ operation: callbackCommand, conversationId, fault: { kind: 'rate-limited', retryAfterSeconds: 1 } })
    t.match(await postTransfer({ conversationId, target: callback }), { status: 202, body: { state: 'callback_created' } })
    assertOneCallback(t, system, conversationId)
  })
})

t.test(
  'given a platform that neither confirms a callback nor shows the conversation, when the deadline passes, then the outcome is unknown until it can be read',
  async (t) => {
    const system = await startTestSystem(t, {}, { notExecutedAfterMs, deadlineMs: 4_000 })
    const { control, postTransfer, waitForState } = system
    const { conversationId, callback } = setUpClosedQueue(system)
    control.addFault({ operation: callbackCommand, fault: { kind: 'reset-after' } })
    control.addFault({ operation: 'GET /conversations/{id}', skip: 1, times: 'always', fault: { kind: 'silence' } })
    const { status, body } = await postTransfer({ conversationId, target: callback })
    t.match({ status, body }, { status: 504, body: { code: 'OUTCOME_UNKNOWN' } })
    control.clearFaults()
    await waitForState(String(body.transferId), 'callback_created')
    assertOneCallback(t, system, conversationId)
  },
)

t.test(
  'given a command that got lost, when it is known only after the deadline that there is no callback, then a second attempt creates one',
  async (t) => {
    const system = await startTestSystem(t, {}, { notExecutedAfterMs: 2_000, deadlineMs: 4_000 })
    const { control, postTransfer, waitForState } = system
    const { conversationId, callback } = setUpClosedQueue(system)
    control.addFault({ operation: callbackCommand, fault: { kind: 'reset-before' } })
    const { status, body } = await postTransfer({ conversationId, target: callback })
    t.match({ status, body }, { status: 504, body: { code: 'OUTCOME_UNKNOWN' } })
    await waitForState(String(body.transferId), 'callback_created')
    assertOneCallback(t, system, conversationId)
  },
)
