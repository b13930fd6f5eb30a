import { createServer } from 'node:http'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { createServer as createTcpServer } from 'node:net'
import type { AddressInfo, Server, Socket } from 'node:net'
import type { Test } from 'tap'
import { connectGenesys } from '../../src/genesys/client.ts'
import type { CallOptions, GenesysClient, GenesysSettings } from '../../src/genesys/client.ts'
import { GenesysError } from '../../src/genesys/http/errors.ts'
import type { Clock } from '../../src/genesys/clock.ts'

export const CLIENT_ID = '7f0c3a51-client-id'
export const CLIENT_SECRET = 'canary-secret-Zx81'

export interface Seen {
  method: string
  url: string
  headers: IncomingMessage['headers']
  body: string
  connection: number
}
export type Reply = (response: ServerResponse, seen: Seen) => void

export interface Platform {
  url: string
  /** Every request to /api/v2, in order. */
  calls: Seen[]
  logins: Seen[]
  /** What the next API requests get; the last one repeats. */
  answers(...replies: Reply[]): void
  /** What the next logins get; the last one repeats. */
  answersLogin(...replies: Reply[]): void
  close(): Promise<void>
}

export const json =
  (status: number, body: unknown, headers: Record<string, string> = {}): Reply =>
  (response) => {
    response.writeHead(status, { 'content-type': 'application/json', 'inin-correlation-id': 'corr-0a1b2c3d', ...headers })
    response.end(body === undefined ? undefined : JSON.stringify(body))
  }
export const text =
  (status: number, body: string, headers: Record<string, string> = {}): Reply =>
  (response) =>
    response.writeHead(status, headers).end(body)
export const silence: Reply = () => {}
export const reset: Reply = (response) => response.socket?.resetAndDestroy()
/** Headers that promise more than comes. */
export const half =
  (status: number): Reply =>
  (response) => {
    response.writeHead(status, { 'content-type': 'application/json', 'content-length': '1000' })
    response.write('{"id":"half', () => response.socket?.resetAndDestroy())
  }

const take = (replies: Reply[]): Reply => (replies.length > 1 ? replies.shift()! : replies[0]!)

/** A stand-in for Genesys Cloud on loopback that answers as it is told and remembers what it was asked. */
export async function platform({ prefix = '' } = {}): Promise<Platform> {
  const calls: Seen[] = []
  const logins: Seen[] = []
  let replies: Reply[] = [json(200, { id: 'x' })]
  let tokens = 0
  let loginReplies: Reply[] = [
    (response) => json(200, { access_token: `canary-token-${++tokens}`, token_type: 'bearer', expires_in: 86_400 })(response, {} as Seen),
  ]
  const connections = new WeakMap<Socket, number>()
  let opened = 0
  const server = createServer(async (request, response) => {
    const chunks: Buffer[] = []
    for await (const chunk of request) chunks.push(chunk as Buffer)
    const seen: Seen = {
      method: request.method ?? '',
      url: request.url ?? '',
      headers: request.headers,
      body: Buffer.concat(chunks).toString(),
      connection: connections.get(request.socket) ?? 0,
    }
    if (seen.url === `${prefix}/oauth/token`) return (logins.push(seen), take(loginReplies)(response, seen))
    calls.push(seen)
    take(replies)(response, seen)
  })
  server.on('connection', (socket) => connections.set(socket, ++opened))
  const port = await listening(server)
  return {
    url: `http://127.0.0.1:${port}${prefix}`,
    calls,
    logins,
    answers: (...next) => void (replies = next),
    answersLogin: (...next) => void (loginReplies = next),
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  }
}

/** A TCP server that does nothing but what `onSocket` does. */
export async function rawServer(onSocket: (socket: Socket) => void): Promise<{ port: number; close(): Promise<void> }> {
  const sockets = new Set<Socket>()
  const server = createTcpServer((socket) => {
    sockets.add(socket)
    socket.on('error', () => {})
    onSocket(socket)
  })
  const port = await listening(server)
  return {
    port,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve())
        for (const socket of sockets) socket.destroy()
      }),
  }
}

export async function listening(server: Server): Promise<number> {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return (server.address() as AddressInfo).port
}

export const settings = (gatewayUrl: string, more: Partial<GenesysSettings> = {}): GenesysSettings => ({
  clientId: CLIENT_ID,
  clientSecret: CLIENT_SECRET,
  environment: 'mypurecloud.com',
  gatewayUrl,
  requestsPerMinute: 300,
  tokenPoolSize: 1,
  ...more,
})

/** A platform and a client of it, closed when the test is over. */
export async function connected(t: Test, more: Partial<GenesysSettings> = {}): Promise<{ genesys: GenesysClient; at: Platform }> {
  const at = await platform()
  const genesys = await connectGenesys(settings(at.url, more))
  t.teardown(async () => {
    await genesys.close()
    await at.close()
  })
  return { genesys, at }
}

/** Options for a call with `ms` left. */
export const inMs = (ms: number, more: Partial<CallOptions> = {}): CallOptions => ({ deadline: Date.now() + ms, ...more })

/** The GenesysError that `work` rejects with; throws when it does not reject with one. */
export async function failure(work: Promise<unknown>): Promise<GenesysError> {
  const outcome = await work.then(
    (value) => ({ value }),
    (error: unknown) => ({ error }),
  )
  if ('error' in outcome && outcome.error instanceof GenesysError) return outcome.error
  throw new Error(`expected a GenesysError, got ${JSON.stringify(outcome)}`)
}

/** A clock that stands still until it is driven; timers run in order, with time for promises between them. */
export function drivenClock(start = 1_000_000): Clock & { drive(ms: number): Promise<void> } {
  let now = start
  let timers: Array<{ at: number; run: () => void }> = []
  const settle = async () => {
    for (let turn = 0; turn < 8; turn++) await Promise.resolve()
  }
  return {
    now: () => now,
    after(ms, run) {
      const timer = { at: now + Math.max(0, ms), run }
      timers.push(timer)
      return () => void (timers = timers.filter((other) => other !== timer))
    },
    async drive(ms) {
      const end = now + ms
      await settle()
      for (;;) {
        const next = timers.reduce<(typeof timers)[number] | undefined>(
          (soonest, timer) => (timer.at <= end && (!soonest || timer.at < soonest.at) ? timer : soonest),
          undefined,
        )
        if (!next) break
        timers = timers.filter((timer) => timer !== next)
        now = Math.max(now, next.at)
        next.run()
        await settle()
      }
      now = end
      await settle()
    },
  }
}
