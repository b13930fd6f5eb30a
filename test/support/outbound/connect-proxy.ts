/** An outbound proxy on loopback that supports only CONNECT, and resolves host names as the test wants. */
import { createServer } from 'node:http'
import { connect, type AddressInfo, type Socket } from 'node:net'
import type { TestContext } from '../build.ts'

export interface ConnectProxy {
  url: URL
  /** The host and port that each CONNECT asked for. */
  authorities: string[]
  /** Stops accepting connections, and ends those that are open. */
  stop(): Promise<void>
}

export interface ConnectProxyOptions {
  /** The address of each host name. The proxy connects to any other host as it is requested. */
  hosts?: Record<string, string>
  /** The `user:password` that the proxy requires. */
  credentials?: string
  /** The status of the answer to a CONNECT: 200 opens the tunnel, `silence` answers nothing. */
  answer?: (authority: string) => number | 'silence'
}

/** Starts a proxy that is stopped after the test. */
export async function startConnectProxy(t: TestContext, options: ConnectProxyOptions = {}): Promise<ConnectProxy> {
  const { hosts = {}, credentials, answer = () => 200 } = options
  const authorities: string[] = []
  const sockets = new Set<Socket>()
  const track = (socket: Socket): Socket => {
    sockets.add(socket)
    return socket.on('error', () => socket.destroy()).on('close', () => sockets.delete(socket))
  }
  const server = createServer((_, response) => response.writeHead(400).end())
  server.on('connection', track).on('connect', ({ url = '', headers }, client: Socket, head: Buffer) => {
    authorities.push(url)
    const isAuthenticated =
      credentials === undefined || headers['proxy-authorization'] === `Basic ${Buffer.from(credentials).toString('base64')}`
    const status = isAuthenticated ? answer(url) : 407
    if (status === 'silence') return
    if (status !== 200) return client.end(`HTTP/1.1 ${status} Refused\r\ncontent-length: 4\r\n\r\nbody`)
    const [, host = '', port = ''] = /^\[?(.*?)\]?:(\d+)$/.exec(url) ?? []
    const target = track(connect(Number(port), hosts[host] ?? host))
    target.once('connect', () => {
      client.write('HTTP/1.1 200 Connection established\r\n\r\n')
      target.write(head)
      target.pipe(client).pipe(target)
    })
    target.on('close', () => client.destroy())
    client.on('close', () => target.destroy())
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const stop = (): Promise<void> =>
    new Promise((resolve) => {
      server.close(() => resolve())
      for (const socket of sockets) socket.destroy()
    })
  t.teardown(stop)
  const url = new URL(`http://127.0.0.1:${(server.address() as AddressInfo).port}`)
  if (credentials !== undefined) [url.username = '', url.password = ''] = credentials.split(':')
  return { url, authorities, stop }
}
