/** How callbacks are created, and where they show. */
import t from 'tap'
import { startPlatform } from '../test-platform.ts'

t.test('given a call in the IVR', async (t) => {
  const platform = await startPlatform(t, { clock: 'manual' })
  platform.control.addQueue({ id: 'support' })
  async function startCall() {
    const { conversationId } = platform.control.addConversation({ in: 'ivr' })
    const [customer] = await platform.getParticipants(conversationId, 'customer')
    const path = `/conversations/${conversationId}/participants/${customer.id}/callbacks`
    return { conversationId, path, readCustomer: async () => (await platform.getParticipants(conversationId, 'customer'))[0] }
  }
  const body = { routingData: { queueId: 'support', skillIds: [], priority: 3 }, callbackNumbers: ['+13175550123'], data: { note: 'x' } }

  t.test('when a callback is created, then it shows on the customer after the delay, and outlives the call', async (t) => {
    const { conversationId, path, readCustomer } = await startCall()
    const response = await platform.request('POST', path, { ...body, callbackScheduledTime: '2030-01-01T09:00:00.000Z' })
    t.strictSame([response.status, response.text], [202, ''])
    t.match(platform.control.callbacks(conversationId), [{ queueId: 'support', priority: 3, numbers: ['+13175550123'] }])
    t.strictSame((await readCustomer()).callbacks, [])
    platform.control.advance(50)
    t.match(await readCustomer(), {
      callbacks: [{ id: String, state: 'scheduled', callbackNumbers: ['+13175550123'], callbackScheduledTime: '2030-01-01T09:00:00.000Z' }],
      attributes: { note: 'x' },
      calls: [{ state: 'connected' }],
    })
    platform.control.hangUp(conversationId)
    const { endTime } = await platform.getConversation(conversationId)
    t.equal(endTime, undefined)
    t.match(await readCustomer(), { calls: [{ state: 'terminated' }], callbacks: [{ state: 'scheduled' }] })
  })

  t.test('when the command is not valid or not permitted, or the caller has left, then no callback is created', async (t) => {
    const { conversationId, path } = await startCall()
    for (const wrong of [
      {},
      { callbackNumbers: [] },
      { ...body, callbackNumbers: [1] },
      { callbackNumbers: ['+1'] },
      { ...body, data: { a: 1 } },
    ])
      t.match(await platform.request('POST', path, wrong), { status: 400, body: { code: 'bad.request' } })
    t.equal((await platform.request('POST', path, { ...body, routingData: { queueId: 'none' } })).status, 400)
    t.equal((await platform.request('POST', `/conversations/${conversationId}/participants/none/callbacks`, body)).status, 404)
    platform.control.setPermissions([])
    t.equal((await platform.request('POST', path, body)).status, 403)
    platform.control.setPermissions('all')
    platform.control.hangUp(conversationId)
    t.equal((await platform.request('POST', path, body)).status, 400)
    t.strictSame(platform.control.callbacks(conversationId), [])
  })
})
