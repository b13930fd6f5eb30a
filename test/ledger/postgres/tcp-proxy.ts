/** A TCP proxy between the ledger and its database that can drop or delay all data, or cut the connection just when a commit is answered. */
import { connect, createServer, type AddressInfo, type Socket } from 'node:net'
import type { TapTest } from '../conformance.ts'

export interface TcpProxy {
  /** The database's address through the proxy. */
  url: string
  /** Drops all data from now on, without closing a connection. New connections get no answer either. */
  dropAll(): void
  /** Forwards each response this much later from now on, ms. */
  delayResponses(ms: number): void
  /** Closes all connections and forwards data again. */
  restore(): void
  /** Leads all connections to another server from now on, and closes those there are. */
  switchTo(url: string): void
  /** The next COMMIT reaches the database, and the connection is cut before its response. */
  loseNextCommitResponse(): void
  /** How many responses to COMMIT were lost. */
  readonly lostResponses: number
}

/** COMMIT in PostgreSQL's simple query protocol. */
const commitMessage = Buffer.from('COMMIT\0')

/** Starts a proxy in front of the database at `url`. It ends with the test. */
export async function startTcpProxy(t: TapTest, url: string): Promise<TcpProxy> {
  let target = new URL(url)
  const sockets = new Set<Socket>()
  let isDropping = false
  let delayMs = 0
  let shouldLoseCommit = false
  let lostResponses = 0
  const server = createServer((ledgerSocket) => {
    const databaseSocket = connect(Number(target.port), target.hostname)
    let isCommitSent = false
    for (const [socket, other] of [
      [ledgerSocket, databaseSocket],
      [databaseSocket, ledgerSocket],
    ] as const) {
      sockets.add(socket)
      socket
        .on('error', () => {})
        .on('close', () => {
          sockets.delete(socket)
          other.destroy()
        })
    }
    ledgerSocket.on('data', (data) => {
      if (isDropping) return
      if (shouldLoseCommit && data.includes(commitMessage)) {
        shouldLoseCommit = false
        isCommitSent = true
      }
      databaseSocket.write(data)
    })
    databaseSocket.on('data', (data) => {
      if (isDropping) return
      if (!isCommitSent) return void (delayMs === 0 ? ledgerSocket.write(data) : setTimeout(() => ledgerSocket.write(data), delayMs))
      lostResponses++
      ledgerSocket.destroy()
    })
  }).listen(0, '127.0.0.1')
  await new Promise((resolve) => server.once('listening', resolve))
  t.teardown(() => {
    for (const socket of sockets) socket.destroy()
    server.close()
  })
  return {
    url: Object.assign(new URL(url), { hostname: '127.0.0.1', port: String((server.address() as AddressInfo).port) }).href,
    dropAll() {
      isDropping = true
    },
    delayResponses(ms) {
      delayMs = ms
    },
    restore() {
      isDropping = false
      for (const socket of sockets) socket.destroy()
    },
    switchTo(otherUrl) {
      target = new URL(otherUrl)
      for (const socket of sockets) socket.destroy()
    },
    loseNextCommitResponse() {
      shouldLoseCommit = true
    },
    get lostResponses() {
      return lostResponses
    },
  }
}
