/** What happens to running, new and half-sent requests when the service stops. */
import { createConnection } from 'node:net'
import { test } from 'tap'
import { readServedDocument } from '../routes/served-document.ts'
import { holdQueueCommands } from '../support/hold-queue-commands.ts'
import { operationsKey } from '../support/settings.ts'
import { startTestSystem } from '../support/test-system.ts'
import { setUpIvrCall } from '../support/calls.ts'
import { waitFor } from '../support/wait-for.ts'

test('given a running transfer and half-sent requests, when the service stops, then the transfer is finished, the requests are refused, and no connection stays open', async (t) => {
  const system = await startTestSystem(t)
  const { violations, responseViolations } = await readServedDocument(system.url)
  const { queueId, conversationId } = setUpIvrCall(system.control)
  const held = holdQueueCommands(t, system)
  const { hostname, port } = new URL(system.url)
  const halfSent = ['/v1/transfers', '/ready', '/nothing'].map((path) => {
    const socket = createConnection(Number(port), hostname)
    const chunks: Buffer[] = []
    socket.on('data', (chunk: Buffer) => chunks.push(chunk))
    socket.write(`GET ${path} HTTP/1.1\r\nhost: x\r\nauthorization: Bearer ${operationsKey}\r\n`)
    return { socket, response: new Promise<string>((resolve) => socket.on('close', () => resolve(Buffer.concat(chunks).toString()))) }
  })
  const transfer = system.postTransfer({ conversationId, target: { type: 'queue', queueId } })
  await waitFor(
    async () => (await system.app.ledger.listTransfers({ limit: 1, states: ['executing'] })).items.length === 1,
    'the running transfer',
  )
  const stopped = system.stop()
  await waitFor(() => !system.app.server.listening, 'the stopping service')
  for (const { socket } of halfSent) socket.write('\r\n')
  const [refused = '', ready = '', unknownAddress = ''] = await Promise.all(halfSent.map(({ response }) => response))
  held.release()
  const { status, headers } = await transfer
  // A connection that stays open would make this exceed the timeout of the test.
  await stopped

  t.strictSame([status, headers.get('connection')], [202, 'close'], 'the transfer is answered, and its connection is closed')
  const parseBody = (response: string): Record<string, unknown> =>
    JSON.parse(response.split('\r\n\r\n')[1] ?? '') as Record<string, unknown>
  for (const response of [refused, unknownAddress]) {
    t.match(response, /^HTTP\/1\.1 503 [^]*content-type: application\/problem\+json/i)
    t.match(response, /retry-after: \d/i)
    t.match(response, /connection: close/i)
    t.match(parseBody(response), { code: 'OVERLOADED', retryable: true, status: 503 })
    t.strictSame(violations('Problem', parseBody(response)), [])
  }
  t.match(ready, /^HTTP\/1\.1 503 /)
  t.strictSame(
    [parseBody(ready)['status'], responseViolations('ready', 503, 'application/json', parseBody(ready))],
    ['stopping', []],
    '/ready says that the service is stopping',
  )
})

test('given an audit export that a client is reading, when the service stops, then the export is finished, and its connection is closed', async (t) => {
  const system = await startTestSystem(t)
  let release = (): void => {}
  const released = new Promise<void>((resolve) => (release = resolve))
  system.app.ledger.exportAudit = async function* slow() {
    yield [{ seq: 1, status: 'row' } as never]
    await released
    yield [{ seq: 2, status: 'row' } as never]
  }
  const response = await fetch(`${system.url}/v1/audit`, { headers: { authorization: `Bearer ${operationsKey}` } })
  const stopped = system.stop()
  await waitFor(() => !system.app.server.listening, 'the stopping service')
  release()
  const lines = (await response.text()).trimEnd().split('\n')
  t.match(
    lines.map((line) => JSON.parse(line) as object),
    [{ seq: 1 }, { seq: 2 }],
  )
  await stopped
})

test('given work that takes long to end, when the service stops, then new connections are refused at once, so that a proxy asks another node', async (t) => {
  const system = await startTestSystem(t)
  let release = (): void => {}
  const released = new Promise<void>((resolve) => (release = resolve))
  const { bulkTransfers } = system.app
  const close = bulkTransfers.close.bind(bulkTransfers)
  bulkTransfers.close = async () => {
    await released
    await close()
  }
  const stopped = system.stop()
  await waitFor(() => !system.app.server.listening, 'the closed port, while the service has not stopped')
  await t.rejects(fetch(`${system.url}/health`), { cause: { code: 'ECONNREFUSED' } })
  release()
  await stopped
})

test('given a service that is draining, then it is not ready, and still serves every request', async (t) => {
  const system = await startTestSystem(t)
  t.equal((await system.request('GET', '/ready')).status, 200)
  system.app.drain()
  t.match(await system.request('GET', '/ready'), { status: 503, body: { status: 'stopping', ledger: 'ready', platform: 'ready' } })
  t.equal((await system.request('GET', '/health')).status, 200)
  const { conversationId, queueId } = setUpIvrCall(system.control)
  const { status, headers } = await system.postTransfer({ conversationId, target: { type: 'queue', queueId } })
  t.equal(status, 202)
  t.equal(headers.get('connection'), 'close', 'a proxy keeps no connection that the stop would break')
})
