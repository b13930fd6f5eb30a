import t from 'tap'
import { stage } from './stage.ts'

t.test(
  'given 10,000 calls at once and 100 agents, then each agent talks to exactly one caller, and every call is there to be read',
  async (t) => {
    const at = await stage(t, { clock: 'manual' })
    at.scene.addQueue({ id: 'support' })
    for (let n = 0; n < 100; n += 1) at.scene.addAgent({ queueIds: ['support'] })
    const { conversationIds } = at.scene.addConversations(10_000, { in: { queueId: 'support' } })
    at.scene.advance(10_000)
    const { entities } = (await at.ask('GET', '/routing/queues/support/members?routingStatus=INTERACTING&pageSize=100')).body
    t.equal(entities.length, 100)
    const holders = await Promise.all(conversationIds.slice(0, 101).map((id) => at.legs(id, 'agent')))
    t.equal(new Set(holders.flat().map((leg) => leg.userId)).size, 100)
    t.strictSame(holders[100], [], 'the 101st still waits')
    t.equal((await at.ask('GET', `/conversations/${conversationIds.at(-1)}`)).status, 200)
  },
)

t.test('given agents who finish their calls, then all waiting calls are served in the order of their arrival', async (t) => {
  const at = await stage(t, { clock: 'manual', requestsPerMinute: 10_000 })
  at.scene.addQueue({ id: 'support', talkMs: 1_000 })
  for (let n = 0; n < 5; n += 1) at.scene.addAgent({ queueIds: ['support'] })
  const { conversationIds } = at.scene.addConversations(50, { in: { queueId: 'support' } })
  at.scene.advance(60_000)
  const pickedUp = await Promise.all(conversationIds.map(async (id) => (await at.legs(id, 'agent'))[0].connectedTime as string))
  t.strictSame(pickedUp, pickedUp.toSorted())
})
