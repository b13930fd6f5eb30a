/** What a 429 pauses: the token it is about, or a family of operations on all tokens (docs/genesys-cloud.md rule 99). */
import t from 'tap'
import { connectGenesys } from '../../src/genesys/client.ts'
import { startSimulator, type Simulator } from '../../src/simulator/simulator.ts'
import { clientId, clientSecret, createSettings, dueIn, rejection } from './support/connect.ts'

const credentials = { clientId, clientSecret }
const members = 'GET /routing/queues/{id}/members'

/** Starts a simulator with a call that waits in a queue, and connects a client with `tokenPoolSize` tokens. */
async function connect(t: { teardown: (act: () => unknown) => unknown }, tokenPoolSize: number) {
  const simulator: Simulator = await startSimulator({ ...credentials, requestsPerMinute: 60_000 })
  const genesys = await connectGenesys(createSettings(simulator.url, { tokenPoolSize, requestsPerMinute: 60_000 }))
  t.teardown(async () => {
    await genesys.close()
    await simulator.close()
  })
  const { control } = simulator
  const queueId = control.addQueue().id
  const otherQueueId = control.addQueue().id
  const { conversationId } = control.addConversation({ in: { queueId } })
  const { participants } = (await genesys.conversation(conversationId, dueIn(20_000))) as {
    participants: Array<{ id: string; purpose: string }>
  }
  const holderId = String(participants.find(({ purpose }) => purpose === 'acd')?.id)
  control.clearRequests()
  return { genesys, control, queueId, otherQueueId, conversationId, holderId }
}

const count = (control: Simulator['control'], operation: string): number => control.requests().counts[operation] ?? 0

t.test(
  'given a 429 about a limit of the organization, when other operations follow, then only that family of operations is paused, on all tokens',
  async (t) => {
    const { genesys, control, queueId, otherQueueId, conversationId, holderId } = await connect(t, 3)
    control.addFault({ operation: members, times: 'always', fault: { kind: 'rate-limited', retryAfterSeconds: 60, scope: 'organization' } })
    for (let call = 0; call < 6; call++)
      t.match(await rejection(genesys.idleMembers(queueId, dueIn(20_000))), {
        reason: 'rate_limited',
        effect: 'none',
        limitScope: 'family',
      })
    t.equal(count(control, members), 1, 'no token tries it again')
    t.match(await rejection(genesys.queue(queueId, dueIn(20_000))), { reason: 'rate_limited' }, 'the queue belongs to the same family')

    const startedAt = performance.now()
    await genesys.conversation(conversationId, dueIn(20_000))
    await genesys.setRouting(conversationId, { skillIds: [], priority: 3 }, dueIn(20_000))
    await genesys.replaceWithQueue(conversationId, holderId, otherQueueId, dueIn(20_000))
    t.ok(performance.now() - startedAt < 30_000, 'operations of other families did not wait')
    t.ok(
      genesys.rateLimitUsage().every(({ pausedMs }) => pausedMs === 0),
      'no token is paused',
    )
    const paused = genesys.pausedFamilies().filter(({ pausedMs }) => pausedMs > 0)
    t.match(paused, [{ family: 'queue' }])
    t.equal(paused.length, 1)
  },
)

t.test('given a 429 about the limit of a token, when other operations follow, then that token is paused and no family is', async (t) => {
  const { genesys, control, queueId, conversationId } = await connect(t, 1)
  control.addFault({ operation: members, fault: { kind: 'rate-limited', retryAfterSeconds: 60 } })
  for (const call of [() => genesys.idleMembers(queueId, dueIn(20_000)), () => genesys.conversation(conversationId, dueIn(20_000))]) {
    const { reason, limitScope } = await rejection(call())
    t.strictSame([reason, limitScope === 'family'], ['rate_limited', false])
  }
  t.ok(genesys.rateLimitUsage()[0]!.pausedMs > 0)
  t.equal(count(control, 'GET /conversations/{id}'), 0)
  t.ok(genesys.pausedFamilies().every(({ pausedMs }) => pausedMs === 0))
})

t.test('given a throttled read, when its pause ends before the deadline, then the read waits and succeeds', async (t) => {
  const { genesys, control, queueId } = await connect(t, 1)
  control.addFault({ operation: members, fault: { kind: 'rate-limited', retryAfterSeconds: 1, scope: 'organization' } })
  const startedAt = performance.now()
  t.strictSame(await genesys.idleMembers(queueId, dueIn(30_000)), [])
  t.ok(performance.now() - startedAt >= 990)
  t.equal(count(control, members), 2)
})

t.test('given a read that cannot wait, when it is throttled, then it fails at once', async (t) => {
  const { genesys, control, queueId } = await connect(t, 1)
  control.addFault({ operation: members, fault: { kind: 'rate-limited', retryAfterSeconds: 60, scope: 'organization' } })
  const startedAt = performance.now()
  const error = await rejection(genesys.idleMembers(queueId, dueIn(120_000, { canWaitForFamily: false })))
  t.match(error, { reason: 'rate_limited', limitScope: 'family' })
  t.ok(performance.now() - startedAt < 50_000)
})
