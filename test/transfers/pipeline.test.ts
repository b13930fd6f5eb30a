/** A transfer through all stages, from a call in the IVR to each of its ends. */
import t from 'tap'
import { occupyAgent, setUpIvrCall, waitUntilQueued } from '../support/calls.ts'
import { startTestSystem } from '../support/test-system.ts'
import { waitFor } from '../support/wait-for.ts'

t.setTimeout(240_000)

/** A transfer has the same states whether its progress is seen by events or by polls. */
for (const events of ['on', 'off'])
  t.test(`given a call in the IVR, with events ${events}`, async (t) => {
    const { control, postTransfer, waitForState, request, crm, getConversation } = await startTestSystem(t, {
      ALLOWED_NUMBERS: '+4930*',
      PICKUP_EVENTS: events,
    })
    // So that no offer times out before the agent of a test answers it.
    control.configure({ alertingTimeoutMs: 60_000 })
    type Trail = { entries: Array<{ status: string; actionId: string; conversationId: string; detail: Record<string, unknown> }> }
    const getAuditEntries = async (id: string) => (await request<Trail>('GET', `/v1/transfers/${id}/audit`)).body.entries
    const waitForRouting = (id: string) =>
      waitFor(async () => (await getAuditEntries(id)).find(({ status }) => status === 'routing_applied'), 'skills and priority')

    t.test(
      'when it is sent to a skill that an idle agent has, then the agent picks up, and response, webhooks and audit trail show it',
      async (t) => {
        const { conversationId, skillId, queueId, userId } = setUpIvrCall(control, ['never', { after: 200, with: 'pickup' }])
        const freeAgent = await occupyAgent({ control, getConversation }, queueId)
        const response = await postTransfer({ conversationId, target: { type: 'skill', skillId, queueId }, priority: 10 })
        t.equal(response.status, 202)
        t.equal(response.headers.get('location'), `/v1/transfers/${response.body.id}`)
        t.match(response.body, {
          state: 'initiated',
          transferDepth: 1,
          resolvedTarget: { type: 'skill', queueId, skillIds: [skillId], priority: 10, usedFallback: false },
          code: null,
        })
        t.ok((response.body.latencyMs ?? -1) >= 0)
        t.match(
          await waitForRouting(response.body.id),
          { detail: { verified: true, priority: 10, skillIds: skillId } },
          'skills and priority were applied and verified',
        )

        freeAgent()
        const done = await waitForState(response.body.id, 'picked_up')
        t.match(done, { state: 'picked_up', agentUserId: userId, bounces: 0 })
        t.ok(done.pickupMs !== null && done.pickupTime !== null)
        await waitFor(() => crm.eventTypesFor(done.id).length === 2)
        t.strictSame(crm.eventTypesFor(done.id), ['transfer.initiated', 'transfer.picked_up'])
        const entries = await getAuditEntries(done.id)
        t.strictSame(
          entries.map(({ status }) => status).filter((status) => ['accepted', 'executing', 'initiated', 'picked_up'].includes(status)),
          ['accepted', 'executing', 'initiated', 'picked_up'],
        )
        t.ok(entries.every((entry) => entry.actionId === done.id && entry.conversationId === conversationId))
        t.equal(control.transfers(conversationId).length, 1)
      },
    )

    t.test('when it is sent to an idle agent, then that agent picks up', async (t) => {
      const { conversationId, userId } = setUpIvrCall(control)
      const { body } = await postTransfer({ conversationId, target: { type: 'agent', userId } })
      t.match(await waitForState(body.id, 'picked_up'), { agentUserId: userId, resolvedTarget: { type: 'agent', userId, queueId: null } })
    })

    t.test('when it is sent to a queue without skills, then the skills of an earlier transfer are cleared', async (t) => {
      const { conversationId, queueId, otherQueueId, skillId, userId } = setUpIvrCall(control)
      control.transferByFlow(conversationId, { queueId: otherQueueId, skillIds: [skillId], priority: 3 })
      await waitUntilQueued({ getConversation }, conversationId, otherQueueId)
      control.setAgent(userId, { routingStatus: 'OFF_QUEUE' })
      const { body } = await postTransfer({ conversationId, target: { type: 'queue', queueId } })
      t.match(await waitForRouting(body.id), { detail: { verified: true, priority: 0, skillIds: '' } })
      control.setAgent(userId, { routingStatus: 'IDLE' })
      t.ok(await waitForState(body.id, 'picked_up'))
    })

    t.test('when it is sent to an allowed number, then the other side answers', async (t) => {
      const { conversationId } = setUpIvrCall(control)
      const { body } = await postTransfer({ conversationId, target: { type: 'number', address: '+49301234567' } })
      const done = await waitForState(body.id, 'picked_up')
      t.equal(done.resolvedTarget?.address, '+49301234567')
      t.notMatch(JSON.stringify(done.transferPath), '49301234567', 'a path contains no phone number')
    })

    t.test('when an agent declines it twice, then both bounces are counted and the pickup is recorded', async (t) => {
      const { conversationId, skillId, queueId } = setUpIvrCall(control, [
        { after: 60, with: 'decline' },
        { after: 60, with: 'decline' },
        { after: 60, with: 'pickup' },
      ])
      const { body } = await postTransfer({ conversationId, target: { type: 'skill', skillId, queueId } })
      t.match(await waitForState(body.id, 'picked_up'), { bounces: 2 })
    })

    t.test('when no agent picks up in time, then the transfer times out, and a late pickup is still recorded', async (t) => {
      const { control, postTransfer, waitForState, request } = await startTestSystem(t, { PICKUP_TIMEOUT_MS: '900', PICKUP_EVENTS: events })
      const { conversationId, queueId, userId } = setUpIvrCall(control)
      control.setAgent(userId, { routingStatus: 'OFF_QUEUE' })
      const { body } = await postTransfer({ conversationId, target: { type: 'queue', queueId } })
      t.match(await waitForState(body.id, 'timeout'), { code: 'PICKUP_TIMEOUT', pickupTime: null })
      control.setAgent(userId, { routingStatus: 'IDLE' })
      await waitFor(
        async () =>
          (await request<{ entries: Array<{ status: string }> }>('GET', `/v1/transfers/${body.id}/audit`)).body.entries.some(
            ({ status }) => status === 'late_pickup',
          ),
        'the late pickup',
      )
      t.match((await request('GET', `/v1/transfers/${body.id}`)).body, { state: 'timeout' }, 'a final state stays')
    })

    t.test('when the caller hangs up while waiting, then the transfer is abandoned', async (t) => {
      const { conversationId, queueId, userId } = setUpIvrCall(control)
      control.setAgent(userId, { routingStatus: 'OFF_QUEUE' })
      const { body } = await postTransfer({ conversationId, target: { type: 'queue', queueId } })
      control.hangUp(conversationId)
      t.match(await waitForState(body.id, 'abandoned'), { code: 'CALLER_ABANDONED' })
      await waitFor(() => crm.eventTypesFor(body.id).includes('transfer.abandoned'))
    })

    t.test('when the in-queue flow moves the call to voicemail, then the transfer has failed', async (t) => {
      const { conversationId, queueId, userId } = setUpIvrCall(control)
      control.setAgent(userId, { routingStatus: 'OFF_QUEUE' })
      const { body } = await postTransfer({ conversationId, target: { type: 'queue', queueId } })
      await waitUntilQueued({ getConversation }, conversationId, queueId)
      control.flowOut(conversationId)
      t.match(await waitForState(body.id, 'failed'), { code: 'FLOWED_OUT' })
    })

    t.test('when the agent who is the target declines the call, then the transfer has failed', async (t) => {
      const { conversationId, userId } = setUpIvrCall(control, [{ after: 50, with: 'decline' }])
      const { body } = await postTransfer({ conversationId, target: { type: 'agent', userId } })
      t.match(await waitForState(body.id, 'failed'), { code: 'TRANSFER_FAILED' })
    })

    t.test('when the request has a context, then the agent sees it, and the loop guard writes its attributes', async (t) => {
      const { conversationId, queueId, userId } = setUpIvrCall(control)
      control.setAgent(userId, { routingStatus: 'OFF_QUEUE' })
      const { body } = await postTransfer({
        conversationId,
        target: { type: 'queue', queueId },
        context: { reason: 'billing dispute', 'ticket.id': '4711' },
      })
      const order = control
        .requests()
        .log.filter(({ path }) => path.includes(conversationId))
        .map(({ operation }) => operation)
      const written = order.indexOf('PATCH /conversations/{id}/participants/{id}/attributes')
      t.ok(
        written >= 0 && written < order.indexOf('POST /conversations/{id}/participants/{id}/replace/queue'),
        'the context is written before the call moves',
      )
      const customer = async () =>
        (await getConversation(conversationId)).participants.find(({ purpose }) => purpose === 'customer')?.attributes
      const attributes = await waitFor(async () => (await customer())?.['loopPreventionToken'] && customer(), 'the attributes')
      t.match(attributes, {
        reason: 'billing dispute',
        'ticket.id': '4711',
        transferDepth: '1',
        transferPath: `queue:${queueId}`,
        loopPreventionToken: /^[0-9a-f]{64}$/,
      })
      control.setAgent(userId, { routingStatus: 'IDLE' })
      t.ok(await waitForState(body.id, 'picked_up'))
    })

    t.test('when transfers have ended in many ways, then the summary adds up', async (t) => {
      const { body } = await request<{
        total: number
        byState: Record<string, number>
        pickupRate: number
        latencyMs: { count: number; p50: number }
      }>('GET', '/v1/transfers/summary')
      t.equal(
        Object.values(body.byState).reduce((sum, count) => sum + count, 0),
        body.total,
      )
      t.ok(body.pickupRate > 0 && body.pickupRate < 1)
      t.ok(body.latencyMs.count > 0)
    })
  })
