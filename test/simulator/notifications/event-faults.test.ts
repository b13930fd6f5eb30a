/** What each kind of event fault does to the events of a channel. */
import t, { type Test } from 'tap'
import { createChannel, closingTopic, openEventSocket, type EventSocket } from './socket-client.ts'
import { startPlatform, type TestPlatform } from '../test-platform.ts'

const queueTopic = 'v2.routing.queues.support.conversations.calls'
const acdStartTopic = 'v2.detail.events.conversation.c1.acd.start'

/** Starts a call and subscribes to its events. Each `patch` of a number causes one event with it; `readReceivedNumbers` lists those that arrived. */
async function startObservedCall(t: Test): Promise<{
  platform: TestPlatform
  socket: EventSocket
  connectUri: string
  patch: (n: number) => Promise<unknown>
  readReceivedNumbers: () => Promise<string[]>
}> {
  const platform = await startPlatform(t, { clock: 'manual' })
  platform.control.addQueue({ id: 'support' })
  const { conversationId } = platform.control.addConversation({ in: { queueId: 'support' } })
  const [customer] = await platform.getParticipants(conversationId, 'customer')
  const { connectUri } = await createChannel(platform, queueTopic, acdStartTopic)
  const socket = await openEventSocket(t, connectUri)
  const readReceivedNumbers = async () => {
    await socket.waitForPending()
    return socket.bodies(queueTopic).map(({ participants }) => participants[0].attributes.n)
  }
  const patch = (n: number) =>
    platform.request('PATCH', `/conversations/${conversationId}/participants/${customer.id}/attributes`, { attributes: { n: String(n) } })
  return { platform, socket, connectUri, patch, readReceivedNumbers }
}

t.test('given a fault that skips one event and drops two, then exactly those two are lost', async (t) => {
  const { platform, patch, readReceivedNumbers } = await startObservedCall(t)
  platform.control.notifications.addEventFault({ times: 2, skip: 1, fault: { kind: 'drop' } })
  for (let n = 1; n <= 4; n += 1) await patch(n)
  t.strictSame(await readReceivedNumbers(), ['1', '4'])
  t.match(platform.control.notifications.events(), { sent: 2, faults: { drop: 2 }, unheard: 0 })
})

t.test('given a fault that duplicates an event, then that event arrives twice', async (t) => {
  const { platform, patch, readReceivedNumbers } = await startObservedCall(t)
  platform.control.notifications.addEventFault({ fault: { kind: 'duplicate' } })
  await patch(1)
  await patch(2)
  t.strictSame(await readReceivedNumbers(), ['1', '1', '2'])
  t.match(platform.control.notifications.events(), { sent: 3, counts: { 'v2.routing.queues.{id}.conversations.calls': 3 } })
})

t.test('given a fault that delays an event, then it arrives late and unchanged, after newer ones', async (t) => {
  const { platform, patch, readReceivedNumbers } = await startObservedCall(t)
  platform.control.notifications.addEventFault({ fault: { kind: 'delay', ms: 500 } })
  await patch(1)
  await patch(2)
  platform.control.advance(499)
  t.strictSame(await readReceivedNumbers(), ['2'])
  platform.control.advance(1)
  t.strictSame(await readReceivedNumbers(), ['2', '1'])
})

t.test('given an event delay, then every event arrives that much later, in order', async (t) => {
  const { platform, patch, readReceivedNumbers } = await startObservedCall(t)
  platform.control.configure({ eventDelayMs: 200 })
  await patch(1)
  await patch(2)
  t.strictSame(await readReceivedNumbers(), [])
  platform.control.advance(200)
  t.strictSame(await readReceivedNumbers(), ['1', '2'])
})

t.test('given a fault that cuts the connection, then the event, the connection and the next events are lost', async (t) => {
  const { platform, socket, connectUri, patch } = await startObservedCall(t)
  platform.control.notifications.addEventFault({ fault: { kind: 'cut' } })
  await patch(1)
  t.equal(await socket.closed, 1006)
  await patch(2)
  t.match(platform.control.notifications.events(), { sent: 0, unheard: 1, faults: { cut: 1 } })
  const reconnected = await openEventSocket(t, connectUri)
  await patch(3)
  await reconnected.waitForPending()
  t.equal(reconnected.bodies(queueTopic).length, 1, 'missed events are not repeated, and the subscriptions are kept')
})

