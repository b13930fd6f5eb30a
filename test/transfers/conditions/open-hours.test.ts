/** A target that is closed is passed over, and the caller goes to the next one that is open. */
import { randomUUID } from 'node:crypto'
import t from 'tap'
import { setUpIvrCall } from '../../support/calls.ts'
import { startTestSystem } from '../../support/test-system.ts'
import { addClosedGroup, addHolidayGroup, addOpenGroup, findAuditEntry, midnight } from './opening-hours.ts'

t.test('given targets with opening hours', async (t) => {
  const system = await startTestSystem(t, { ALLOWED_NUMBERS: '+4930*' })
  const { control, postTransfer, waitForState } = system

  t.test('when the target is open, then it takes the call, and the audit trail says how old the reads were', async (t) => {
    const { conversationId, skillId, queueId, userId } = setUpIvrCall(control, [{ after: 50, with: 'pickup' }])
    const { status, body } = await postTransfer({
      conversationId,
      target: { type: 'skill', skillId, queueId, openHours: { scheduleGroupId: addOpenGroup(control) } },
    })
    t.equal(status, 202)
    t.match(body.considered, [{ place: `skill:${skillId}@${queueId}`, taken: true, reason: null, warnings: [] }])
    t.ok(Number(body.considered[0]?.readAgesMs.openHours) >= 0)
    t.match(await waitForState(body.id, 'picked_up'), { agentUserId: userId })
    t.match(await findAuditEntry(system, body.id, 'executing'), { detail: { readAges: /openHours \d+ ms, availability \d+ ms/ } })
  })

  t.test('when a holiday closes a target that is open by rule, then the fallback takes the call', async (t) => {
    const { conversationId, queueId, otherQueueId } = setUpIvrCall(control)
    const { body } = await postTransfer({
      conversationId,
      target: { type: 'queue', queueId, openHours: { scheduleGroupId: addHolidayGroup(control, 2) } },
      fallback: [{ type: 'queue', queueId: otherQueueId }],
    })
    t.match(body, {
      state: 'initiated',
      resolvedTarget: { queueId: otherQueueId, usedFallback: true },
      considered: [
        {
          place: `queue:${queueId}`,
          taken: false,
          reason: 'closed',
          message: `queue:${queueId} is closed for a holiday, and opens at ${midnight(2)}.000Z`,
          opensAt: `${midnight(2)}.000Z`,
        },
        { place: `queue:${otherQueueId}`, taken: true },
      ],
    })
    t.match(await findAuditEntry(system, body.id, 'executing'), {
      detail: { passedOver: /is closed for a holiday/, readAges: /openHours \d+ ms/ },
    })
  })

  t.test('when its emergency group is enabled, then the target is closed, and the response has no opening time', async (t) => {
    const { conversationId, queueId } = setUpIvrCall(control)
    const { id: emergencyGroupId } = control.schedules.addEmergencyGroup({ enabled: true })
    const openHours = { scheduleGroupId: addOpenGroup(control), emergencyGroupId }
    const { status, body } = await postTransfer({ conversationId, target: { type: 'queue', queueId, openHours } })
    t.match({ status, body }, { status: 422, body: { code: 'QUEUE_CLOSED', detail: /closed by an emergency/ } })
    t.notOk('opensAt' in body)
  })

  t.test('when its emergency group is not enabled, then the target takes the call', async (t) => {
    const { conversationId, queueId } = setUpIvrCall(control)
    const openHours = { scheduleGroupId: addOpenGroup(control), emergencyGroupId: control.schedules.addEmergencyGroup().id }
    t.match(await postTransfer({ conversationId, target: { type: 'queue', queueId, openHours } }), {
      status: 202,
      body: { state: 'initiated' },
    })
  })

  t.test('when all targets are closed, then the call stays, and the refusal says when the first of them opens', async (t) => {
    const { conversationId, queueId, otherQueueId, userId } = setUpIvrCall(control)
    const { status, body, headers } = await postTransfer({
      conversationId,
      target: { type: 'agent', userId, openHours: { scheduleGroupId: addHolidayGroup(control, 4) } },
      fallback: [
        { type: 'queue', queueId, openHours: { scheduleGroupId: addHolidayGroup(control, 3) } },
        { type: 'queue', queueId: otherQueueId, openHours: { scheduleGroupId: addClosedGroup(control, { opensLater: false }) } },
        { type: 'number', address: '+49301234567', openHours: { scheduleGroupId: addHolidayGroup(control, 5) } },
      ],
    })
    t.match(
      { status, body },
      {
        status: 422,
        body: {
          code: 'QUEUE_CLOSED',
          stage: 'verification',
          retryable: false,
          opensAt: `${midnight(3)}.000Z`,
          considered: [{ reason: 'closed' }, { reason: 'closed' }, { reason: 'closed', opensAt: null }, { reason: 'closed' }],
        },
      },
    )
    t.equal(headers.get('retry-after'), null)
    t.notMatch(JSON.stringify(body), '+49301234567', 'the refusal has a hash instead of the number')
    t.strictSame(control.transfers(conversationId), [])
    const transferId = String(body.transferId)
    t.match(await waitForState(transferId, 'rejected'), { code: 'QUEUE_CLOSED', considered: { length: 4 } })
    t.match(await findAuditEntry(system, transferId, 'rejected'), { detail: { passedOver: /closed for a holiday.*closed at this time/ } })
  })

  t.test('when one target is closed and another has no agent available, then the refusal is retryable', async (t) => {
    const { conversationId, queueId, otherQueueId } = setUpIvrCall(control)
    const { body } = await postTransfer({
      conversationId,
      target: { type: 'queue', queueId: otherQueueId, openHours: { scheduleGroupId: addClosedGroup(control) } },
      fallback: [{ type: 'skill', skillId: control.addSkill({}).id, queueId }],
    })
    t.match(body, { code: 'NO_AGENT_AVAILABLE', retryable: true, considered: [{ reason: 'closed' }, { reason: 'not_available' }] })
  })

  t.test('when a refusal is repeated with the same key, then it is the same', async (t) => {
    const { conversationId, queueId } = setUpIvrCall(control)
    const request = {
      conversationId,
      target: { type: 'queue', queueId, openHours: { scheduleGroupId: addClosedGroup(control) } },
      idempotencyKey: randomUUID(),
    }
    const first = await postTransfer(request)
    const second = await postTransfer(request)
    t.equal(first.body.code, 'QUEUE_CLOSED')
    t.strictSame(second.body, first.body)
  })

  t.test('when the schedule group or the emergency group does not exist, then the request is refused', async (t) => {
    const scheduleGroupId = addOpenGroup(control)
    for (const [openHours, detail] of [
      [{ scheduleGroupId: randomUUID() }, /no schedule group/],
      [{ scheduleGroupId, emergencyGroupId: randomUUID() }, /no emergency group/],
    ] as const) {
      const { conversationId, queueId, otherQueueId } = setUpIvrCall(control)
      const { status, body } = await postTransfer({
        conversationId,
        target: { type: 'queue', queueId, openHours },
        fallback: [{ type: 'queue', queueId: otherQueueId }],
      })
      t.match({ status, body }, { status: 422, body: { code: 'TARGET_NOT_FOUND', detail } })
    }
  })

  t.test('when a target is closed, then it is passed over even if the platform does not say which agents are available', async (t) => {
    const { conversationId, queueId, skillId, otherQueueId } = setUpIvrCall(control)
    control.addFault({ operation: 'GET /routing/queues/{id}/members', times: 'always', fault: { kind: 'silence' } })
    t.teardown(() => control.clearFaults())
    const { body } = await postTransfer({
      conversationId,
      target: { type: 'skill', skillId, queueId, openHours: { scheduleGroupId: addClosedGroup(control) } },
      fallback: [{ type: 'queue', queueId: otherQueueId }],
    })
    t.match(body, { state: 'initiated', resolvedTarget: { queueId: otherQueueId } })
  })
})
