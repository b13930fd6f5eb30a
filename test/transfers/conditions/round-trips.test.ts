/** How many platform requests the conditions of a target take: none while a recent read can be reused. */
import t from 'tap'
import { setUpIvrCall } from '../../support/calls.ts'
import { startTestSystem } from '../../support/test-system.ts'
import { addOpenGroup } from './opening-hours.ts'

t.test('given conditions that were just read, when more calls are sent, then the conditions are not read again', async (t) => {
  const { control, postTransfer } = await startTestSystem(t, { LOOP_GUARD_ATTRIBUTES: 'off' })
  const { queueId, otherQueueId } = setUpIvrCall(control)
  control.setQueue(queueId, { estimatedWaitSeconds: 5 })
  control.setQueue(otherQueueId, { estimatedWaitSeconds: 900 })
  const openHours = { scheduleGroupId: addOpenGroup(control), emergencyGroupId: control.schedules.addEmergencyGroup().id }
  const send = (count: number) =>
    Promise.all(
      Array.from({ length: count }, async () => {
        const { status } = await postTransfer({
          conversationId: control.addConversation({ in: 'ivr' }).conversationId,
          target: { type: 'queue', queueId: otherQueueId, openHours, maxWaitSeconds: 60 },
          fallback: [{ type: 'queue', queueId, openHours, maxWaitSeconds: 60 }],
        })
        t.equal(status, 202)
      }),
    )
  const operations = [
    'GET /architect/schedulegroups/{id}',
    'GET /architect/schedules/{id}',
    'GET /architect/emergencygroups/{id}',
    'GET /routing/queues/{id}/mediatypes/{id}/estimatedwaittime',
  ]
  const counts = () => operations.map((operation) => control.requests().counts[operation])
  await send(10)
  t.strictSame(counts(), [1, 1, 1, 2], 'concurrent calls share each read')
  await send(10)
  t.strictSame(counts(), [1, 1, 1, 2])
})

t.test('given conditions that were never read, when a call is sent, then they are read without waiting for other reads', async (t) => {
  const { control, postTransfer } = await startTestSystem(t, { TRANSFER_DEADLINE_MS: '1500' })
  const { conversationId, skillId, queueId } = setUpIvrCall(control)
  for (const operation of ['GET /conversations/{id}', 'GET /routing/queues/{id}/members'])
    control.addFault({ operation, times: 'always', fault: { kind: 'silence' } })
  const openHours = { scheduleGroupId: addOpenGroup(control) }
  await postTransfer({ conversationId, target: { type: 'skill', skillId, queueId, openHours, maxWaitSeconds: 60 } })
  const { counts } = control.requests()
  t.match(counts, {
    'GET /conversations/{id}': Number,
    'GET /routing/queues/{id}/members': Number,
    'GET /architect/schedules/{id}': 1,
    'GET /routing/queues/{id}/mediatypes/{id}/estimatedwaittime': 1,
  })
})
