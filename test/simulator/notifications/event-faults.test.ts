import t, { type Test } from 'tap'
import { channel, CLOSING, listen, type Ear } from './socket-client.ts'
import { stage, type Stage } from '../stage.ts'

const SUPPORT = 'v2.routing.queues.support.conversations.calls'
const START = 'v2.detail.events.conversation.c1.acd.start'

async function watched(
  t: Test,
): Promise<{ at: Stage; ear: Ear; connectUri: string; patch: (n: number) => Promise<unknown>; seen: () => Promise<string[]> }> {
  const at = await stage(t, { clock: 'manual' })
  at.scene.addQueue({ id: 'support' })
  const { conversationId } = at.scene.addConversation({ in: { queueId: 'support' } })
  const [customer] = await at.legs(conversationId, 'customer')
  const { connectUri } = await channel(at, SUPPORT, START)
  const ear = await listen(t, connectUri)
  const seen = async () => {
    await ear.caughtUp()
    return ear.bodies(SUPPORT).map(({ participants }) => participants[0].attributes.n)
  }
  const patch = (n: number) =>
    at.ask('PATCH', `/conversations/${conversationId}/participants/${customer.id}/attributes`, { attributes: { n: String(n) } })
  return { at, ear, connectUri, patch, seen }
}

t.test('given events to be dropped, then the next ones never come, and those after them do', async (t) => {
  const { at, patch, seen } = await watched(t)
  at.scene.notifications.addEventFault({ times: 2, skip: 1, fault: { kind: 'drop' } })
  for (let n = 1; n <= 4; n += 1) await patch(n)
  t.strictSame(await seen(), ['1', '4'])
  t.match(at.scene.notifications.events(), { sent: 2, faults: { drop: 2 }, unheard: 0 })
})

t.test('given events to be duplicated, then each comes twice', async (t) => {
  const { at, patch, seen } = await watched(t)
  at.scene.notifications.addEventFault({ fault: { kind: 'duplicate' } })
  await patch(1)
  await patch(2)
  t.strictSame(await seen(), ['1', '1', '2'])
  t.match(at.scene.notifications.events(), { sent: 3, counts: { 'v2.routing.queues.{id}.conversations.calls': 3 } })
})

t.test('given an event to be delayed, then it comes late, as it was, after ones that are newer', async (t) => {
  const { at, patch, seen } = await watched(t)
  at.scene.notifications.addEventFault({ fault: { kind: 'delay', ms: 500 } })
  await patch(1)
  await patch(2)
  at.scene.advance(499)
  t.strictSame(await seen(), ['2'])
  at.scene.advance(1)
  t.strictSame(await seen(), ['2', '1'])
})

t.test('given a platform that is slow to tell, then every event comes that much later, in order', async (t) => {
  const { at, patch, seen } = await watched(t)
  at.scene.configure({ eventDelayMs: 200 })
  await patch(1)
  await patch(2)
  t.strictSame(await seen(), [])
  at.scene.advance(200)
  t.strictSame(await seen(), ['1', '2'])
})

t.test('given a cut in the place of an event, then the event and the connection are lost, and the next events too', async (t) => {
  const { at, ear, connectUri, patch } = await watched(t)
  at.scene.notifications.addEventFault({ fault: { kind: 'cut' } })
  await patch(1)
  t.equal(await ear.closed, 1006)
  await patch(2)
  t.match(at.scene.notifications.events(), { sent: 0, unheard: 1, faults: { cut: 1 } })
  const again = await listen(t, connectUri)
  await patch(3)
  await again.caughtUp()
  t.equal(again.bodies(SUPPORT).length, 1, 'what it missed does not come again; its topics are still there')
})

t.test('given a fault for a topic, then other events come through; for always, it holds until it is cleared', async (t) => {
  const { at, ear, patch, seen } = await watched(t)
  at.scene.notifications.addEventFault({ topic: 'v2.routing.*', times: Infinity, fault: { kind: 'drop' } })
  await patch(1)
  at.scene.addConversation({ id: 'c1', in: { queueId: 'support' } })
  t.strictSame(await seen(), [])
  t.equal(ear.bodies(START).length, 1)
  at.scene.notifications.clearEventFaults()
  await patch(2)
  t.strictSame(await seen(), ['2'])
})

