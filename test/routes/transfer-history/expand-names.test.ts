/** Names beside ids: what is answered with `expand=names`, and that nothing waits for a platform that does not tell them. */
import { test } from 'tap'
import { setUpIvrCall } from '../../support/calls.ts'
import { operationsKey } from '../../support/settings.ts'
import { startTestSystem } from '../../support/test-system.ts'
import { waitFor } from '../../support/wait-for.ts'
import { openEventReader } from './event-source.ts'

interface WithNames {
  names?: Record<string, string>
}

test('given a transfer to a skill that an agent has picked up, when it is read with names, then queue, skill and agent have theirs', async (t) => {
  const system = await startTestSystem(t)
  const { conversationId, queueId, skillId, userId } = setUpIvrCall(system.control, [{ after: 20, with: 'pickup' }])
  const reader = await openEventReader(`${system.url}/v1/transfers/stream?expand=names`, { authorization: `Bearer ${operationsKey}` })
  t.teardown(() => reader.close())
  const { body } = await system.postTransfer({ conversationId, target: { type: 'skill', skillId, queueId } })
  const id = body.id
  await system.waitForState(id, 'picked_up')
  const names = { [queueId]: 'Support', [skillId]: 'Billing', [userId]: 'Alex' }
  const one = await waitFor(async () => {
    const { names: found } = (await system.request<WithNames>('GET', `/v1/transfers/${id}?expand=names`)).body
    return Object.keys(found ?? {}).length === 3 && found
  }, 'the names')
  t.strictSame(one, names)
  t.strictSame((await system.request<WithNames>('GET', '/v1/transfers?expand=names')).body.names, names)
  t.notOk('names' in (await system.request('GET', `/v1/transfers/${id}`)).body, 'only if they are asked for')
  t.equal((await system.request('GET', `/v1/transfers/${id}?expand=everything`)).status, 400)
  const last = await reader.waitForEvent(({ data }) => (data['transfer'] as { state?: string })?.state === 'picked_up', 'the pickup')
  t.match(last.data, { names: Object })
})

test('given a platform that does not tell names, when a list is read with names, then it is answered without them', async (t) => {
  let isCut = false
  const { promise: ended, reject: end } = Promise.withResolvers<never>()
  // Otherwise the process would wait for the time limit of the read.
  t.teardown(() => end(new Error('the test is over')))
  const system = await startTestSystem(
    t,
    {},
    {},
    {
      wrapGenesys: (client) => ({ ...client, queue: (...args) => (isCut ? ended : client.queue(...args)) }),
    },
  )
  const { conversationId, queueId } = setUpIvrCall(system.control, ['never'])
  const { body } = await system.postTransfer({ conversationId, target: { type: 'queue', queueId } })
  isCut = true
  const { body: page } = await system.request<WithNames & { transfers: object[] }>('GET', '/v1/transfers?expand=names')
  t.match(page, { transfers: [{ id: body.id }], names: {} })
})

test('given counts by queue, when they are read with names, then the queues have theirs, and other counts have none', async (t) => {
  const system = await startTestSystem(t)
  const { conversationId, queueId } = setUpIvrCall(system.control, ['never'])
  await system.postTransfer({ conversationId, target: { type: 'queue', queueId } })
  const read = async (query: string) => (await system.request<WithNames>('GET', `/v1/transfers/summary?${query}`)).body
  const { names } = await waitFor(async () => {
    const answer = await read('groupBy=queue&expand=names')
    return Object.keys(answer.names ?? {}).length > 0 && answer
  }, 'the name of the queue')
  t.strictSame(names, { [queueId]: 'Support' })
  t.notOk('names' in (await read('groupBy=queue')), 'only if they are asked for')
  t.strictSame((await read('groupBy=reason&expand=names')).names, {})
})
