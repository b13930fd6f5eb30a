/** A receiver of webhooks on loopback, as a plain TCP server, so that a test decides every byte of the answer. */
import { once } from 'node:events'
import { createServer } from 'node:net'
import type { AddressInfo, Socket } from 'node:net'
import type { Test } from 'tap'

/** Starts a receiver that calls `answer` for each complete request, counts connections and keeps the requests. */
export async function startReceiver(t: Test, answer: (socket: Socket, request: string) => void, host = '127.0.0.1', port = 0) {
  const receiver = { connections: 0, requests: [] as string[], port: 0, url: '' }
  const sockets = new Set<Socket>()
  const server = createServer((socket) => {
    receiver.connections += 1
    sockets.add(socket)
    let text = ''
    socket
      .on('error', () => undefined)
      .on('close', () => sockets.delete(socket))
      .on('data', (chunk) => {
        text += chunk.toString()
        const [head = '', body] = text.split('\r\n\r\n')
        if (body === undefined || Buffer.byteLength(body) < Number(/content-length: (\d+)/i.exec(head)?.[1] ?? 0)) return
        receiver.requests.push(text)
        answer(socket, text)
        text = ''
      })
  })
  server.listen(port, host)
  await once(server, 'listening')
  receiver.port = (server.address() as AddressInfo).port
  receiver.url = `http://${host}:${receiver.port}/hook`
  t.teardown(async () => {
    for (const socket of sockets) socket.destroy()
    server.close()
    await once(server, 'close')
  })
  return receiver
}

/** Creates a handler that answers every request with this status and body. Each line in `headers` must end with CRLF. */
export const respondWith =
  (status: string, headers = '', body = '') =>
  (socket: Socket) => {
    socket.write(`HTTP/1.1 ${status}\r\n${headers}content-length: ${Buffer.byteLength(body)}\r\n\r\n${body}`)
  }
