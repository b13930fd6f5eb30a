/** Offers stay correct with many calls and agents. */
import t from 'tap'
import { startPlatform } from '../test-platform.ts'

t.test('given 10,000 calls at once and 100 agents, then each agent talks to exactly one caller, and every call can be read', async (t) => {
  const platform = await startPlatform(t, { clock: 'manual' })
  platform.control.addQueue({ id: 'support' })
  for (let n = 0; n < 100; n += 1) platform.control.addAgent({ queueIds: ['support'] })
  const { conversationIds } = platform.control.addConversations(10_000, { in: { queueId: 'support' } })
  platform.control.advance(10_000)
  const { entities } = (await platform.request('GET', '/routing/queues/support/members?routingStatus=INTERACTING&pageSize=100')).body
  t.equal(entities.length, 100)
  const agents = await Promise.all(conversationIds.slice(0, 101).map((id) => platform.getParticipants(id, 'agent')))
  t.equal(new Set(agents.flat().map((participant) => participant.userId)).size, 100)
  t.strictSame(agents[100], [], 'the 101st still waits')
  t.equal((await platform.request('GET', `/conversations/${conversationIds.at(-1)}`)).status, 200)
})

t.test('given agents who finish their calls, then all waiting calls are served in the order of arrival', async (t) => {
  const platform = await startPlatform(t, { clock: 'manual', requestsPerMinute: 10_000 })
  platform.control.addQueue({ id: 'support', talkMs: 1_000 })
  for (let n = 0; n < 5; n += 1) platform.control.addAgent({ queueIds: ['support'] })
  const { conversationIds } = platform.control.addConversations(50, { in: { queueId: 'support' } })
  platform.control.advance(60_000)
  const pickedUp = await Promise.all(
    conversationIds.map(async (id) => (await platform.getParticipants(id, 'agent'))[0].connectedTime as string),
  )
  t.strictSame(pickedUp, pickedUp.toSorted())
})
