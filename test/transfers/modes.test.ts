/** The modes that do not move the call: a decision that the flow carries out, and a dry run. */
import t from 'tap'
import { startTestSystem } from '../support/test-system.ts'
import { setUpIvrCall } from '../support/calls.ts'
import { waitFor } from '../support/wait-for.ts'

/** A transfer has the same states whether its progress is seen by events or by polls. */
for (const events of ['on', 'off'])
  t.test(`modes that do not move the call, with events ${events}`, async (t) => {
    const { control, postTransfer, waitForState, request, crm } = await startTestSystem(t, { PICKUP_EVENTS: events })
    const countChanges = (conversationId: string) =>
      control.requests().log.filter(({ operation, path }) => /^(POST|PATCH) /.test(operation) && path.includes(conversationId)).length

    t.test('given a decision, when the flow moves the call to its target, then the pickup is recorded', async (t) => {
      const { conversationId, skillId, queueId, userId } = setUpIvrCall(control)
      const { status, body } = await postTransfer({
        conversationId,
        target: { type: 'skill', skillId, queueId },
        priority: 7,
        mode: 'decide',
      })
      t.match(
        { status, body },
        { status: 202, body: { state: 'decided', mode: 'decide', resolvedTarget: { queueId, skillIds: [skillId], priority: 7 } } },
      )
      t.equal(control.transfers(conversationId).length, 0)
      control.transferByFlow(conversationId, { queueId, skillIds: [skillId], priority: 7 })
      t.match(await waitForState(body.id, 'picked_up'), { agentUserId: userId })
      const [first] = await waitFor(() => crm.eventTypesFor(body.id).length > 0 && crm.eventTypesFor(body.id), 'the CRM')
      t.equal(first, 'transfer.initiated')
      t.equal(
        control.requests().counts['PATCH /routing/conversations/{id}'] ?? 0,
        0,
        'the flow puts skills and priority on the call itself',
      )
    })

    t.test('given a decision, when the flow never follows it, then the transfer fails with DECISION_NOT_FOLLOWED', async (t) => {
      const { control, postTransfer, waitForState } = await startTestSystem(t, { PICKUP_TIMEOUT_MS: '700', PICKUP_EVENTS: events })
      const { conversationId, queueId } = setUpIvrCall(control)
      const { body } = await postTransfer({ conversationId, target: { type: 'queue', queueId }, mode: 'decide' })
      t.match(await waitForState(body.id, 'failed'), { code: 'DECISION_NOT_FOLLOWED', transferDepth: 1 })
      const again = await postTransfer({ conversationId, target: { type: 'queue', queueId }, mode: 'decide' })
      t.match(again.body, { state: 'decided', transferDepth: 1 }, 'a decision that was not followed does not count as a transfer')
    })

    t.test('given a decision, when the caller hangs up before the flow moves the call, then it is abandoned', async (t) => {
      const { conversationId, queueId } = setUpIvrCall(control)
      const { body } = await postTransfer({ conversationId, target: { type: 'queue', queueId }, mode: 'decide' })
      control.hangUp(conversationId)
      t.match(await waitForState(body.id, 'abandoned'), { code: 'CALLER_ABANDONED' })
    })

    t.test('given a dry run, when it is answered, then nothing has changed anywhere', async (t) => {
      const { conversationId, skillId, queueId } = setUpIvrCall(control)
      const before = await request<{ total: number }>('GET', '/v1/transfers/summary')
      const { status, body } = await postTransfer({
        conversationId,
        target: { type: 'skill', skillId, queueId },
        mode: 'dryRun',
        context: { a: 'b' },
        idempotencyKey: 'dry',
      })
      t.match(
        { status, body },
        { status: 200, body: { conversationId, state: 'decided', mode: 'dryRun', resolvedTarget: { queueId, usedFallback: false } } },
      )
      t.notHas(body, 'id')
      t.equal(countChanges(conversationId), 0)
      t.same(
        crm.attempts.filter(({ data }) => data.conversationId === conversationId),
        [],
      )
      t.equal((await request<{ total: number }>('GET', '/v1/transfers/summary')).body.total, before.body.total)
      t.equal((await request<{ transfers: unknown[] }>('GET', `/v1/transfers?conversationId=${conversationId}`)).body.transfers.length, 0)
      const real = await postTransfer({ conversationId, target: { type: 'queue', queueId }, idempotencyKey: 'dry' })
      t.equal(real.status, 202, 'its key is still free')
    })

    t.test('given a dry run that is refused, then the refusal is that of an executed transfer, and is not recorded', async (t) => {
      const { conversationId } = setUpIvrCall(control)
      const { status, body } = await postTransfer({ conversationId, target: { type: 'number', address: '+491234567890' }, mode: 'dryRun' })
      t.match({ status, body }, { status: 422, body: { code: 'TARGET_NOT_ALLOWED' } })
      t.equal((await request<{ transfers: unknown[] }>('GET', `/v1/transfers?conversationId=${conversationId}`)).body.transfers.length, 0)
    })
  })
