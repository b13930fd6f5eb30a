/** How the simulator shows consults, forwarded calls, direct calls to agents who are off queue, and conversations that are not calls. */
import t from 'tap'
import { ControlError } from '../../../src/simulator/specs/control-error.ts'
import { startCallWithAgent, startPlatform } from '../test-platform.ts'
import { findResponseMismatches, unavailableReason } from '../views/documented-shapes.ts'

const conversationPath = '/api/v2/conversations/{conversationId}'

t.test(
  'given a call with an agent, when the agent consults another party, then both legs have the consult participant id, and the party is connected to the agent',
  async (t) => {
    const platform = await startPlatform(t, { clock: 'manual' })
    platform.control.addQueue({ id: 'sales' })
    platform.control.addAgent({ id: 'bob', answers: [{ after: 100, with: 'pickup' }] })
    for (const [to, purpose, before] of [
      [{ userId: 'bob' }, 'user', 'alerting'],
      [{ queueId: 'sales' }, 'acd', 'connected'],
      [{ number: '+13175550123' }, 'external', 'dialing'],
    ] as const) {
      const { conversationId } = await startCallWithAgent(platform)
      platform.control.consult(conversationId, to)
      const [caller] = await platform.getParticipants(conversationId, 'customer')
      const [agent] = await platform.getParticipants(conversationId, 'agent')
      t.match(agent, { consultParticipantId: caller.id, calls: [{ state: 'connected' }] })
      const consulted = { consultParticipantId: caller.id, calls: [{ state: before, peerId: agent.calls[0].id }] }
      t.match((await platform.getParticipants(conversationId, purpose)).at(-1), consulted, purpose)
      platform.control.advance(5_000)
      t.match((await platform.getParticipants(conversationId, purpose)).at(-1), { calls: [{ state: 'connected' }] }, purpose)
      if (unavailableReason === false) {
        const response = await platform.request('GET', `/conversations/${conversationId}`)
        t.strictSame(findResponseMismatches('GET', conversationPath, response), [], purpose)
      }
    }
  },
)

t.test('given a call without an agent, when a consult is requested, then it is refused and nothing changes', async (t) => {
  const { control, getConversation } = await startPlatform(t)
  const { conversationId } = control.addConversation({ in: 'ivr' })
  const before = await getConversation(conversationId)
  t.throws(() => control.consult(conversationId, { number: '+13175550123' }), ControlError)
  t.strictSame(await getConversation(conversationId), before)
})

t.test("given an agent whose calls are forwarded, when a call rings for the agent, then the agent's other number is dialed", async (t) => {
  const platform = await startPlatform(t, { clock: 'manual' })
  platform.control.addAgent({ id: 'target', answers: [{ after: 10, with: 'forward' }] })
  for (const dialFails of [false, true]) {
    platform.control.configure({ dialFails, dialMs: 1_000 })
    const { conversationId, participantId } = await startCallWithAgent(platform)
    await platform.request('POST', `/conversations/${conversationId}/participants/${participantId}/replace/agent`, { userId: 'target' })
    platform.control.advance(60)
    t.match((await platform.getParticipants(conversationId, 'agent')).at(-1), {
      userId: 'target',
      calls: [{ disconnectType: 'transfer.forward' }],
    })
    t.match(await platform.getParticipants(conversationId, 'external'), [{ calls: [{ state: 'dialing' }] }])
    platform.control.advance(1_000)
    t.match(await platform.getConversation(conversationId), { recentTransfers: [{ state: dialFails ? 'Failed' : 'Complete' }] })
  }
})

t.test('given an agent who is off queue, when a direct call rings, is answered or ends, then the agent stays off queue', async (t) => {
  const platform = await startPlatform(t, { clock: 'manual' })
  const readRoutingStatus = async () => (await platform.request('GET', '/users/target/routingstatus')).body.status
  platform.control.addAgent({ id: 'target', routingStatus: 'OFF_QUEUE', answers: ['never', { after: 10, with: 'pickup' }], talkMs: 1_000 })
  // The first call only rings, the second has just been answered, and the third has ended.
  for (const ms of [60_000, 500, 60_000]) {
    const { conversationId, participantId } = await startCallWithAgent(platform)
    await platform.request('POST', `/conversations/${conversationId}/participants/${participantId}/replace/agent`, { userId: 'target' })
    platform.control.advance(ms)
    t.equal(await readRoutingStatus(), 'OFF_QUEUE')
  }
})

t.test('given a conversation in another medium, then its participants have no calls but a connection in that medium', async (t) => {
  const { control, request } = await startPlatform(t)
  for (const medium of ['chat', 'email', 'message', 'callback'] as const) {
    const { conversationId } = control.addConversation({ in: 'ivr', medium })
    const response = await request('GET', `/conversations/${conversationId}`)
    t.match(response.body.participants[0], { purpose: 'customer', calls: [], [`${medium}s`]: [{ state: 'connected' }] })
    if (unavailableReason === false) t.strictSame(findResponseMismatches('GET', conversationPath, response), [], medium)
  }
})
