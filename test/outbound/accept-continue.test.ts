/** Servers that send interim responses (100, 102, 103) that were not requested. */
import type { Socket } from 'node:net'
import { createServer } from 'node:tls'
import t, { type Test } from 'tap'
import type { ExchangeRequest } from '../../src/genesys/http/exchange.ts'
import { createTransport } from '../../src/genesys/http/transport.ts'
import { parseNetworks } from '../../src/model/formats/networks.ts'
import { createWebhookSender } from '../../src/webhooks/webhook-sender.ts'
import { listenOnLoopback, startRawServer } from '../genesys/support/raw-server.ts'
import { loopbackCertificate, loopbackKey, trustLoopbackCertificate } from '../support/outbound/loopback-certificate.ts'

trustLoopbackCertificate()

const continueResponse = 'HTTP/1.1 100 Continue\r\n\r\n'
/** A body that looks like the start of a response. */
const body = `${continueResponse}HTTP/1.1 100`
const finalResponse = `HTTP/1.1 200 OK\r\ncontent-length: ${body.length}\r\n\r\n${body}`

/** Writes one piece after the other, each in a packet of its own. */
function writePieces(socket: Socket, [piece, ...laterPieces]: readonly string[]): void {
  if (piece === undefined) return
  socket.write(piece, () => setImmediate(() => writePieces(socket, laterPieces)))
}

/** Starts a server that answers each request with these pieces, and a transport to it. */
async function startAnswering(t: Test, pieces: readonly string[]) {
  let connections = 0
  const server = await startRawServer((socket) => {
    connections++
    socket.setNoDelay(true).on('data', () => writePieces(socket, pieces))
  })
  const transport = createTransport()
  t.teardown(async () => {
    await transport.close()
    await server.close()
  })
  const send = (method: ExchangeRequest['method']) =>
    transport.send({
      url: new URL(`http://127.0.0.1:${server.port}/`),
      method,
      headers: {},
      ...(method !== 'GET' && { body: '{}' }),
      timeoutMs: 10_000,
    })
  return { port: server.port, send, connections: () => connections }
}

const interimResponses: Array<[name: string, pieces: string[]]> = [
  ['100', [continueResponse, finalResponse]],
  ['100 together with the response', [continueResponse + finalResponse]],
  ['100 byte by byte', [...continueResponse.split(''), finalResponse]],
  ['100 twice, the second one cut in its status', [`${continueResponse}HTTP/1.1 10`, `0 Continue\r\n\r`, `\n${finalResponse}`]],
  ['100 with headers', ['HTTP/1.1 100 Continue\r\ncontent-length: 0\r\n', `x-a: b\r\n\r\n${finalResponse}`]],
  ['102', [`HTTP/1.1 102 Processing\r\n\r\n${finalResponse}`]],
  ['103 and then 100', ['HTTP/1.1 103 Early Hints\r\nlink: </style.css>\r\n\r\n', continueResponse, finalResponse]],
]
for (const [name, pieces] of interimResponses)
  t.test(`given a server that sends ${name} unasked, then the response after it is used, on new and on reused connections`, async (t) => {
    const { send, connections } = await startAnswering(t, pieces)
    for (const method of ['POST', 'PATCH', 'GET', 'PATCH', 'POST'] as const) {
      const result = await send(method)
      t.match(result, { isSent: true, status: 200, failure: undefined }, method)
      t.equal(result.body, body, 'nothing of the body is changed')
    }
    t.ok(connections() <= 4, 'at least one connection is used again')
  })

t.test('given a server that sends 100 and ends the connection, then the command counts as sent, and its outcome is unknown', async (t) => {
  const server = await startRawServer((socket) => socket.once('data', () => socket.end(continueResponse)))
  const transport = createTransport()
  t.teardown(async () => {
    await transport.close()
    await server.close()
  })
  const result = await transport.send({
    url: new URL(`http://127.0.0.1:${server.port}/`),
    method: 'POST',
    headers: {},
    body: '{}',
    timeoutMs: 10_000,
  })
  t.match(result, { isSent: true, status: undefined, failure: { kind: 'network' } })
})

t.test('given a server over TLS that sends 100 unasked, then the response after it is used', async (t) => {
  const server = createServer({ key: loopbackKey, cert: loopbackCertificate }, (socket) => {
    socket.on('error', () => {}).on('data', () => socket.write(continueResponse + finalResponse))
  })
  const port = await listenOnLoopback(server)
  const transport = createTransport()
  t.teardown(async () => {
    await transport.close()
    server.close()
  })
  const result = await transport.send({
    url: new URL(`https://localhost:${port}/`),
    method: 'POST',
    headers: {},
    body: '{}',
    timeoutMs: 10_000,
  })
  t.match(result, { status: 200, body })
})

t.test('given a CRM that sends 100 unasked, then the webhook is delivered', async (t) => {
  const { port } = await startAnswering(t, [continueResponse, finalResponse])
  const sender = createWebhookSender({ allowedNetworks: parseNetworks('127.0.0.1') })
  t.teardown(() => sender.close())
  for (let count = 0; count < 2; count++)
    t.match(await sender.send(`http://127.0.0.1:${port}/hook`, {}, '{}'), { outcome: 'delivered', status: 200 })
})
