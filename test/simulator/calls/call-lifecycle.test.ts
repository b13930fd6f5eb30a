/** What the participants of a call show from its arrival to its end. */
import t from 'tap'
import { startPlatform } from '../test-platform.ts'

t.test(
  'given a waiting call, when two offers are declined, the third is picked up and the caller hangs up, then every step shows in its participants',
  async (t) => {
    const { control, getConversation, getParticipants } = await startPlatform(t, { clock: 'manual' })
    const queueId = control.addQueue({ id: 'support', name: 'Support' }).id
    const decline = { after: 2_000, with: 'decline' } as const
    control.addAgent({ id: 'alex', queueIds: [queueId], answers: [decline, decline, { after: 2_100, with: 'pickup' }] })
    const { conversationId } = control.addConversation({ in: { queueId } })

    const readStates = async (purpose: string) =>
      (await getParticipants(conversationId, purpose)).map((participant) => participant.calls[0].state)
    const assertAcdIsConnected = async () => t.strictSame(await readStates('acd'), ['connected'])

    await t.test(
      'given a waiting call, then the customer and acd legs are connected, the ivr leg ended with transfer, and there is no agent leg',
      async (t) => {
        const { participants, endTime, state: conversationState } = await getConversation(conversationId)
        t.strictSame(
          participants.map((participant: any) => [participant.purpose, participant.calls[0].state]),
          [
            ['customer', 'connected'],
            ['ivr', 'terminated'],
            ['acd', 'connected'],
          ],
        )
        t.equal(participants[1].calls[0].disconnectType, 'transfer')
        t.match(participants[2], {
          queueId: 'support',
          queueName: 'Support',
          conversationRoutingData: { queue: { id: 'support' }, priority: 0, skills: [] },
        })
        t.equal(conversationState, undefined, 'a conversation has no state of its own')
        t.equal(endTime, undefined)
      },
    )

    await t.test(
      'given a waiting call, then every internal leg names the customer leg as its peer, and the customer leg has no peer',
      async (t) => {
        const { participants } = await getConversation(conversationId)
        const [customer, ...internal] = participants.map((participant: any) => participant.calls[0])
        t.equal(customer.peerId, undefined)
        t.strictSame(
          internal.map((call: any) => call.peerId),
          [customer.id, customer.id],
        )
      },
    )

    await t.test('given a waiting call, when the offer delay is over, then an agent’s phone rings', async (t) => {
      control.advance(99)
      t.strictSame(await readStates('agent'), [])
      control.advance(1)
      const [agent] = await getParticipants(conversationId, 'agent')
      t.match(agent, { userId: 'alex', queueId: 'support', alertingTimeoutMs: 8_000, calls: [{ state: 'alerting' }] })
      t.equal(agent.connectedTime, undefined)
    })

    await t.test(
      'given a ringing agent, when the agent declines, then the leg ends without having connected, and the call still waits',
      async (t) => {
        control.advance(2_000)
        const [agent] = await getParticipants(conversationId, 'agent')
        t.match(agent.calls[0], { state: 'terminated', disconnectType: 'client' })
        t.equal(agent.connectedTime, undefined)
        t.equal(agent.calls[0].connectedTime, undefined)
        await assertAcdIsConnected()
      },
    )

    await t.test('given a declined offer, when the call is offered again, then there is a new participant of the same user', async (t) => {
      control.advance(100)
      const [first, second] = await getParticipants(conversationId, 'agent')
      t.equal(second.userId, first.userId)
      t.not(second.id, first.id)
      t.strictSame(await readStates('agent'), ['terminated', 'alerting'])
      control.advance(2_000)
      t.strictSame(await readStates('agent'), ['terminated', 'terminated'])
      await assertAcdIsConnected()
    })

    await t.test('given a ringing agent, when the agent picks up, then the acd leg stays connected for another 50 ms', async (t) => {
      control.advance(100 + 2_100)
      t.strictSame(await readStates('agent'), ['terminated', 'terminated', 'connected'])
      await assertAcdIsConnected()
      const agent = (await getParticipants(conversationId, 'agent'))[2]
      t.equal(agent.connectedTime, new Date(control.now()).toISOString())
      control.advance(50)
      const [acd] = await getParticipants(conversationId, 'acd')
      t.match(acd.calls[0], { state: 'terminated', disconnectType: 'transfer' })
      t.equal(Date.parse(acd.endTime) - Date.parse(agent.connectedTime), 50)
    })

    await t.test(
      'given a call with an agent, when the caller hangs up, then the customer leg ends with endpoint and the agent leg with peer',
      async (t) => {
        control.advance(60_000)
        control.hangUp(conversationId)
        const { participants, endTime } = await getConversation(conversationId)
        t.equal(endTime, new Date(control.now()).toISOString())
        t.match(participants[0].calls[0], { state: 'terminated', disconnectType: 'endpoint' })
        t.match(participants.at(-1), { wrapupRequired: true, calls: [{ disconnectType: 'peer' }] })
        t.equal(participants.at(-1).wrapup, undefined, 'after-call work has only begun')
        t.equal(participants.length, 6, 'ended legs stay in the list')
      },
    )

    await t.test('given an ended call, when the after-call work is over, then the wrap-up is present', async (t) => {
      control.advance(100)
      const agent = (await getParticipants(conversationId, 'agent'))[2]
      t.match(agent, { wrapup: { code: String, name: String, durationSeconds: 0 }, startAcwTime: String, endAcwTime: String })
    })
  },
)

t.test('given a waiting call, when the caller hangs up before an agent answers, then the acd and agent legs end with peer', async (t) => {
  const { control, getConversation } = await startPlatform(t, { clock: 'manual' })
  const queueId = control.addQueue().id
  control.addAgent({ id: 'alex', queueIds: [queueId], answers: ['never'] })
  const { conversationId } = control.addConversation({ in: { queueId }, callerHangsUpAfter: 3_000 })
  control.advance(2_999)
  t.equal((await getConversation(conversationId)).endTime, undefined)
  control.advance(1)
  const { participants } = await getConversation(conversationId)
  t.strictSame(
    participants.map((participant: any) => participant.calls[0].disconnectType),
    ['endpoint', 'transfer', 'peer', 'peer'],
  )
  t.equal(participants[3].connectedTime, undefined)
})

t.test('given a call, when it is read in the flattened model, then state, peer and references are fields of the participant', async (t) => {
  const { control, request } = await startPlatform(t, { clock: 'manual' })
  const queueId = control.addQueue({ id: 'support' }).id
  const { conversationId } = control.addConversation({ in: { queueId } })
  const { status, body } = await request('GET', `/conversations/calls/${conversationId}`)
  t.equal(status, 200)
  t.match(body.participants, [
    { purpose: 'customer', state: 'connected' },
    { purpose: 'ivr', state: 'terminated' },
    { purpose: 'acd', state: 'connected', queue: { id: 'support' } },
  ])
  t.type(body.participants[2].peer, 'string')
  t.notOk('calls' in body.participants[2] || 'state' in body)
})

t.test('given a call that is added after its caller has hung up, then the caller’s leg has ended', async (t) => {
  const { control, getParticipants } = await startPlatform(t, { clock: 'manual' })
  const { conversationId } = control.addConversation({ in: 'ivr', callerState: 'terminated', ani: '+4930123456' })
  t.match(await getParticipants(conversationId, 'customer'), [
    { ani: 'tel:+4930123456', endTime: String, calls: [{ state: 'terminated', disconnectType: 'endpoint' }] },
  ])
})
