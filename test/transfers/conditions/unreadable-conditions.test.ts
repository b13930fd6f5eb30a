/** A condition that cannot be read from the platform counts as met, so that no caller is stranded, and the response, audit trail and log say so. */
import t from 'tap'
import type { Fault } from '../../../src/simulator/specs/fault-spec.ts'
import { setUpIvrCall } from '../../support/calls.ts'
import { startTestSystem } from '../../support/test-system.ts'
import { addClosedGroup, findAuditEntry } from './opening-hours.ts'

t.setTimeout(240_000)

const reads = {
  'the schedule group': 'GET /architect/schedulegroups/{id}',
  'a schedule': 'GET /architect/schedules/{id}',
} as const
const faults: Array<[trouble: string, fault: Fault, message: RegExp]> = [
  ['fails with 500', { kind: 'status', status: 500 }, /500/],
  ['is refused with 403', { kind: 'status', status: 403, body: { code: 'missing.permissions', status: 403 } }, /lacks a permission/],
  ['is throttled', { kind: 'rate-limited', retryAfterSeconds: 60, scope: 'organization' }, /rate limit/],
  ['gets no answer', { kind: 'silence' }, /did not answer in time|deadline/],
  ['has another shape', { kind: 'wrong-shape' }, /could not be understood/],
]

for (const [read, operation] of Object.entries(reads))
  for (const [trouble, fault, message] of faults)
    t.test(`given opening hours, when the read of ${read} ${trouble}, then the target takes the call`, async (t) => {
      const system = await startTestSystem(t, {}, fault.kind === 'silence' ? { optionalCallTimeoutMs: 1_500 } : {})
      const { control, postTransfer } = system
      const { conversationId, queueId } = setUpIvrCall(control)
      control.addFault({ operation, times: 'always', fault })
      const { status, body } = await postTransfer({
        conversationId,
        target: { type: 'queue', queueId, openHours: { scheduleGroupId: addClosedGroup(control) } },
      })
      t.equal(status, 202)
      t.match(body, { considered: [{ taken: true, warnings: [/^openHours not checked: /], readAgesMs: { openHours: null } }] })
      t.match(body.considered[0]?.warnings[0], message)
      t.match(await findAuditEntry(system, body.id, 'executing'), { detail: { warnings: /openHours not checked: / } })
      t.match(
        system.logLines.find(({ message: line }) => line === 'a condition could not be checked, and counts as met'),
        { transferId: body.id, condition: 'openHours', reason: message },
      )
    })

t.test('given an emergency group that cannot be read, when the schedules are closed, then the target is closed', async (t) => {
  const { control, postTransfer } = await startTestSystem(t)
  const { conversationId, queueId } = setUpIvrCall(control)
  control.addFault({ operation: 'GET /architect/emergencygroups/{id}', times: 'always', fault: { kind: 'status', status: 500 } })
  const openHours = { scheduleGroupId: addClosedGroup(control), emergencyGroupId: control.schedules.addEmergencyGroup().id }
  t.match((await postTransfer({ conversationId, target: { type: 'queue', queueId, openHours } })).body, { code: 'QUEUE_CLOSED' })
})

t.test('given an estimated wait that cannot be read, when a call is sent, then the queue takes it', async (t) => {
  const system = await startTestSystem(t)
  const { control, postTransfer } = system
  const { conversationId, queueId } = setUpIvrCall(control)
  control.setQueue(queueId, { estimatedWaitSeconds: 900 })
  control.addFault({
    operation: 'GET /routing/queues/{id}/mediatypes/{id}/estimatedwaittime',
    times: 'always',
    fault: { kind: 'status', status: 503 },
  })
  const { body } = await postTransfer({ conversationId, target: { type: 'queue', queueId, maxWaitSeconds: 60 } })
  t.match(body, { state: 'initiated', considered: [{ taken: true, warnings: [/^maxWaitSeconds not checked: /] }] })
  t.match(await findAuditEntry(system, body.id, 'executing'), { detail: { warnings: /maxWaitSeconds not checked: / } })
})

t.test('given a platform that does not answer, when many calls are sent, then few of them read the schedule group', async (t) => {
  const { control, postTransfer } = await startTestSystem(t, {}, { optionalCallTimeoutMs: 1_500 })
  const { queueId } = setUpIvrCall(control)
  const openHours = { scheduleGroupId: addClosedGroup(control) }
  const operation = 'GET /architect/schedulegroups/{id}'
  control.addFault({ operation, times: 'always', fault: { kind: 'silence' } })
  const send = () =>
    postTransfer({
      conversationId: control.addConversation({ in: 'ivr' }).conversationId,
      target: { type: 'queue', queueId, openHours },
    })
  t.equal((await send()).status, 202)
  const calls = 12
  for (const answer of await Promise.all(Array.from({ length: calls }, send)))
    t.match(answer, { status: 202, body: { considered: [{ warnings: [/not checked/] }] } })
  t.ok(Number(control.requests().counts[operation]) < calls / 2, `${control.requests().counts[operation]} reads for ${calls + 1} calls`)
})
