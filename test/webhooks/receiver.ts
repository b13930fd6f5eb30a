import { once } from 'node:events'
import { createServer } from 'node:net'
import type { AddressInfo, Socket } from 'node:net'
import type { Test } from 'tap'

/** A receiver on loopback that answers each request, read to its end, as told; it counts connections and keeps what it was sent. */
export async function receiver(t: Test, answer: (socket: Socket, request: string) => void, host = '127.0.0.1', port = 0) {
  const seen = { connections: 0, requests: [] as string[], port: 0, url: '' }
  const sockets = new Set<Socket>()
  const server = createServer((socket) => {
    seen.connections += 1
    sockets.add(socket)
    let text = ''
    socket
      .on('error', () => undefined)
      .on('close', () => sockets.delete(socket))
      .on('data', (chunk) => {
        text += chunk.toString()
        const [head = '', body] = text.split('\r\n\r\n')
        if (body === undefined || Buffer.byteLength(body) < Number(/content-length: (\d+)/i.exec(head)?.[1] ?? 0)) return
        seen.requests.push(text)
        answer(socket, text)
        text = ''
      })
  })
  server.listen(port, host)
  await once(server, 'listening')
  seen.port = (server.address() as AddressInfo).port
  seen.url = `http://${host}:${seen.port}/hook`
  t.teardown(async () => {
    for (const socket of sockets) socket.destroy()
    server.close()
    await once(server, 'close')
  })
  return seen
}

export const answering =
  (status: string, headers = '', body = '') =>
  (socket: Socket) => {
    socket.write(`HTTP/1.1 ${status}\r\n${headers}content-length: ${Buffer.byteLength(body)}\r\n\r\n${body}`)
  }
