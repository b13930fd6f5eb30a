/** A client that opens the stream over a real connection and does not read it. */
import { once } from 'node:events'
import { connect, type Socket } from 'node:net'
import { test } from 'tap'
import { openAccepted } from '../../ledger/fixtures.ts'
import type { TestContext } from '../../support/build.ts'
import { setUpIvrCall } from '../../support/calls.ts'
import { operationsKey } from '../../support/settings.ts'
import { startTestSystem, type TestSystem } from '../../support/test-system.ts'
import { waitFor } from '../../support/wait-for.ts'
import { openEventReader } from './event-source.ts'

/** What one event has at least, and how many there are: far more than the kernel keeps for a connection. */
const eventBytes = 300_000
const eventCount = 80
/** How many come at once: a client that reads can keep up. */
const perRound = 8

/** Opens a stream, and reads only the head of the response. */
async function openUnread(t: TestContext, { url }: TestSystem): Promise<{ slow: Socket; head: Buffer }> {
  const slow = connect(Number(new URL(url).port), '127.0.0.1')
  t.teardown(() => slow.destroy())
  slow.write(`GET /v1/transfers/stream HTTP/1.1\r\nHost: test\r\nAuthorization: Bearer ${operationsKey}\r\n\r\n`)
  const [head] = (await once(slow, 'data')) as [Buffer]
  slow.pause()
  return { slow, head }
}

test('given a client that does not read, when more happens than may wait for it, then its stream ends with the reason, and no other waits', async (t) => {
  const system = await startTestSystem(t, {}, {}, { connections: { maxUnreadStreamBytes: 10 * eventBytes } })
  const { slow, head } = await openUnread(t, system)
  t.match(String(head), /^HTTP\/1.1 200 /)
  const reader = await openEventReader(`${system.url}/v1/transfers/stream`, { authorization: `Bearer ${operationsKey}` })
  t.teardown(() => reader.close())

  for (let count = perRound; count <= eventCount; count += perRound) {
    await Promise.all(Array.from({ length: perRound }, () => openAccepted(system.app.ledger, { message: 'x'.repeat(eventBytes) })))
    await waitFor(() => reader.events.filter(({ event }) => event === 'transfer').length >= count, `event ${count}`)
  }
  t.notOk(reader.hasEnded(), 'a client that reads gets all')
  const { conversationId, queueId } = setUpIvrCall(system.control)
  t.equal((await system.postTransfer({ conversationId, target: { type: 'queue', queueId } })).status, 202, 'transfers go on')

  let bytes = head.length
  let end = ''
  slow.on('data', (data: Buffer) => {
    bytes += data.length
    end = (end + data.toString('latin1')).slice(-100)
  })
  slow.resume()
  await waitFor(() => end.endsWith('\r\n0\r\n\r\n'), 'the end of the response')
  t.match(end, 'event: end\ndata: {"reason":"slow"}\n\n')
  t.ok(bytes < eventBytes * eventCount, `${bytes} bytes`)
})

test('given a client that does not read, when the service stops, then it does not wait for that client', async (t) => {
  const system = await startTestSystem(t)
  const { slow } = await openUnread(t, system)
  await Promise.all(Array.from({ length: eventCount }, () => openAccepted(system.app.ledger, { message: 'x'.repeat(eventBytes) })))
  const reader = await openEventReader(`${system.url}/v1/transfers/stream`, {
    authorization: `Bearer ${operationsKey}`,
    'last-event-id': '0',
  })
  t.teardown(() => reader.close())
  await waitFor(() => reader.events.length > eventCount, 'all events')
  let isClosed = false
  void system.app.close().then(() => (isClosed = true))
  await waitFor(() => isClosed, 'the service to stop')
  t.ok(slow.bytesRead < eventBytes * eventCount)
})