t.test('given a channel that nobody is connected to, then its events are lost, and no fault is spent on them', async (t) => {
  const { at, connectUri, ear, patch } = await watched(t)
  at.scene.notifications.cutSockets()
  await ear.closed
  at.scene.notifications.addEventFault({ fault: { kind: 'drop' } })
  await patch(1)
  t.match(at.scene.notifications.events(), { unheard: 1, faults: { drop: 0 } })
  const again = await listen(t, connectUri)
  await patch(2)
  await patch(3)
  await again.caughtUp()
  t.match(again.bodies(SUPPORT), [{ participants: [{ attributes: { n: '3' } }] }])
})

t.test('given two channels on one topic, then each is told, and a fault meets one of them', async (t) => {
  const { at, patch, seen } = await watched(t)
  const other = await listen(t, (await channel(at, SUPPORT)).connectUri)
  at.scene.notifications.addEventFault({ fault: { kind: 'drop' } })
  await patch(1)
  await other.caughtUp()
  t.equal((await seen()).length + other.bodies(SUPPORT).length, 1)
})

t.test('given another process, then it does all of it over HTTP', async (t) => {
  const { at, ear, patch, seen } = await watched(t)
  const control = async (method: string, path: string, body?: unknown) =>
    at.knock(
      method,
      `/_simulator${path}`,
      body === undefined ? {} : { body: JSON.stringify(body), headers: { 'content-type': 'application/json' } },
    )
  await control('POST', '/event-faults', { times: 1, fault: { kind: 'drop' } })
  await control('POST', '/event-faults', { times: 'always', fault: { kind: 'duplicate' } })
  for (let n = 1; n <= 2; n += 1) await patch(n)
  await control('DELETE', '/event-faults')
  await patch(3)
  t.strictSame(await seen(), ['2', '2', '3'])
  t.match((await control('GET', '/events')).body, { sent: 3, unheard: 0, faults: { drop: 1, duplicate: 1 } })
  await control('DELETE', '/events')
  t.match((await control('GET', '/events')).body, { sent: 0, counts: {}, faults: { drop: 0 } })

  await control('PATCH', '/settings', { heartbeatMs: 1_000 })
  await control('POST', '/topics/forbid', { pattern: 'v2.users.*', missingPermissions: ['a:b:c'] })
  const next = await channel(at)
  t.match(await next.subscribe('v2.users.7.conversations.calls'), { status: 403, body: { message: /a:b:c/ } })
  await control('DELETE', '/topics/forbid')
  t.equal((await next.subscribe('v2.users.7.conversations.calls')).status, 200)

  const { channels } = (await control('GET', '/channels')).body
  t.match(channels, [
    { connected: true, topics: [SUPPORT, START], expires: String, id: String },
    { id: next.id, connected: false },
  ])
  t.match((await control('POST', '/sockets/cut', { announce: true })).body, { cut: 1 })
  t.equal(await ear.closed, 1001)
  t.equal(ear.bodies(CLOSING).length, 1)
  t.equal((await control('POST', `/channels/${next.id}/expire`)).status, 200)
  t.equal((await control('GET', '/channels')).body.channels.length, 1)

  const refused: [path: string, body: unknown, says: RegExp][] = [
    ['/event-faults', { fault: { kind: 'lose' } }, /fault/],
    ['/event-faults', { fault: { kind: 'delay' } }, /fault/],
    ['/topics/forbid', {}, /pattern/],
    ['/sockets/cut', { loudly: true }, /loudly is not known/],
    [`/channels/${next.id}/expire`, undefined, /no channel/],
  ]
  for (const [path, body, says] of refused) t.match(await control('POST', path, body), { status: 400, body: { error: says } }, path)
})
