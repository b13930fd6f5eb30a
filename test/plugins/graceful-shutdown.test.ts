import { createConnection } from 'node:net'
import { test } from 'tap'
import { servedDocument } from '../routes/document.ts'
import { keepCommands, operationsKey, startWorld, usualScene } from '../support/service.ts'
import { until } from '../support/until.ts'

test('given a transfer under way and requests half sent, when the service stops, then the one is finished, the others are refused, and no connection lingers', async (t) => {
  const world = await startWorld(t)
  const { misfits, answerMisfits } = await servedDocument(world.url)
  const { queueId, conversationId } = usualScene(world.scene)
  const kept = keepCommands(t, world)
  const { hostname, port } = new URL(world.url)
  const halfSent = ['/v1/transfers', '/ready', '/nothing'].map((path) => {
    const socket = createConnection(Number(port), hostname)
    const came: Buffer[] = []
    socket.on('data', (chunk: Buffer) => came.push(chunk))
    socket.write(`GET ${path} HTTP/1.1\r\nhost: x\r\nauthorization: Bearer ${operationsKey}\r\n`)
    return { socket, answer: new Promise<string>((closed) => socket.on('close', () => closed(Buffer.concat(came).toString()))) }
  })
  const transfer = world.transfer({ conversationId, target: { type: 'queue', queueId } })
  await until(async () => (await world.app.ledger.transfers({ limit: 1, state: 'executing' })).items.length === 1, 'the transfer under way')
  const stopped = world.stop()
  await until(() => !world.app.server.listening, 'the service stopping')
  for (const { socket } of halfSent) socket.write('\r\n')
  const [refused = '', ready = '', nothing = ''] = await Promise.all(halfSent.map(({ answer }) => answer))
  kept.letGo()
  const { status, headers } = await transfer
  // A connection that lingered until its keep-alive ran out would outlast the test.
  await stopped

  t.strictSame([status, headers.get('connection')], [202, 'close'], 'the transfer is answered, and the connection not kept')
  const bodyOf = (answer: string): Record<string, unknown> => JSON.parse(answer.split('\r\n\r\n')[1] ?? '') as Record<string, unknown>
  for (const answer of [refused, nothing]) {
    t.match(answer, /^HTTP\/1\.1 503 [^]*content-type: application\/problem\+json/i)
    t.match(answer, /retry-after: \d/i)
    t.match(answer, /connection: close/i)
    t.match(bodyOf(answer), { code: 'OVERLOADED', retryable: true, status: 503 })
    t.strictSame(misfits('Problem', bodyOf(answer)), [])
  }
  t.match(ready, /^HTTP\/1\.1 503 /)
  t.strictSame(
    [bodyOf(ready)['status'], answerMisfits('ready', 503, 'application/json', bodyOf(ready))],
    ['stopping', []],
    '/ready says that it stops',
  )
})

test('given an export that a client reads, when the service stops, then it is finished, and its connection not kept', async (t) => {
  const world = await startWorld(t)
  let release = (): void => {}
  const released = new Promise<void>((done) => (release = done))
  world.app.ledger.audit = async function* slow() {
    yield [{ seq: 1, status: 'row' } as never]
    await released
    yield [{ seq: 2, status: 'row' } as never]
  }
  const answer = await fetch(`${world.url}/v1/audit`, { headers: { authorization: `Bearer ${operationsKey}` } })
  const stopped = world.stop()
  await until(() => !world.app.server.listening, 'the service stopping')
  release()
  const lines = (await answer.text()).trimEnd().split('\n')
  t.match(
    lines.map((line) => JSON.parse(line) as object),
    [{ seq: 1 }, { seq: 2 }],
  )
  await stopped
})

test('given a service that is about to leave, then it is not ready any more, and serves all the same', async (t) => {
  const world = await startWorld(t)
  t.equal((await world.ask('GET', '/ready')).status, 200)
  world.app.drain()
  t.match(await world.ask('GET', '/ready'), { status: 503, body: { status: 'stopping', ledger: 'ready', platform: 'ready' } })
  t.equal((await world.ask('GET', '/health')).status, 200)
  const { conversationId, queueId } = usualScene(world.scene)
  t.equal((await world.transfer({ conversationId, target: { type: 'queue', queueId } })).status, 202)
})
