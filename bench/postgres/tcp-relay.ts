/** A TCP relay in front of a database. It forwards data as it arrives, and can delay the data that goes to the database. */
import { connect, createServer, type AddressInfo, type Socket } from 'node:net'

/** Observes the data of one connection before it is forwarded. */
export interface ConnectionObserver {
  /** The client sent data to the database. */
  onSent(data: Buffer): void
  /** The client will receive data from the database. */
  onReceived(data: Buffer): void
}

export interface RelayOptions {
  /** How long data is delayed on its way to the database, ms. */
  delayMs?: number
  /** Called for each new connection. */
  observe?: () => ConnectionObserver
}

export interface TcpRelay {
  /** The database's address through the relay. */
  url: string
  close(): void
}

/** Starts a relay to the database at `url`, on a free port of the loopback interface. */
export async function startTcpRelay(url: string, { delayMs = 0, observe }: RelayOptions = {}): Promise<TcpRelay> {
  const { hostname, port } = new URL(url)
  const sockets = new Set<Socket>()
  // The order of the data is kept, because timers of the same length fire in the order in which they were set.
  const runDelayed = (action: () => void): void => void (delayMs === 0 ? action() : setTimeout(action, delayMs))
  const server = createServer({ noDelay: true }, (client) => {
    const database = connect({ port: Number(port), host: hostname, noDelay: true })
    const observer = observe?.()
    client.on('data', (data) => {
      observer?.onSent(data)
      runDelayed(() => database.write(data))
    })
    client.on('close', () => runDelayed(() => database.destroy()))
    database.on('data', (data) => {
      observer?.onReceived(data)
      client.write(data)
    })
    database.on('close', () => client.destroy())
    for (const socket of [client, database]) {
      sockets.add(socket)
      socket.on('error', () => {}).on('close', () => sockets.delete(socket))
    }
  }).listen(0, '127.0.0.1')
  await new Promise((resolve) => server.once('listening', resolve))
  return {
    url: Object.assign(new URL(url), { hostname: '127.0.0.1', port: String((server.address() as AddressInfo).port) }).href,
    close() {
      server.close()
      for (const socket of sockets) socket.destroy()
    },
  }
}
