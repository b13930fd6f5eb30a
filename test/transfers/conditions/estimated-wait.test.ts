/** A queue whose estimated wait is longer than `maxWaitSeconds` is passed over. */
import t from 'tap'
import { setUpIvrCall } from '../../support/calls.ts'
import { startTestSystem } from '../../support/test-system.ts'
import { findAuditEntry } from './opening-hours.ts'

t.test('given targets with a longest wait', async (t) => {
  const system = await startTestSystem(t)
  const { control, postTransfer } = system

  for (const [estimatedWaitSeconds, isTaken] of [
    [0, true],
    [120, true],
    [121, false],
  ] as const)
    t.test(
      `when the estimate is ${estimatedWaitSeconds} s of at most 120 s, then the queue ${isTaken ? 'takes the call' : 'is passed over'}`,
      async (t) => {
        const { conversationId, queueId, otherQueueId } = setUpIvrCall(control)
        control.setQueue(queueId, { estimatedWaitSeconds })
        const { body } = await postTransfer({
          conversationId,
          target: { type: 'queue', queueId, maxWaitSeconds: 120 },
          fallback: [{ type: 'queue', queueId: otherQueueId }],
        })
        t.match(body, {
          state: 'initiated',
          resolvedTarget: { queueId: isTaken ? queueId : otherQueueId },
          considered: [{ taken: isTaken, reason: isTaken ? null : 'wait_too_long', estimatedWaitSeconds, warnings: [] }],
        })
        t.match(await findAuditEntry(system, body.id, 'executing'), {
          detail: {
            readAges: /estimatedWait \d+ ms/,
            ...(!isTaken && { passedOver: `queue:${queueId} has an estimated wait of 121 s, more than 120 s` }),
          },
        })
      },
    )

  t.test('when the platform has no estimate, then the queue takes the call, and the audit trail says so', async (t) => {
    const { conversationId, skillId, queueId } = setUpIvrCall(control)
    control.setQueue(queueId, { estimatedWaitSeconds: null })
    const { body } = await postTransfer({ conversationId, target: { type: 'skill', skillId, queueId, maxWaitSeconds: 0 } })
    t.match(body, { state: 'initiated', considered: [{ taken: true, estimatedWaitSeconds: null }] })
    t.match(await findAuditEntry(system, body.id, 'executing'), {
      detail: { warnings: `skill:${skillId}@${queueId}: maxWaitSeconds not checked: the platform has no estimate` },
    })
  })

  t.test('when the wait is too long everywhere, then the call stays, and a retry may help', async (t) => {
    const { conversationId, queueId } = setUpIvrCall(control)
    control.setQueue(queueId, { estimatedWaitSeconds: 600 })
    const { status, body } = await postTransfer({ conversationId, target: { type: 'queue', queueId, maxWaitSeconds: 60 } })
    t.match(
      { status, body },
      {
        status: 422,
        body: { code: 'NO_AGENT_AVAILABLE', retryable: true, considered: [{ reason: 'wait_too_long', estimatedWaitSeconds: 600 }] },
      },
    )
    t.strictSame(control.transfers(conversationId), [])
  })

  t.test('when a target names no longest wait, then the estimate is not read', async (t) => {
    const before = control.requests().counts
    const { conversationId, queueId } = setUpIvrCall(control)
    await postTransfer({ conversationId, target: { type: 'queue', queueId } })
    const operation = 'GET /routing/queues/{id}/mediatypes/{id}/estimatedwaittime'
    t.ok(Object.keys(before).includes(operation), Object.keys(before).join('\n'))
    t.equal(control.requests().counts[operation], before[operation])
  })
})