t.test(
  'given a permanent fault for one topic, then events of other topics arrive, and the fault applies until it is cleared',
  async (t) => {
    const { platform, socket, patch, readReceivedNumbers } = await startObservedCall(t)
    platform.control.notifications.addEventFault({ topic: 'v2.routing.*', times: Infinity, fault: { kind: 'drop' } })
    await patch(1)
    platform.control.addConversation({ id: 'c1', in: { queueId: 'support' } })
    t.strictSame(await readReceivedNumbers(), [])
    t.equal(socket.bodies(acdStartTopic).length, 1)
    platform.control.notifications.clearEventFaults()
    await patch(2)
    t.strictSame(await readReceivedNumbers(), ['2'])
  },
)

t.test('given a channel without a connection, then its events are lost, and do not use up a fault', async (t) => {
  const { platform, connectUri, socket, patch } = await startObservedCall(t)
  platform.control.notifications.cutSockets()
  await socket.closed
  platform.control.notifications.addEventFault({ fault: { kind: 'drop' } })
  await patch(1)
  t.match(platform.control.notifications.events(), { unheard: 1, faults: { drop: 0 } })
  const reconnected = await openEventSocket(t, connectUri)
  await patch(2)
  await patch(3)
  await reconnected.waitForPending()
  t.match(reconnected.bodies(queueTopic), [{ participants: [{ attributes: { n: '3' } }] }])
})

t.test('given two channels with the same topic, then each gets the event, and a fault applies to one of them', async (t) => {
  const { platform, patch, readReceivedNumbers } = await startObservedCall(t)
  const other = await openEventSocket(t, (await createChannel(platform, queueTopic)).connectUri)
  platform.control.notifications.addEventFault({ fault: { kind: 'drop' } })
  await patch(1)
  await other.waitForPending()
  t.equal((await readReceivedNumbers()).length + other.bodies(queueTopic).length, 1)
})

t.test(
  'given the control API, when faults, topics and connections are changed over HTTP, then the notification service follows',
  async (t) => {
    const { platform, socket, patch, readReceivedNumbers } = await startObservedCall(t)
    const callControl = async (method: string, path: string, body?: unknown) =>
      platform.requestWithoutToken(
        method,
        `/_simulator${path}`,
        body === undefined ? {} : { body: JSON.stringify(body), headers: { 'content-type': 'application/json' } },
      )
    await callControl('POST', '/event-faults', { times: 1, fault: { kind: 'drop' } })
    await callControl('POST', '/event-faults', { times: 'always', fault: { kind: 'duplicate' } })
    for (let n = 1; n <= 2; n += 1) await patch(n)
    await callControl('DELETE', '/event-faults')
    await patch(3)
    t.strictSame(await readReceivedNumbers(), ['2', '2', '3'])
    t.match((await callControl('GET', '/events')).body, { sent: 3, unheard: 0, faults: { drop: 1, duplicate: 1 } })
    await callControl('DELETE', '/events')
    t.match((await callControl('GET', '/events')).body, { sent: 0, counts: {}, faults: { drop: 0 } })

    await callControl('PATCH', '/settings', { heartbeatMs: 1_000 })
    await callControl('POST', '/topics/forbid', { pattern: 'v2.users.*', missingPermissions: ['a:b:c'] })
    const next = await createChannel(platform)
    t.match(await next.subscribe('v2.users.7.conversations.calls'), { status: 403, body: { message: /a:b:c/ } })
    await callControl('DELETE', '/topics/forbid')
    t.equal((await next.subscribe('v2.users.7.conversations.calls')).status, 200)

    const { channels } = (await callControl('GET', '/channels')).body
    t.match(channels, [
      { connected: true, topics: [queueTopic, acdStartTopic], expires: String, id: String },
      { id: next.id, connected: false },
    ])
    t.match((await callControl('POST', '/sockets/cut', { announce: true })).body, { cut: 1 })
    t.equal(await socket.closed, 1001)
    t.equal(socket.bodies(closingTopic).length, 1)
    t.equal((await callControl('POST', `/channels/${next.id}/expire`)).status, 200)
    t.equal((await callControl('GET', '/channels')).body.channels.length, 1)

    const refused: [path: string, body: unknown, expectedMessage: RegExp][] = [
      ['/event-faults', { fault: { kind: 'lose' } }, /fault/],
      ['/event-faults', { fault: { kind: 'delay' } }, /fault/],
      ['/topics/forbid', {}, /pattern/],
      ['/sockets/cut', { loudly: true }, /loudly is not known/],
      [`/channels/${next.id}/expire`, undefined, /no channel/],
    ]
    for (const [path, body, expectedMessage] of refused)
      t.match(await callControl('POST', path, body), { status: 400, body: { error: expectedMessage } }, path)
  },
)
