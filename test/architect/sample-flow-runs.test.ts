/** The sample flows run against the service: where the caller is at the end, and what the platform was asked for. */
import t, { type Test } from 'tap'
import { prepareFlow } from './prepare-flow.ts'
import { setUpIvrCall } from '../support/calls.ts'
import { startTestSystem } from '../support/test-system.ts'
import { addHolidayGroup, addOpenGroup } from '../transfers/conditions/opening-hours.ts'
import { callbackCommand } from '../transfers/callbacks/scene.ts'

const apology = 'Sorry, we cannot arrange a callback now. Please hold the line.'
const goodbye = 'Thank you. We will call you back. Goodbye.'

/** Two days, so that the holiday outlasts a test that runs past midnight. */
const holidayEndsInDays = 2

type Ids = ReturnType<typeof setUpIvrCall>

t.test('given the flow that offers a callback', async (t) => {
  const system = await startTestSystem(t)
  const { control } = system
  const run = prepareFlow(t, system, 'sample-callback-offer.yaml')
  t.beforeEach(() => control.clearFaults())
  const assertCallbacks = (t: Pick<Test, 'match' | 'strictSame'>, { conversationId, queueId }: Ids, count: 0 | 1): void => {
    t.match(control.callbacks(conversationId), count === 0 ? [] : [{ queueId }])
    t.strictSame([control.callbacks(conversationId).length, control.transfers(conversationId)], [count, []])
  }

  t.test('when the queue is open, then the call goes there', async (t) => {
    const ids = setUpIvrCall(control)
    t.match(await run(ids, { scheduleGroupId: addOpenGroup(control) }), { heard: [], transfer: { queueId: ids.queueId, priority: 0 } })
    assertCallbacks(t, ids, 0)
  })

  t.test('when the queue is closed and the caller presses 1, then the caller is called back, and the flow says goodbye', async (t) => {
    const ids = setUpIvrCall(control)
    const { steps, heard, transfer } = await run(ids, { scheduleGroupId: addHolidayGroup(control, holidayEndsInDays), key: 'digit_1' })
    t.match(heard, [/press 1.*press 9/, goodbye])
    t.equal(transfer, undefined)
    t.equal(steps.at(-1), 'disconnect Callback created')
    assertCallbacks(t, ids, 1)
  })

  t.test('when the queue is closed and the caller presses 9, then the call ends without a callback', async (t) => {
    const ids = setUpIvrCall(control)
    const { steps } = await run(ids, { scheduleGroupId: addHolidayGroup(control, holidayEndsInDays), key: 'digit_9' })
    t.equal(steps.at(-1), 'menuDisconnect End the call')
    assertCallbacks(t, ids, 0)
  })

  t.test('when the answer about the callback is lost, then the flow asks again, and there is one callback', async (t) => {
    const ids = setUpIvrCall(control)
    const caller = { key: 'digit_1', outcomes: { 'Request a callback': 'lostAnswer' } } as const
    const { steps, heard } = await run(ids, { scheduleGroupId: addHolidayGroup(control, holidayEndsInDays), ...caller })
    t.ok(steps.includes('callData Request the callback again'))
    t.equal(heard.at(-1), goodbye)
    assertCallbacks(t, ids, 1)
  })

  t.test('when it is not known at first whether there is a callback, then the flow asks again before it says goodbye', async (t) => {
    const slow = await startTestSystem(t, { GENESYS_GATEWAY_URL: system.simulator.url }, { deadlineMs: 4_000, notExecutedAfterMs: 150 })
    const ids = setUpIvrCall(control)
    const { conversationId } = ids
    control.addFault({ operation: callbackCommand, conversationId, fault: { kind: 'reset-after' } })
    // The reads for the decision and before the command succeed; those that would show the callback do not, at first.
    control.addFault({
      operation: 'GET /conversations/{id}',
      conversationId,
      skip: 2,
      times: 'always',
      fault: { kind: 'status', status: 503 },
    })
    const { steps, heard } = await prepareFlow(
      t,
      slow,
      'sample-callback-offer.yaml',
    )(ids, {
      scheduleGroupId: addHolidayGroup(control, holidayEndsInDays),
      key: 'digit_1',
      async whilePlaying(text) {
        if (text !== 'One moment, please.') return
        control.clearFaults()
        const { body } = await slow.request<{ transfers: Array<{ id: string }> }>('GET', `/v1/transfers?conversationId=${conversationId}`)
        await slow.waitForState(String(body.transfers.at(0)?.id), 'callback_created')
      },
    })
    t.ok(steps.includes('callData Request the callback again'))
    t.equal(heard.at(-1), goodbye)
    assertCallbacks(t, ids, 1)
  })

  for (const [outcome, outcomes] of [
    ['fails twice', { 'Request a callback': 'failure', 'Request the callback again': 'failure' }],
    ['is lost twice', { 'Request a callback': 'lostAnswer', 'Request the callback again': 'lostAnswer' }],
  ] as const)
    t.test(`when the answer about the callback ${outcome}, then the caller hears an apology and goes to the fallback`, async (t) => {
      const ids = setUpIvrCall(control)
      const { heard, transfer } = await run(ids, { scheduleGroupId: addHolidayGroup(control, holidayEndsInDays), key: 'digit_1', outcomes })
      t.equal(heard.at(-1), apology)
      t.match(transfer, { queueId: ids.otherQueueId })
    })

  t.test('when the platform refuses the callback, then the caller hears an apology and goes to the fallback', async (t) => {
    const ids = setUpIvrCall(control)
    control.addFault({ operation: callbackCommand, times: 'always', fault: { kind: 'status', status: 403 } })
    const { heard, transfer } = await run(ids, { scheduleGroupId: addHolidayGroup(control, holidayEndsInDays), key: 'digit_1' })
    t.equal(heard.at(-1), apology)
    t.match(transfer, { queueId: ids.otherQueueId })
    assertCallbacks(t, ids, 0)
  })

  for (const [outcome, outcomes] of [
    ['Handoff does not answer', { 'Ask Handoff': 'failure' }],
    ['the answer is lost twice', { 'Ask Handoff': 'lostAnswer', 'Ask Handoff again': 'lostAnswer' }],
    ['the transfer to the queue fails', { 'To the queue': 'transferFails' }],
  ] as const)
    t.test(`when ${outcome}, then the call goes to the fallback`, async (t) => {
      const ids = setUpIvrCall(control)
      t.match(await run(ids, { scheduleGroupId: addOpenGroup(control), outcomes }), { heard: [], transfer: { queueId: ids.otherQueueId } })
    })

  t.test('when the first answer is lost, then the second one is the same', async (t) => {
    const ids = setUpIvrCall(control)
    const { transfer } = await run(ids, { scheduleGroupId: addOpenGroup(control), outcomes: { 'Ask Handoff': 'lostAnswer' } })
    t.match(transfer, { queueId: ids.queueId })
  })

  t.test("when the caller's number is not shown, then there is no callback, and the call goes to the fallback", async (t) => {
    const { conversationId } = control.addConversation({ in: 'ivr', ani: 'anonymous' })
    const ids = { ...setUpIvrCall(control), conversationId }
    const { heard, transfer } = await run(ids, { scheduleGroupId: addHolidayGroup(control, holidayEndsInDays), key: 'digit_1' })
    t.equal(heard.at(-1), apology)
    t.match(transfer, { queueId: ids.otherQueueId })
    assertCallbacks(t, ids, 0)
  })
})

