/** A command never waits for a read that the platform throttles for the whole organization (docs/genesys-cloud.md rule 99). */
import t from 'tap'
import { setUpIvrCall } from '../support/calls.ts'
import { startTestSystem } from '../support/test-system.ts'

t.setTimeout(240_000)

interface Trail {
  entries: Array<{ status: string; detail: Record<string, unknown> }>
}

for (const retryAfterSeconds of [4, 600])
  t.test(
    `given member reads that are throttled for ${retryAfterSeconds} s, when calls are sent to a skill, then their commands go out at once`,
    async (t) => {
      const { control, postTransfer, request, waitForState } = await startTestSystem(t)
      const { conversationId, skillId, queueId, userId } = setUpIvrCall(control, [{ after: 100, with: 'pickup' }])
      const second = control.addConversation({ in: 'ivr' })
      control.addFault({
        operation: 'GET /routing/queues/{id}/members',
        times: 'always',
        fault: { kind: 'rate-limited', retryAfterSeconds, scope: 'organization' },
      })
      const target = { type: 'skill', skillId, queueId } as const
      const startedAt = performance.now()
      const { status, body } = await postTransfer({ conversationId, target })
      t.equal(status, 202)
      t.ok((body.latencyMs ?? Infinity) < retryAfterSeconds * 1_000, `${body.latencyMs} ms`)
      t.match(await waitForState(body.id, 'picked_up'), { agentUserId: userId, resolvedTarget: { usedFallback: false } })
      const { entries } = (await request<Trail>('GET', `/v1/transfers/${body.id}/audit`)).body
      t.match(
        entries.find(({ status: entry }) => entry === 'executing'),
        { detail: { availability: 'not read: throttled' } },
      )
      t.equal((await postTransfer({ conversationId: second.conversationId, target })).status, 202)
      const reads = control.requests().counts['GET /routing/queues/{id}/members']
      // On a busy machine the shorter time may be over by now, and then a read is right.
      const isStillThrottled = performance.now() - startedAt < retryAfterSeconds * 1_000
      if (isStillThrottled) t.equal(reads, 1, 'the read is not tried again meanwhile')
    },
  )

t.test(
  'given an organization that has used up its limit for the assignment routes, when calls are sent to a queue and an agent, then both are moved',
  async (t) => {
    const { control, postTransfer, waitForState } = await startTestSystem(t)
    const { conversationId, queueId } = setUpIvrCall(control, [{ after: 100, with: 'pickup' }])
    const { userId } = setUpIvrCall(control)
    control.configure({ assignmentRequestsPerMinute: 0 })
    const toQueue = await postTransfer({ conversationId, target: { type: 'queue', queueId } })
    t.equal(toQueue.status, 202)
    const toAgent = await postTransfer({
      conversationId: control.addConversation({ in: 'ivr' }).conversationId,
      target: { type: 'agent', userId },
    })
    t.equal(toAgent.status, 202)
    for (const { body } of [toQueue, toAgent]) t.ok(await waitForState(body.id, 'picked_up'))
  },
)

t.test('given a queue that does not exist, when its read is throttled, then the refusal of the command names the queue', async (t) => {
  const { control, postTransfer } = await startTestSystem(t)
  const { conversationId } = setUpIvrCall(control)
  control.configure({ assignmentRequestsPerMinute: 0 })
  const { body } = await postTransfer({ conversationId, target: { type: 'queue', queueId: '00000000-0000-4000-8000-000000000000' } })
  t.match(body, { code: 'TARGET_NOT_FOUND' })
  t.strictSame(control.transfers(), [])
})

t.test(
  'given a token that has used up its limit, when a call is sent to a skill, then it is refused instead of being moved unchecked',
  async (t) => {
    const { control, postTransfer } = await startTestSystem(t)
    const { conversationId, skillId, queueId } = setUpIvrCall(control)
    control.addFault({
      operation: 'GET /routing/queues/{id}/members',
      times: 'always',
      fault: { kind: 'rate-limited', retryAfterSeconds: 600 },
    })
    t.match((await postTransfer({ conversationId, target: { type: 'skill', skillId, queueId } })).body, { code: 'RATE_LIMITED' })
    t.strictSame(control.transfers(), [])
  },
)
