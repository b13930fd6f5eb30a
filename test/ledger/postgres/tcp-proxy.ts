/** A wire between the ledger and its database that can go dead, or be cut just when a commit is answered. */
import { connect, createServer, type AddressInfo, type Socket } from 'node:net'
import type { Test } from '../conformance.ts'

export interface Wire {
  /** The database's address through the wire. */
  url: string
  /** From now on nothing comes through, and nobody says so; nor do new connections come about. */
  silence(): void
  restore(): void
  /** The next commit arrives at the database; its answer does not come back. */
  loseNextCommit(): void
  /** How many answers to commits were lost. */
  readonly lost: number
}

/** A transaction's end as the simple protocol sends it. */
const commit = Buffer.from('COMMIT\0')

export async function wireTo(t: Test, url: string): Promise<Wire> {
  const { hostname, port } = new URL(url)
  const sockets = new Set<Socket>()
  let silent = false
  let losing = false
  let lost = 0
  const server = createServer((near) => {
    const far = connect(Number(port), hostname)
    let cutting = false
    for (const [one, other] of [
      [near, far],
      [far, near],
    ] as const) {
      sockets.add(one)
      one
        .on('error', () => {})
        .on('close', () => {
          sockets.delete(one)
          other.destroy()
        })
    }
    near.on('data', (data) => {
      if (silent) return
      if (losing && data.includes(commit)) {
        losing = false
        cutting = true
      }
      far.write(data)
    })
    far.on('data', (data) => {
      if (silent) return
      if (!cutting) return void near.write(data)
      lost++
      near.destroy()
    })
  }).listen(0, '127.0.0.1')
  await new Promise((listening) => server.once('listening', listening))
  t.teardown(() => {
    for (const socket of sockets) socket.destroy()
    server.close()
  })
  return {
    url: Object.assign(new URL(url), { hostname: '127.0.0.1', port: String((server.address() as AddressInfo).port) }).href,
    silence() {
      silent = true
    },
    restore() {
      silent = false
      for (const socket of sockets) socket.destroy()
    },
    loseNextCommit() {
      losing = true
    },
    get lost() {
      return lost
    },
  }
}
