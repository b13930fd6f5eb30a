/** A stand-in for Genesys Cloud on the loopback interface that replies as the test says and records what it received. */
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { Socket } from 'node:net'
import { listenOnLoopback } from './raw-server.ts'

export interface ReceivedRequest {
  method: string
  url: string
  headers: IncomingMessage['headers']
  body: string
  /** Counts the connections of the server from 1. */
  connection: number
}
export type Reply = (response: ServerResponse, request: ReceivedRequest) => void

export interface FakePlatform {
  url: string
  /** Every request to the API, in order. */
  requests: ReceivedRequest[]
  logins: ReceivedRequest[]
  /** Sets the replies to the next API requests; the last one repeats. */
  replyWith(...replies: Reply[]): void
  /** Sets the replies to the next logins; the last one repeats. */
  replyToLoginWith(...replies: Reply[]): void
  close(): Promise<void>
}

export const replyJson =
  (status: number, body: unknown, headers: Record<string, string> = {}): Reply =>
  (response) => {
    response.writeHead(status, { 'content-type': 'application/json', 'inin-correlation-id': 'corr-0a1b2c3d', ...headers })
    response.end(body === undefined ? undefined : JSON.stringify(body))
  }
export const replyText =
  (status: number, body: string, headers: Record<string, string> = {}): Reply =>
  (response) =>
    response.writeHead(status, headers).end(body)
export const neverReply: Reply = () => {}
export const resetConnection: Reply = (response) => response.socket?.resetAndDestroy()
/** Promises more bytes than are sent, then resets the connection. */
export const replyTruncated =
  (status: number): Reply =>
  (response) => {
    response.writeHead(status, { 'content-type': 'application/json', 'content-length': '1000' })
    response.write('{"id":"half', () => response.socket?.resetAndDestroy())
  }

const nextReply = (replies: Reply[]): Reply => (replies.length > 1 ? replies.shift()! : replies[0]!)

/** Every login gets another token: `canary-token-1`, `canary-token-2`, … `prefix` is a path in front of every route. */
export async function startFakePlatform({ prefix = '' } = {}): Promise<FakePlatform> {
  const requests: ReceivedRequest[] = []
  const logins: ReceivedRequest[] = []
  let tokens = 0
  const replyWithToken: Reply = (response, request) =>
    replyJson(200, { access_token: `canary-token-${++tokens}`, token_type: 'bearer', expires_in: 86_400 })(response, request)
  let replies: Reply[] = [replyJson(200, { id: 'x' })]
  let loginReplies: Reply[] = [replyWithToken]
  const connections = new WeakMap<Socket, number>()
  let connectionCount = 0

  const server = createServer(async (request, response) => {
    const chunks: Buffer[] = []
    for await (const chunk of request) chunks.push(chunk as Buffer)
    const received: ReceivedRequest = {
      method: request.method ?? '',
      url: request.url ?? '',
      headers: request.headers,
      body: Buffer.concat(chunks).toString(),
      connection: connections.get(request.socket) ?? 0,
    }
    const isLogin = received.url === `${prefix}/oauth/token`
    const log = isLogin ? logins : requests
    log.push(received)
    nextReply(isLogin ? loginReplies : replies)(response, received)
  })
  server.on('connection', (socket) => connections.set(socket, ++connectionCount))
  const port = await listenOnLoopback(server)
  return {
    url: `http://127.0.0.1:${port}${prefix}`,
    requests,
    logins,
    replyWith: (...next) => void (replies = next),
    replyToLoginWith: (...next) => void (loginReplies = next),
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  }
}
