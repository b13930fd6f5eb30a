/** Which calls the simulated platform reports as waiting, in the documented shapes. */
import t from 'tap'
import { startPlatform } from '../test-platform.ts'
import { findResponseMismatches, unavailableReason } from '../views/documented-shapes.ts'

const path = '/analytics/queues/observations/query'
const query = (queueId: string, changes: object = {}) => ({
  filter: {
    type: 'and',
    predicates: [
      { dimension: 'queueId', value: queueId },
      { dimension: 'mediaType', value: 'voice' },
    ],
  },
  metrics: ['oWaiting'],
  detailMetrics: ['oWaiting'],
  ...changes,
})

t.test('given calls that wait, then they are listed, the oldest first', async (t) => {
  const { control, request } = await startPlatform(t)
  control.addQueue({ id: 'support' })
  control.addQueue({ id: 'sales' })
  const ids = [1, 2].map(() => control.addConversation({ in: { queueId: 'support' } }).conversationId)
  control.addConversation({ in: { queueId: 'sales' } })
  const response = await request('POST', path, query('support'))
  const [{ group, data }] = response.body.results
  t.same(group, { queueId: 'support', mediaType: 'voice' })
  t.match(data, [{ metric: 'oWaiting', stats: { count: 2 }, truncated: false }])
  t.match(
    data[0].observations,
    ids.map((conversationId) => ({ conversationId, routingPriority: 0, direction: 'inbound' })),
  )
  if (unavailableReason === false) t.same(findResponseMismatches('POST', `/api/v2${path}`, response), [])
  const { body } = await request('POST', path, query('support', { detailMetrics: [] }))
  t.notOk('observations' in body.results[0].data[0], 'without detail metrics there is only the count')
})

t.test('given more calls than are listed, then the list has the oldest and the newest', async (t) => {
  const { control, request } = await startPlatform(t)
  control.addQueue({ id: 'support' })
  const ids = Array.from({ length: 130 }, () => control.addConversation({ in: { queueId: 'support' } }).conversationId)
  const { body } = await request('POST', path, query('support'))
  t.match(body.results[0].data[0], { stats: { count: 130 }, truncated: true })
  const listed = (body.results[0].data[0].observations as Array<{ conversationId: string }>).map(({ conversationId }) => conversationId)
  t.same(listed, [...ids.slice(0, 50), ...ids.slice(-50)])
})

t.test('given a wrong query, or a client without the permission, then it is refused', async (t) => {
  const { control, request } = await startPlatform(t)
  for (const wrong of [
    {},
    query('support', { filter: { type: 'xor' } }),
    query('support', { filter: { type: 'and', predicates: [{ dimension: 'userId', value: 'x' }] } }),
    query('support', { metrics: [] }),
    query('support', { metrics: ['oUnknown'] }),
  ])
    t.equal((await request('POST', path, wrong)).status, 400)
  control.setPermissions([])
  t.equal((await request('POST', path, query('support'))).status, 403)
})
