/** The response says which places were considered and why each was passed over: in executed transfers, decisions, dry runs, and on the flat route. */
import t from 'tap'
import { setUpIvrCall } from '../../support/calls.ts'
import { startTestSystem } from '../../support/test-system.ts'
import { addClosedGroup, addHolidayGroup, addOpenGroup, midnight } from './opening-hours.ts'

t.test('given a closed target, a long wait and an open queue', async (t) => {
  const { control, postTransfer, request } = await startTestSystem(t, { ALLOWED_NUMBERS: '+4930*' })
  const flat = async (fields: object) => (await request('POST', '/v1/architect/transfers', fields)).body

  function setUp() {
    const ids = setUpIvrCall(control)
    const lastQueueId = control.addQueue({}).id
    control.setQueue(ids.queueId, { estimatedWaitSeconds: 300 })
    control.setQueue(lastQueueId, { estimatedWaitSeconds: 20 })
    const { conversationId, otherQueueId, queueId } = ids
    return {
      ...ids,
      lastQueueId,
      transfer: {
        conversationId,
        target: { type: 'queue', queueId: otherQueueId, openHours: { scheduleGroupId: addHolidayGroup(control, 2) } },
        fallback: [
          { type: 'queue', queueId, maxWaitSeconds: 60 },
          { type: 'queue', queueId: lastQueueId, maxWaitSeconds: 60, openHours: { scheduleGroupId: addOpenGroup(control) } },
        ],
      },
    }
  }

  for (const [mode, status, state] of [
    ['dryRun', 200, 'decided'],
    ['decide', 202, 'decided'],
    ['execute', 202, 'initiated'],
  ] as const)
    t.test(`when the mode is ${mode}, then the response says why each place was passed over, and which one takes the call`, async (t) => {
      const { transfer, otherQueueId, queueId, lastQueueId } = setUp()
      const response = await postTransfer({ ...transfer, mode })
      t.match(response, { status, body: { state, resolvedTarget: { queueId: lastQueueId, usedFallback: true } } })
      t.match(response.body.considered, [
        { place: `queue:${otherQueueId}`, taken: false, reason: 'closed', opensAt: `${midnight(2)}.000Z`, estimatedWaitSeconds: null },
        { place: `queue:${queueId}`, taken: false, reason: 'wait_too_long', opensAt: null, estimatedWaitSeconds: 300 },
        { place: `queue:${lastQueueId}`, taken: true, reason: null, message: null, estimatedWaitSeconds: 20, warnings: [] },
      ])
      if (mode === 'dryRun') return
      const { body } = await request('GET', `/v1/transfers/${response.body.id}`)
      t.strictSame(body.considered, response.body.considered, 'GET answers the same')
    })

  t.test('when a dry run finds no open place, then it is refused as an executed transfer would be', async (t) => {
    const { conversationId, queueId } = setUpIvrCall(control)
    const target = { type: 'queue', queueId, openHours: { scheduleGroupId: addHolidayGroup(control, 3) } }
    t.match(await postTransfer({ conversationId, target, mode: 'dryRun' }), {
      status: 422,
      body: { code: 'QUEUE_CLOSED', opensAt: `${midnight(3)}.000Z`, considered: [{ reason: 'closed' }] },
    })
  })

  t.test('when a flow asks for a closed queue, then the flat answer says when it opens', async (t) => {
    const { conversationId, queueId } = setUpIvrCall(control)
    const scheduleGroupId = addHolidayGroup(control, 2)
    for (const mode of ['dryRun', 'decide', 'execute'])
      t.match(await flat({ conversationId, targetType: 'queue', queueId, scheduleGroupId, mode }), {
        ok: false,
        code: 'QUEUE_CLOSED',
        retryable: false,
        opensAt: `${midnight(2)}.000Z`,
        estimatedWaitSeconds: -1,
        callbackCreated: false,
        address: '',
      })
  })

  t.test('when it is not known when a queue opens, then opensAt is empty', async (t) => {
    const { conversationId, queueId } = setUpIvrCall(control)
    const scheduleGroupId = addClosedGroup(control, { opensLater: false })
    t.match(await flat({ conversationId, targetType: 'queue', queueId, scheduleGroupId }), { code: 'QUEUE_CLOSED', opensAt: '' })
  })

  t.test('when a flow names a longest wait and a preferred agent, then the flat answer has the estimate', async (t) => {
    const { conversationId, skillId, queueId, userId } = setUpIvrCall(control)
    control.setQueue(queueId, { estimatedWaitSeconds: 0 })
    const fields = { conversationId, targetType: 'skill', skillId, queueId, mode: 'decide' }
    t.match(await flat({ ...fields, maxWaitSeconds: '60', preferredUserId: userId }), {
      ok: true,
      state: 'decided',
      estimatedWaitSeconds: 0,
      opensAt: '',
    })
  })

  t.test('when a flow gets a fallback because the queue is closed, then the flat answer still says when the queue opens', async (t) => {
    const { conversationId, queueId, otherQueueId } = setUpIvrCall(control)
    const scheduleGroupId = addHolidayGroup(control, 2)
    t.match(await flat({ conversationId, targetType: 'queue', queueId, scheduleGroupId, fallbackQueueId: otherQueueId, mode: 'decide' }), {
      ok: true,
      queueId: otherQueueId,
      usedFallback: true,
      opensAt: `${midnight(2)}.000Z`,
    })
  })

  t.test('when the target is a number, then the flat answer has the number', async (t) => {
    const { conversationId } = setUpIvrCall(control)
    t.match(await flat({ conversationId, targetType: 'number', targetId: '+49 30 1234567', mode: 'decide' }), {
      ok: true,
      address: '+49301234567',
    })
  })
})
