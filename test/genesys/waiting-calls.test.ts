/** How the client reads which calls wait in a queue. */
import t from 'tap'
import { connectToFakePlatform, dueIn, rejection } from './support/connect.ts'
import { replyJson } from './support/fake-platform.ts'

const at = (second: number) => `2026-11-20T09:30:0${second}.000Z`
const observation = (conversationId: string, second: number, routingPriority?: number) => ({
  conversationId,
  observationDate: at(second),
  ...(routingPriority !== undefined && { routingPriority }),
})
const answer = (observations: unknown, truncated = false, group: object = { queueId: 'q1', mediaType: 'voice' }) => ({
  results: [{ group, data: [{ metric: 'oWaiting', stats: { count: 9 }, truncated, observations }] }],
})

t.test('given the answer of the platform, then the calls are read, the oldest first', async (t) => {
  const { genesys, platform } = await connectToFakePlatform(t)
  const read = (value: unknown) => {
    platform.replyWith(replyJson(200, value))
    return genesys.waitingCalls('q1', dueIn(20_000))
  }
  const call = (conversationId: string, second: number, priority = 0) => ({ conversationId, since: Date.parse(at(second)), priority })
  t.same(await read(answer([observation('B', 2, 7), observation('a', 1)])), { calls: [call('a', 1), call('b', 2, 7)], isTruncated: false })
  t.same(await read({}), { calls: [], isTruncated: false }, 'a queue without waiting calls has no results')
  t.same(await read(answer([observation('a', 1)], false, { queueId: 'q2' })), { calls: [], isTruncated: false }, 'another queue')
  t.same(await read(answer([observation('a', 1)], false, { queueId: 'q1', mediaType: 'chat' })), { calls: [], isTruncated: false })
  const listed = [observation('a', 1), observation('b', 2), observation('y', 8), observation('z', 9)]
  t.same(await read(answer(listed, true)), { calls: [call('a', 1), call('b', 2)], isTruncated: true }, 'what lies between is not known')
  for (const malformed of [
    { results: {} },
    answer({}),
    answer([{ observationDate: at(1) }]),
    answer([{ conversationId: 'a' }]),
    answer([{ ...observation('a', 1), routingPriority: 'high' }]),
  ])
    t.match(await rejection(read(malformed)), { reason: 'malformed' }, 'no call may be forgotten')
  t.match(platform.requests[0], { method: 'POST', url: '/api/v2/analytics/queues/observations/query' })
})
