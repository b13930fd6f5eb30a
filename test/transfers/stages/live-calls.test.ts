/** Situations that are common in organizations: a consult, other media than calls, forwarded calls, and an empty `errorInfo`. */
import t from 'tap'
import { setUpIvrCall } from '../../support/calls.ts'
import { startTestSystem } from '../../support/test-system.ts'

t.test('given live calls', async (t) => {
  const { control, postTransfer, request, waitForState, getConversation } = await startTestSystem(t)

  const parties: Array<[kind: string, to: Parameters<typeof control.consult>[1]]> = [
    ['a colleague whose phone rings', { userId: control.addAgent({ answers: ['never'] }).id }],
    ['a queue', { queueId: control.addQueue().id }],
    ['a number', { number: '+13175550123' }],
  ]
  for (const [party, to] of parties)
    t.test(
      `when the agent consults ${party} and a transfer is requested, then it is refused as retryable and the call stays`,
      async (t) => {
        const queueId = control.addQueue().id
        const { conversationId } = control.addConversation({ in: { userId: control.addAgent().id, queueId } })
        control.consult(conversationId, to)
        const refused = await postTransfer({ conversationId, target: { type: 'queue', queueId: control.addQueue().id } })
        t.match(refused, {
          status: 409,
          body: { code: 'CONVERSATION_NOT_TRANSFERABLE', retryable: true, detail: /being handed over; a consult is in progress/ },
        })
        t.ok(refused.headers.get('retry-after'))
        t.equal(control.transfers(conversationId).length, 0)
      },
    )

  for (const medium of ['chat', 'email', 'message', 'callback'] as const)
    t.test(`when a transfer of a ${medium} is requested, then the refusal says that it is no call`, async (t) => {
      const { conversationId } = control.addConversation({ in: { userId: control.addAgent().id }, medium })
      const refused = await postTransfer({ conversationId, target: { type: 'queue', queueId: control.addQueue().id } })
      t.match(refused, { status: 409, body: { code: 'CONVERSATION_NOT_TRANSFERABLE', retryable: false } })
      t.match(refused.body.detail, new RegExp(`it is an? ${medium}, not a call`))
      const { body: flat } = await request('POST', '/v1/architect/transfers', {
        conversationId,
        targetType: 'queue',
        targetId: control.addQueue().id,
      })
      t.match(flat, { ok: false, code: 'CONVERSATION_NOT_TRANSFERABLE', retryable: false })
    })

  t.test("when an agent's calls are forwarded, then the answer at the other number is recorded as a pickup without an agent", async (t) => {
    const { conversationId } = setUpIvrCall(control)
    const userId = control.addAgent({ answers: [{ after: 10, with: 'forward' }] }).id
    const { body } = await postTransfer({ conversationId, target: { type: 'agent', userId } })
    t.match(await waitForState(body.id, 'picked_up', 'failed'), { state: 'picked_up', agentUserId: null, bounces: 0, code: null })
    const { body: audit } = await request<{ entries: Array<{ status: string; detail: object }> }>('GET', `/v1/transfers/${body.id}/audit`)
    t.match(
      audit.entries.find(({ status }) => status === 'picked_up'),
      { detail: { via: 'forwarding' } },
    )
  })

  for (const type of ['queue', 'skill'] as const)
    t.test(
      `when a ${type} is the target and its agent's calls are forwarded, then the answer at the other number is the pickup`,
      async (t) => {
        const { conversationId, queueId, skillId } = setUpIvrCall(control, [{ after: 10, with: 'forward' }])
        const target = type === 'queue' ? { type, queueId } : { type, skillId, queueId }
        const { body } = await postTransfer({ conversationId, target })
        t.match(await waitForState(body.id, 'picked_up', 'failed'), { state: 'picked_up', agentUserId: null, bounces: 0, code: null })
        const { body: audit } = await request<{ entries: Array<{ status: string; detail: object }> }>(
          'GET',
          `/v1/transfers/${body.id}/audit`,
        )
        t.match(
          audit.entries.find(({ status }) => status === 'picked_up'),
          { detail: { via: 'forwarding' } },
        )
        const { participants } = await getConversation(conversationId)
        t.match(participants.findLast(({ purpose }) => purpose === 'agent')?.calls, [{ disconnectType: 'transfer.forward' }])
        t.match(participants.at(-1), { purpose: 'external', calls: [{ state: 'connected' }] })
      },
    )

  t.test(
    "when an agent's other number cannot be reached, then the queue offers the call again, and the agent who answers is recorded",
    async (t) => {
      const { conversationId, queueId, userId } = setUpIvrCall(control, [
        { after: 10, with: 'forward' },
        { after: 10, with: 'pickup' },
      ])
      control.configure({ dialFails: true })
      t.teardown(() => control.configure({ dialFails: false }))
      const { body } = await postTransfer({ conversationId, target: { type: 'queue', queueId } })
      t.match(await waitForState(body.id, 'picked_up', 'failed'), { state: 'picked_up', agentUserId: userId, bounces: 0 })
    },
  )

  t.test('when the phone of an agent rings with an errorInfo that is empty, then the transfer goes on', async (t) => {
    const { conversationId } = setUpIvrCall(control)
    // The phone rings for 600 ms, so that polls read the conversation while it does.
    const userId = control.addAgent({ answers: [{ after: 600, with: 'pickup' }] }).id
    const { body } = await postTransfer({ conversationId, target: { type: 'agent', userId } })
    t.match(await waitForState(body.id, 'picked_up', 'failed'), { state: 'picked_up', agentUserId: userId })
    const { participants } = await getConversation(conversationId)
    t.match(participants.at(-1), { calls: [{ errorInfo: {} }] })
  })
})