t.test(
  'given FALLBACK_QUEUE_ID, when the queue is closed, then the flow offers no callback, and the call goes to the fallback',
  async (t) => {
    const fallbackQueueId = '9e0e0000-0000-4000-8000-0000000000fb'
    const system = await startTestSystem(t, { FALLBACK_QUEUE_ID: fallbackQueueId })
    system.control.addQueue({ id: fallbackQueueId, name: 'Night' })
    const ids = setUpIvrCall(system.control)
    const run = prepareFlow(t, system, 'sample-callback-offer.yaml')
    t.match(await run(ids, { scheduleGroupId: addHolidayGroup(system.control, holidayEndsInDays) }), {
      heard: [],
      transfer: { queueId: ids.otherQueueId },
    })
  },
)

t.test('given the flow without a callback', async (t) => {
  const system = await startTestSystem(t)
  const { control } = system
  const run = prepareFlow(t, system, 'sample-inbound.yaml')

  t.test('when an agent is on the queue, then the call goes there with its priority', async (t) => {
    const ids = setUpIvrCall(control)
    t.match(await run(ids), { transfer: { queueId: ids.queueId, priority: 5 } })
  })

  for (const [outcome, outcomes] of [
    ['Handoff does not answer', { 'Ask Handoff': 'failure' }],
    ['the transfer to the queue fails', { 'To the queue': 'transferFails' }],
  ] as const)
    t.test(`when ${outcome}, then the call goes to the fallback`, async (t) => {
      const ids = setUpIvrCall(control)
      t.match(await run(ids, { outcomes }), { transfer: { queueId: ids.otherQueueId } })
    })
})
